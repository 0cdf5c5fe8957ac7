"""How long a submission takes, sandboxed here and unprotected in stock nbgrader, in one run on the same notebooks."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.classroom import Job
from autograder.exercises import find_assignment
from autograder.grading import grade
from autograder.sandbox import open_sandbox

ROOT = Path(__file__).parent.parent
SUBMISSIONS = ("loops", "einsum", "stride_tricks")
ASSIGNMENT = "02_pooling"


def measure() -> dict[str, float | int]:
    """Seconds for each submission, and the ratio, stock serial nbgrader to this grader, one submission at a time."""
    ours = _ours()
    stock = _stock()
    return {
        "submissions": len(SUBMISSIONS),
        "here, sandboxed, median of a submission [s]": ours,
        "stock nbgrader autograde, mean of a submission [s]": stock,
        "stock / here": stock / ours,
    }


def _path(student: str) -> Path:
    return ROOT / "tests" / "data" / "sample_class" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def _ours() -> float:
    assignment = find_assignment(ASSIGNMENT)
    seconds = []
    with open_sandbox() as sandbox:
        for student in SUBMISSIONS:
            job = Job(student, ASSIGNMENT, f"{ASSIGNMENT}.ipynb", _path(student).read_bytes(), seed=1)
            for _ in range(3):
                start = time.perf_counter()
                report = grade(job.data, job.name, [assignment], sandbox, job.seed, only=assignment)
                seconds.append(time.perf_counter() - start)
                assert report.score == report.max_score, report
    return statistics.median(seconds)


def _stock() -> float:
    """A plain nbgrader course with the release notebook as its source, graded by `nbgrader autograde` as it comes."""
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "TQDM_DISABLE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source", ASSIGNMENT)
        source.mkdir(parents=True)
        shutil.copy(ROOT / "notebooks" / f"{ASSIGNMENT}.ipynb", source)
        for student in SUBMISSIONS:
            target = Path(folder, "submitted", student, ASSIGNMENT)
            target.mkdir(parents=True)
            shutil.copy(_path(student), target)
        # A release notebook raises where it is not implemented, and stock nbgrader is to go on behind that.
        Path(folder, "nbgrader_config.py").write_text("c = get_config()\nc.ExecutePreprocessor.timeout = 300\n")
        quiet = {"cwd": folder, "env": env, "check": True, "capture_output": True}
        subprocess.run(["nbgrader", "generate_assignment", ASSIGNMENT], **quiet)  # type: ignore[call-overload]
        start = time.perf_counter()
        subprocess.run(["nbgrader", "autograde", ASSIGNMENT], **quiet)  # type: ignore[call-overload]
        return (time.perf_counter() - start) / len(SUBMISSIONS)
