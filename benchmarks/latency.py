"""How long a student waits: importing the package, and what `check` adds to the time of the student's own code.

    python -m benchmarks.latency    prints a table of all exercises of all notebooks

For each exercise a right answer is checked (the reference), one that shows a known mistake, and one that nothing
explains (the reference's numbers with noise), which is looked at longest. The answer key is read anew each time, as in
a student's first check. The student's own time is that of one call for each case; all else is ours: further runs of
timed cases and their baseline, the comparison, the diagnosis, and the panel as text and as HTML. Of several runs the
fastest counts: other work on the machine only ever makes a run slower.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from autograder.exercises import ASSIGNMENTS, Assignment, Exercise
from autograder.keys import mistaken_functions
from cs231n_utils import checking
from cs231n_utils.checking import panel
from cs231n_utils.checking.calls import run as calls_run
from cs231n_utils.checking.key import load
from cs231n_utils.checking.progress_book import ProgressBook
from cs231n_utils.plotting import table

IMPORT_RUNS, CHECK_RUNS = 9, 3
ANSWERS = ("right", "known mistake", "noise")
MOST_IMPORT, MOST_CHECK = 0.15, 0.2  # seconds: what a student does not notice

Functions = Mapping[str, Callable[..., Any]]


def measure() -> dict[str, float | str]:
    """Seconds: import beyond NumPy's, and the exercises with the slowest checks beyond the calls."""
    numpy, ours = (_import_seconds(module) for module in ("numpy", "cs231n_utils"))
    figures: dict[str, float | str] = {"import numpy [s]": numpy, "import cs231n_utils beyond NumPy [s]": ours - numpy}
    seconds = dict(_checks())
    for number, answer in enumerate(ANSWERS):
        worst = max(seconds, key=lambda name: seconds[name][number])
        figures[f"check beyond the calls, {answer}, slowest [s]"] = seconds[worst][number]
        figures[f"check beyond the calls, {answer}, slowest exercise"] = worst
        figures[f"check beyond the calls, {answer}, median [s]"] = statistics.median(
            each[number] for each in seconds.values()
        )
    return figures


def _checks() -> Iterator[tuple[str, list[float]]]:
    """Each exercise's name, and the seconds that `check` adds to each of ANSWERS; in the same order."""
    for assignment in ASSIGNMENTS:
        for exercise in assignment.exercises:
            answers = [_references(assignment, exercise), _mistaken(assignment, exercise), _noisy(assignment, exercise)]
            yield exercise.name, [_overhead(exercise.name, functions) for functions in answers]


def _references(assignment: Assignment, exercise: Exercise) -> Functions:
    return {name: getattr(assignment.solutions, name) for name in load(exercise.name).functions}


def _mistaken(assignment: Assignment, exercise: Exercise) -> Functions:
    return mistaken_functions(assignment.solutions, exercise, exercise.mistakes[0], load(exercise.name).cases)


def _noisy(assignment: Assignment, exercise: Exercise) -> Functions:
    """The references, with noise on every array that the exercise's own function returns."""
    functions = dict(_references(assignment, exercise))
    own = functions[exercise.name]
    rng = np.random.default_rng(0)

    def noisy(*arguments: Any, **keywords: Any) -> Any:
        returned = own(*arguments, **keywords)
        if isinstance(returned, tuple):
            return tuple(map(blurred, returned))
        return blurred(returned)

    def blurred(value: Any) -> Any:
        is_array = isinstance(value, np.ndarray) and value.dtype.kind == "f"
        return value + rng.standard_normal(value.shape) if is_array else value

    return functions | {exercise.name: noisy}


def _overhead(name: str, functions: Functions) -> float:
    """Seconds of check(name) beyond one call for each case, in a notebook's folder."""
    space = {**functions, "check": checking.check}

    def once(folder: Path) -> float:
        own: dict[int, float] = {}  # by the case's inputs: the first call counts as the student's

        def run(calls: Any, known: Functions, inputs: Any) -> Any:
            start = time.perf_counter()
            record = calls_run(calls, known, inputs)
            own.setdefault(id(inputs), time.perf_counter() - start)
            return record

        load.cache_clear()
        with (
            patch.object(checking, "run", run),
            patch.object(checking, "_BOOK", ProgressBook(folder)),
            patch.object(panel, "display", lambda text, rich: rich()),
            contextlib.suppress(checking.CheckFailed),
        ):
            start = time.perf_counter()
            try:
                exec(f"check({name})", space)
            finally:
                seconds = time.perf_counter() - start
        return seconds - sum(own.values())

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "notebook.ipynb").touch()
        return min(once(Path(folder)) for _ in range(CHECK_RUNS))


def _import_seconds(module: str) -> float:
    """Seconds of a process that imports a module which is compiled already, as it is at every start but the first."""
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}

        def once() -> float:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=env)
            return time.perf_counter() - start

        once()
        return min(once() for _ in range(IMPORT_RUNS))


def main() -> None:
    """Print the table, and fail where a student would wait."""
    numpy, ours = (_import_seconds(module) for module in ("numpy", "cs231n_utils"))
    seconds = dict(_checks())
    rows = [[name, *(f"{1000 * each:.0f}" for each in figures)] for name, figures in seconds.items()]
    print(table(["check, beyond the calls [ms]", *ANSWERS], rows))
    worst = max(seconds, key=lambda name: max(seconds[name]))
    print(f"\nslowest: {worst}, {1000 * max(seconds[worst]):.0f} ms; at most {1000 * MOST_CHECK:.0f} ms are wanted")
    print(f"import cs231n_utils: {1000 * (ours - numpy):.0f} ms beyond NumPy; at most {1000 * MOST_IMPORT:.0f} ms")
    if max(seconds[worst]) > MOST_CHECK or ours - numpy > MOST_IMPORT:
        sys.exit(1)


if __name__ == "__main__":
    main()
