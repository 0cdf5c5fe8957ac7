"""Runs that are killed, at any moment, and then finished: every submission lies in the gradebook once, rightly."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from autograder import recording
from autograder.classroom import ReportStore
from autograder.coursedir import ClassFolder
from autograder.recording import Recorder
from autograder.register import Register
from tests.classes import POOLING, STUDENTS, Here, copy_course, hand_in, make_course, run, scores

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ALL = {(student, POOLING): float(len(student)) for student in STUDENTS}
SAMPLES = Path(__file__).parent / "data" / "sample_class"
KILLS = 20


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("template") / "course", names=(POOLING,))


# --- between any two steps ---


def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)


def after(owner, name):
    """Die when this has been done."""
    done = getattr(owner, name)

    def and_die(*arguments, **options):
        done(*arguments, **options)
        die()

    setattr(owner, name, and_die)


MOMENTS = {
    "before a report is kept": lambda: setattr(ReportStore, "put", die),
    "after a report is kept": lambda: after(ReportStore, "put"),
    "before files are written": lambda: setattr(Recorder, "_write_files", die),
    "amid the files": lambda: setattr(recording.shutil, "move", die),
    "after one student's files": lambda: after(Recorder, "_write_files"),
    "before the rows": lambda: setattr(recording, "save", die),
    "before they are committed": lambda: after(recording, "save"),
    "after they are committed": lambda: after(Session, "commit"),
    "before they are noted": lambda: setattr(Register, "note", die),
    "after they are noted": lambda: after(Register, "note"),
}


def killed(course: ClassFolder, prepare: Callable[[], None]) -> None:
    """A run in a process of its own, which dies of what was prepared."""
    child = os.fork()
    if child == 0:
        try:
            prepare()
            run(course, names=[POOLING])
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_this_moment(template, tmp_path, moment):
    course = copy_course(template, tmp_path / "course")
    with warnings.catch_warnings(action="ignore"):
        killed(course, MOMENTS[moment])
    executor = Here()
    assert run(course, executor, names=[POOLING]).problems == []
    assert scores(course) == ALL
    assert len(executor.jobs) <= len(STUDENTS)
    if moment.startswith(("after they", "before they", "amid", "after one", "before files", "before the rows")):
        assert executor.jobs == []  # the reports were kept
    # And once more, with grades in the gradebook.
    for student in STUDENTS:
        hand_in(course, student, points=1)
    killed(course, MOMENTS[moment])
    assert run(course, names=[POOLING]).problems == []
    assert scores(course) == dict.fromkeys(ALL, 1.0)
    assert {path.name for path in (course.root / "autograded").glob(f"*/{POOLING}/*")} == {f"{POOLING}.ipynb"}


# --- the whole process group, at random ---


def submissions(course):
    """Quick real submissions: some of the sample class, each twice under other names and with an own comment."""
    for number in range(8):
        sample = ("syntax_error", "half_done", "zero_maximum", "no_cells")[number % 4]
        path = course.root / "submitted" / f"student{number}" / POOLING / f"{POOLING}.ipynb"
        shutil.copytree(SAMPLES / sample / POOLING, path.parent)
        edit(path, number)


def edit(path, number):
    path.write_text(path.read_text().replace("import numpy as np", f"import numpy as np  # {number}", 1))


def command(course):
    return [sys.executable, "-m", "autograder.cli", "grade", str(course.root), "--workers", "2"]


@pytest.mark.sandbox
def test_killed_at_random_moments(template, tmp_path, bubblewrap):
    """The command line, twenty times; now and then a submission is handed in anew, so that there is something to do."""
    undisturbed = copy_course(template, tmp_path / "undisturbed")
    for student in STUDENTS:
        shutil.rmtree(undisturbed.root / "submitted" / student)
    submissions(undisturbed)
    disturbed = copy_course(undisturbed, tmp_path / "disturbed")
    start = time.monotonic()
    subprocess.run(command(undisturbed), check=True, capture_output=True, timeout=300)
    whole = time.monotonic() - start
    chance = random.Random(20)
    for kill in range(KILLS):
        process = subprocess.Popen(
            command(disturbed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        # The last moments, when files and rows are written, are as likely as the long time of starting and grading.
        try:
            process.wait(timeout=chance.choice([chance.uniform(0.2, whole), chance.uniform(0.7 * whole, whole)]) / 2)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        scores(disturbed)  # nothing lies there twice
        if kill % 4 == 3:
            edit(disturbed.root / "submitted" / f"student{kill % 8}" / POOLING / f"{POOLING}.ipynb", kill)
    subprocess.run(command(disturbed), check=True, capture_output=True, timeout=300)
    assert scores(disturbed) == scores(undisturbed)
    assert len(scores(disturbed)) == 8
