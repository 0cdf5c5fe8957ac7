"""How fast a class is graded: sandboxed here, unprotected in stock nbgrader, in turns, on the same submissions.

Stock nbgrader executes whole notebooks, experiments included; this grader runs exercises only. So there are two
comparisons: (a) of notebooks as students hand them in, and (b) of the same ones without their experiments, where both
do the same work. Each round measures all of them one after the other; ratios are taken within a round.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import nbformat

from autograder.build import Course
from autograder.coursedir import create
from autograder.exercises import find_assignment

ROOT = Path(__file__).parent.parent
ASSIGNMENT = "02_pooling"
STUDENTS = ("einsum", "loops", "stride_tricks", "helpers", "integral_image", "dataclasses_and_lambdas")
"""Students of the sample class with right answers, in as many styles."""

ROUNDS = 3
COPIES = 20  # of each submission for this grader, which makes a class; six alone would measure how long the start takes
STOCK_AS_HANDED_IN, STOCK_EXERCISES = 2, 12  # submissions for stock nbgrader: with experiments it takes a minute each
CORES = 2

Measured = dict[str, float | list[float]]


def measure() -> Measured:
    """Seconds of a submission, and the ratios: medians over the rounds, and each round's figure."""
    rounds = [_round() for _ in range(ROUNDS)]
    figures: Measured = {"rounds": ROUNDS, "submissions here": len(STUDENTS) * COPIES}
    for name in rounds[0]:
        each = [one[name] for one in rounds]
        figures[name] = statistics.median(each)
        figures[f"{name}, each round"] = [round(value, 4) for value in each]
    return figures


def _round() -> dict[str, float]:
    whole = [submission(student) for student in STUDENTS]
    bare = [_without_experiments(notebook) for notebook in whole]
    here_a, here_b = _here(whole), _here(bare)
    stock_a = _stock([whole[:STOCK_AS_HANDED_IN]])
    several = list(islice(cycle(bare), STOCK_EXERCISES))
    stock_b = _stock([several])
    parallel_b = _stock([several[i::CORES] for i in range(CORES)])
    return {
        "(a) as handed in: here, sandboxed [s]": here_a,
        "(a) as handed in: stock, serial [s]": stock_a,
        "(a) stock serial / here": stock_a / here_a,
        "(b) exercises only: here, sandboxed [s]": here_b,
        "(b) exercises only: stock, serial [s]": stock_b,
        f"(b) exercises only: stock, {CORES} processes [s]": parallel_b,
        "(b) stock serial / here": stock_b / here_b,
        f"(b) stock on {CORES} cores / here": parallel_b / here_b,
    }


def submission(student: str) -> str:
    """What a student of the sample class handed in."""
    path = ROOT / "tests" / "data" / "sample_class" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return path.read_text(encoding="utf-8")


def _without_experiments(text: str) -> str:
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "experiment" not in cell.metadata.get("tags", [])]
    return str(nbformat.writes(notebook))


def _here(notebooks: Sequence[str]) -> float:
    """Seconds a submission that `autograder grade` takes, from typing it to its end, on two cores."""
    with _folder() as folder:
        create(folder / "course", Course(ROOT), "auto", (find_assignment(ASSIGNMENT),))
        for copy in range(COPIES):
            for number, text in enumerate(notebooks):
                hand_in(folder / "course", f"student{copy}-{number}", text + "\n" * copy)  # no two are the same bytes
        start = time.perf_counter()
        _run(["autograder", "grade", ".", "--workers", str(CORES)], folder / "course").wait()
        return (time.perf_counter() - start) / (COPIES * len(notebooks))


def _stock(shares: Sequence[Sequence[str]]) -> float:
    """Seconds a submission that `nbgrader autograde` takes, as it comes: one process for each share, side by side."""
    with _folder() as folder:
        courses = [_stock_course(folder / f"course{number}", share) for number, share in enumerate(shares)]
        start = time.perf_counter()
        for process in [_run(["nbgrader", "autograde", ASSIGNMENT], course) for course in courses]:
            if process.wait():
                raise RuntimeError("nbgrader autograde failed")
        return (time.perf_counter() - start) / sum(map(len, shares))


def _stock_course(root: Path, notebooks: Sequence[str]) -> Path:
    """A plain nbgrader course, with the release notebook as its source."""
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    release = (ROOT / "notebooks" / f"{ASSIGNMENT}.ipynb").read_text(encoding="utf-8")
    with_experiments = any("experiment" in text for text in notebooks)
    source.joinpath(f"{ASSIGNMENT}.ipynb").write_text(
        release if with_experiments else _without_experiments(release), encoding="utf-8"
    )
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.ExecutePreprocessor.timeout = 300\n")
    if _run(["nbgrader", "generate_assignment", ASSIGNMENT], root).wait():
        raise RuntimeError("nbgrader generate_assignment failed")
    for number, text in enumerate(notebooks):
        hand_in(root, f"student{number}", text)
    return root


def hand_in(course: Path, student: str, text: str) -> None:
    """Put a notebook where nbgrader looks for it."""
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    (folder / f"{ASSIGNMENT}.ipynb").write_text(text, encoding="utf-8")


def _run(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    here = Path(sys.executable).parent
    env = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "TQDM_DISABLE": "1"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([str(here / command[0]), *command[1:]], cwd=folder, env=env, **quiet)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
