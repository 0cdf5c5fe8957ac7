"""How long a student waits: importing the package, and what `check` adds to the time of the student's own code."""

import contextlib
import io
import statistics
import subprocess
import sys
import time

import solutions.pooling
from cs231n_utils import checking
from cs231n_utils.checking.calls import run
from cs231n_utils.checking.key import load
from cs231n_utils.checking.verdict import Status

RUNS = 7


def measure() -> dict[str, float]:
    """Medians in seconds: import beyond NumPy's, and for the slowest exercise what check costs beyond the calls."""
    numpy, ours = (_import_seconds(module) for module in ("numpy", "cs231n_utils"))
    overheads = {name: _check_overhead(name) for name in ("max_pool_forward_naive", "max_pool_backward_fast")}
    return {
        "import numpy [s]": numpy,
        "import cs231n_utils beyond NumPy [s]": ours - numpy,
        **{f"check({name}) beyond the calls [s]": seconds for name, seconds in overheads.items()},
    }


def _import_seconds(module: str) -> float:
    def once() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        return time.perf_counter() - start

    return statistics.median(once() for _ in range(RUNS))


def _check_overhead(name: str) -> float:
    """The reference stands for the student; the repeats and the baseline of a timed case are counted as ours."""
    key = load(name)
    functions = {call.function: getattr(solutions.pooling, call.function) for call in key.calls}

    def once() -> float:
        start = time.perf_counter()
        answers = [checking._answer(key, case, functions) for case in key.cases]
        with contextlib.redirect_stdout(io.StringIO()):
            verdict = checking.judge(key, answers)
            checking.panel.show(verdict)
        whole = time.perf_counter() - start
        assert verdict.status == Status.PASSED
        start = time.perf_counter()
        for case in key.cases:
            run(key.calls, functions, case.inputs)
        return whole - (time.perf_counter() - start)

    return statistics.median(once() for _ in range(RUNS))
