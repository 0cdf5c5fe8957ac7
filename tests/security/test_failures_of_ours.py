"""What goes wrong on our side costs nobody a point: a disk that is full, a worker that is killed.

Each is real: a course directory is graded by the command, something happens to it, and the command is given again.
More of the kind, one part at a time, is in tests/test_faults.py and tests/test_resume.py.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.build import Course
from autograder.coursedir import create
from autograder.exercises import find_assignment
from tests.security.conftest import traces
from tests.security.submissions import GLOBAL, RIGHT, SIZE, answered, descendants
from tests.security.test_class import NAME, hand_in, scores

pytestmark = [pytest.mark.sandbox, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

BIN = Path(sys.executable).parent
HONEST = answered({name: RIGHT[name] for name in (SIZE, GLOBAL)}, "import time\ntime.sleep(0.2)")
CLASS = ("anna", "bert", "cleo", "dora")
SMALL_FILES = 100 * 1024
"""Bytes of the largest file that may be written: less than a gradebook has, as on a disk that is full."""


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory: pytest.TempPathFactory, bubblewrap: None) -> Path:
    """A course directory in which everybody has handed in right answers."""
    folder = tmp_path_factory.mktemp("failures") / "course"
    create(folder, Course(Path(__file__).resolve().parents[2]), "auto", (find_assignment(NAME),))
    for student in CLASS:
        hand_in(folder, student, HONEST)
    return folder


@pytest.fixture
def course(ungraded: Path, tmp_path: Path) -> Path:
    """A copy of it, to be graded."""
    return Path(shutil.copytree(ungraded, tmp_path / "course"))


def start(course: Path, **options: object) -> subprocess.Popen[str]:
    env = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    command = [str(BIN / "autograder"), "grade", str(course), "--workers", "2"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "env": env}
    return subprocess.Popen(command, **pipes, **options)  # type: ignore[call-overload, no-any-return]


def assert_nobody_has_lost_a_point(course: Path) -> None:
    """Nobody has a zero; and graded again, everybody has full marks, and nothing is left behind."""
    assert set(scores(course).values()) <= {4.0}
    again = start(course)
    said, _ = again.communicate(timeout=900)
    assert again.returncode == 0, said
    assert scores(course) == dict.fromkeys(CLASS, 4.0), said
    assert traces(course) == set()
    assert not list((course / ".autograder" / "reports").glob("*.new"))


def test_a_full_disk(course: Path) -> None:
    """As far as it can be had without one: no file may grow beyond what the gradebook has already."""
    run = start(course, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_FILES, SMALL_FILES)))
    said, _ = run.communicate(timeout=900)
    assert run.returncode != 0, said
    assert_nobody_has_lost_a_point(course)


def test_a_worker_that_is_killed(course: Path) -> None:
    before = descendants()
    run = start(course)
    kill_when_there(lambda: workers_of(run.pid))
    said, _ = run.communicate(timeout=900)
    assert run.returncode in (0, 3), said
    assert "Traceback" not in said, said
    assert descendants() == before
    assert_nobody_has_lost_a_point(course)


def kill_when_there(find: object) -> None:
    """Kill the first process that is found, as the system does when memory runs out."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = find()  # type: ignore[operator]
        if found:
            os.kill(found[0], signal.SIGKILL)
            return
        time.sleep(0.02)
    raise TimeoutError("the process that was to be killed has not come up")


def workers_of(pid: int) -> list[int]:
    """The processes that grade: those of the command's children that have started a sandbox."""
    return [child for child in children(pid) if any("bwrap" in name(grandchild) for grandchild in children(child))]


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def name(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text()
    return ""
