"""Whatever breaks around students' code is tried again, then reported, and never a zero; the class goes on."""

import os
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path

import pytest

from autograder import classroom, recording
from autograder.coursedir import ClassFolder
from autograder.pool import Pool
from autograder.sandbox import SandboxFailure, SandboxUnavailable
from tests.classes import (
    POOLING,
    STUDENTS,
    Here,
    Through,
    copy_course,
    hand_in,
    make_course,
    report_of,
    report_or_die,
    run,
    scores,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ALL = {(student, POOLING): float(len(student)) for student in STUDENTS}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("template") / "course", names=(POOLING,))


@pytest.fixture
def course(template, tmp_path):
    return copy_course(template, tmp_path / "course")


# --- a worker is killed ---


def test_a_worker_that_is_killed_once(course, tmp_path):
    hand_in(course, str(tmp_path / "once"), points=3).parent.parent.rename(course.root / "submitted" / "once")
    path = course.root / "submitted" / "once" / POOLING / f"{POOLING}.ipynb"
    path.write_bytes(hand_in(course, "zoe").read_bytes().replace(b"zoe 3", f"{tmp_path}/killed 3".encode()))
    with Pool(2) as pool:
        done = run(course, Through(pool, report_or_die))
    assert done.problems == []
    assert (tmp_path / "killed").exists()
    assert scores(course) == ALL | {("once", POOLING): 3.0, ("zoe", POOLING): 3.0}


def test_a_submission_that_kills_every_worker(course):
    for student in ("killer", "zoe"):
        hand_in(course, student, points=3)
    with Pool(2) as pool:
        done = run(course, Through(pool, report_or_die))
    assert scores(course) == ALL | {("zoe", POOLING): 3.0}
    assert [problem.split(",")[0] for problem in done.problems] == ["killer"]
    assert "the process that graded it was killed" in done.problems[0]
    assert {line.statuses for line in done.lines if line.student == "killer"} == {("grader_error",)}


def test_a_pool_ends_with_its_parent(tmp_path):
    """A worker whose parent is killed does not wait for work for ever."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, signal, time\nfrom autograder.pool import Pool\n"
        "if __name__ == '__main__':\n"
        "    print(Pool(1).submit(os.getpid).result(), flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    said = subprocess.run([os.sys.executable, script], capture_output=True, text=True, timeout=60).stdout
    end = time.monotonic() + 10
    while Path(f"/proc/{int(said)}").exists():
        assert time.monotonic() < end, "the worker lives on"
        time.sleep(0.05)


# --- the sandbox does not start ---


class Failing:
    """Grades, but for the first so many attempts at a student's."""

    def __init__(self, problem, times):
        self.problem = problem
        self.left = times
        self.calls = 0

    def __call__(self, job):
        if job.student == "bert" and self.left:
            self.left -= 1
            raise self.problem
        self.calls += 1
        return report_of(job)


@pytest.mark.parametrize("problem", [SandboxUnavailable("no bubblewrap"), SandboxFailure("it did not start")], ids=repr)
def test_a_sandbox_that_does_not_start(course, problem):
    assert run(course, Here(Failing(problem, times=1))).problems == []
    assert scores(course) == ALL
    done = run(course, Here(Failing(problem, times=2)), force=True)
    assert len(done.problems) == 1
    assert done.problems[0].startswith("bert, 02_pooling: the grader failed, not the submission")
    assert done.problems[0].endswith("Grade again.")
    assert scores(course) == ALL  # what he had stays


# --- the disk is full ---


def fill(folder):
    """Write until nothing fits any more."""
    with (folder / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * 4096):
            pass


@pytest.fixture
def small_disk(template, tmp_path):
    """A course directory on a file system of its own, with room for a few files."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield copy_course(template, place / "course")
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk(small_disk):
    run(small_disk, names=[POOLING])
    for student in STUDENTS:
        hand_in(small_disk, student, points=1)
    fill(small_disk.root)
    done = run(small_disk)
    assert len(done.problems) == len(STUDENTS)
    assert all("No space left" in problem for problem in done.problems)
    assert scores(small_disk) == ALL
    (small_disk.root / "filler").unlink()
    assert run(small_disk).problems == []
    assert scores(small_disk) == dict.fromkeys(ALL, 1.0)
    assert [path.name for path in (small_disk.root / ".autograder").glob("**/*.new")] == []


def test_a_disk_with_no_room_for_reports(course, monkeypatch):
    def full(store, job, report):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(classroom.ReportStore, "put", full)
    done = run(course)
    assert all("the report could not be kept" in problem for problem in done.problems)
    assert len(done.problems) == len(STUDENTS)
    assert scores(course) == {}


def test_a_disk_with_no_room_for_a_notebook(course, monkeypatch):
    put = recording.Recorder._put

    def full(self, path, content):
        if "bert" in str(path):
            raise OSError(28, "No space left on device")
        put(self, path, content)

    monkeypatch.setattr(recording.Recorder, "_put", full)
    done = run(course)
    assert len(done.problems) == 1
    assert "bert, 02_pooling: graded, but not recorded" in done.problems[0]
    assert "No space left" in done.problems[0]
    monkeypatch.undo()
    assert run(course, Here(pytest.fail)).problems == []
    assert scores(course) == ALL


# --- the gradebook is locked ---


class Lock:
    """Another program that holds the gradebook, from when it is entered."""

    def __init__(self, course: ClassFolder) -> None:
        self.database = sqlite3.connect(course.root / "gradebook.db", isolation_level=None, check_same_thread=False)
        self.database.execute("BEGIN EXCLUSIVE")

    def release(self) -> None:
        self.database.execute("ROLLBACK")
        self.database.close()


def test_a_gradebook_that_is_locked_for_a_while(course):
    lock = Lock(course)
    timer = threading.Timer(2.0, lock.release)
    timer.start()
    assert run(course).problems == []
    timer.join()
    assert scores(course) == ALL


def test_a_gradebook_that_stays_locked(course, monkeypatch):
    monkeypatch.setattr(recording, "PATIENCE", 0.5)
    lock = Lock(course)
    done = run(course)
    lock.release()
    assert len(done.problems) == len(STUDENTS)
    assert all("graded, but not recorded: the gradebook cannot be written" in problem for problem in done.problems)
    assert all("locked" in problem for problem in done.problems)
    assert run(course, Here(pytest.fail)).problems == []  # recorded, from the reports that were kept
    assert scores(course) == ALL


def test_two_runs_on_one_gradebook(course):
    """Two coordinators at once, by threads: each records the whole class."""
    for number in range(40):
        hand_in(course, f"student{number}", points=number % 5)
    problems = []

    def record() -> None:
        jobs = [course.job(handed, "none", course.limits) for handed in course.submissions([POOLING], None)]
        writer = recording.Recorder(course)
        for start in range(0, len(jobs), 5):
            problems.append(writer.record([(job, report_of(job)) for job in jobs[start : start + 5]]))
        writer.close()

    threads = [threading.Thread(target=record) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == [{}] * len(problems)
    assert len(scores(course)) == 44


def test_executors_are_of_the_standard_library():
    assert issubclass(Pool, Executor)
