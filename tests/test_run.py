"""A run over a class: what is new is graded and recorded, what has not changed is not even read."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder import classroom, coursedir, register
from autograder.dependencies import code_of, fingerprint
from autograder.exercises import ASSIGNMENTS, find_assignment
from autograder.grading import made_from
from autograder.register import Known, Line, Register, signature
from tests.classes import CHECKING, POOLING, STUDENTS, Here, copy_course, hand_in, make_course, run, scores

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ALL = {(student, name): float(len(student)) for student in STUDENTS for name in (POOLING, CHECKING)}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("template") / "course")


@pytest.fixture
def course(template, tmp_path, monkeypatch):
    """A class that has been graded; its files count as settled, though they have just been written."""
    monkeypatch.setattr(register, "UNSETTLED_NS", 0)
    course = copy_course(template, tmp_path / "course")
    assert len(run(course).lines) == len(ALL)
    return course


def who(run):
    return sorted((handed.student, handed.assignment) for handed in run.todo)


def test_all_is_graded_and_recorded(template, tmp_path):
    course = copy_course(template, tmp_path / "course")
    done = run(course)
    assert scores(course) == ALL
    assert {(line.student, line.assignment): line.score for line in done.lines} == ALL
    assert done.yielded == done.lines
    assert done.problems == []
    line = done.lines[0]
    assert (line.right, line.statuses, line.message) == (0, ("failed", "partial"), "wrong")
    assert {path.name for path in (course.root / "autograded").iterdir()} == set(STUDENTS)


def test_an_unchanged_class_is_not_read(course, monkeypatch):
    monkeypatch.setattr(coursedir, "read_file", lambda path: pytest.fail(f"{path} was read"))
    monkeypatch.setattr(classroom.ReportStore, "get", lambda store, job: pytest.fail("a report was read"))
    again = run(course, Here(pytest.fail))
    assert again.todo == []
    assert {(line.student, line.assignment): line.score for line in again.lines} == ALL


def test_what_changed_is_graded(course):
    hand_in(course, "bert", points=1)
    hand_in(course, "emil", points=2)
    executor = Here()
    done = run(course, executor)
    assert [job.student for job in executor.jobs] == ["bert", "emil"]
    assert len(done.lines) == len(ALL) + 1
    assert scores(course) == ALL | {("bert", POOLING): 1, ("emil", POOLING): 2}


def test_what_was_touched_is_recorded_but_not_graded(course):
    (course.root / "submitted" / "cleo" / CHECKING / "helper.py").write_text("x = 1")
    os.utime(course.root / "submitted" / "anna" / POOLING / f"{POOLING}.ipynb", (1, 1))
    executor = Here(pytest.fail)
    done = run(course, executor)
    assert who(done) == [("anna", POOLING), ("cleo", CHECKING)]
    assert (executor.jobs, done.problems) == ([], [])
    assert (course.root / "autograded" / "cleo" / CHECKING / "helper.py").read_text() == "x = 1"


def test_what_was_changed_a_moment_ago_is_looked_at_again(course, monkeypatch):
    monkeypatch.undo()
    hand_in(course, "anna", points=3)
    run(course)
    path = course.root / "submitted" / "anna" / POOLING / f"{POOLING}.ipynb"
    before = path.stat()
    path.write_text(path.read_text().replace("anna 3", "anna 2"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    run(course)
    assert scores(course)["anna", POOLING] == 2


@pytest.fixture
def checking_changed(course, monkeypatch):
    """One assignment's files have changed."""

    def changed(assignment):
        return "another version" if assignment.name == CHECKING else fingerprint(assignment)

    monkeypatch.setattr(classroom, "fingerprint", changed)


@pytest.mark.usefixtures("checking_changed")
def test_files_that_change_no_exercise_grade_nothing(course):
    executor = Here()
    assert who(run(course, executor)) == [(student, CHECKING) for student in STUDENTS]
    assert executor.jobs == []
    assert run(course).todo == []


@pytest.mark.usefixtures("checking_changed")
def test_a_changed_exercise_grades_only_what_it_touches(course, monkeypatch):
    first = find_assignment(CHECKING).exercises[0]

    def changed(assignment, exercise, seed):
        return "another version" if exercise.name == first.name else made_from(assignment, exercise, seed)

    monkeypatch.setattr(classroom, "made_from", changed)
    executor = Here()
    assert who(run(course, executor)) == [(student, CHECKING) for student in STUDENTS]
    assert {job.assignment for job in executor.jobs} == {CHECKING}
    others = [exercise.name for exercise in find_assignment(CHECKING).exercises[1:]]
    assert all([verdict.name for verdict in job.known] == others for job in executor.jobs)


def test_force_grades_everything(course):
    executor = Here()
    done = run(course, executor, force=True)
    assert len(executor.jobs) == len(done.lines) == len(ALL)
    assert run(course).todo == []


def test_one_student_and_one_assignment(template, tmp_path):
    course = copy_course(template, tmp_path / "course")
    assert who(run(course, names=[CHECKING], student="dora")) == [("dora", CHECKING)]
    assert set(scores(course)) == {("dora", CHECKING)}


@pytest.mark.parametrize("lost", ["gradebook.db", "autograded/bert", ".autograder/register.db", "damaged register"])
def test_what_was_lost_is_made_again(course, lost):
    if lost == "damaged register":
        (course.root / ".autograder" / "register.db").write_bytes(b"no database at all" * 1000)
    else:
        path = course.root / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    course.prepare([POOLING, CHECKING])
    executor = Here(pytest.fail)  # the reports are there
    done = run(course, executor)
    assert done.problems == []
    assert scores(course) == ALL
    assert len(done.lines) == len(ALL)
    assert run(course).todo == []


def test_grades_that_are_not_what_was_noted_are_recorded_again(course):
    """As when a gradebook is replaced by an older copy of itself."""
    with sqlite3.connect(course.root / "gradebook.db") as database:
        database.execute("UPDATE grade SET auto_score = 0 WHERE auto_score = 4")
    database.close()
    assert len(run(course).todo) == len(ALL)
    assert scores(course) == ALL
    assert run(course).todo == []


def test_other_limits_grade_everything(course):
    config = course.root / "nbgrader_config.py"
    before = config.read_text()
    config.write_text(
        before + '\nc.GradingExporter.limits = {"exercises": {"two_by_two_pool_size": {"cpu_seconds": 5}}}\n'
    )
    executor = Here()
    run(course, executor)
    assert len(executor.jobs) == len(ALL)
    assert executor.jobs[0].limits.of("two_by_two_pool_size").cpu_seconds == 5
    config.write_text(before)
    assert run(course, Here(pytest.fail)).problems == []


# --- the register ---


def test_a_register_for_each_gradebook(tmp_path):
    line = Line("caf\udce9", POOLING, 1.0, 2.0, 0, 1, ("failed",), "m")
    known = Known("looks", "digest", "fingerprint", line)
    first = Register(tmp_path / "register.db", "sqlite:///a.db")
    first.note([known])
    first.note([known])
    assert first.read() == {("caf\udce9", POOLING): known}
    assert Register(tmp_path / "register.db", "sqlite:///b.db").read() == {}
    assert b"a.db" not in (tmp_path / "register.db").read_bytes()


def test_a_signature_tells_files_apart(tmp_path):
    assert signature(tmp_path / "nothing") is None
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_text("1")
    (tmp_path / "link").symlink_to("/etc")
    assert signature(tmp_path) is None  # it has just been written
    time.sleep(2.1)
    seen = {signature(tmp_path)}
    assert seen == {signature(tmp_path)}
    os.utime(tmp_path / "deep" / "a", (1, 1))
    time.sleep(2.1)
    assert signature(tmp_path) not in seen
    assert None not in {*seen, signature(tmp_path)}


# --- what a report depends on ---


def test_what_an_assignment_depends_on():
    names = {str(path.relative_to(Path(__file__).parent.parent)) for path in code_of(find_assignment("02_pooling"))}
    for name in ("solutions/pooling.py", "autograder/exercises/pooling.py", "autograder/exercises/mistakes/pooling.py"):
        assert name in names
        assert name.replace("pooling", "batchnorm") not in names
    for name in (
        "grading.py",
        "keys.py",
        "jobs.py",
        "submission.py",
        "sandbox/inside/runner.py",
        "exercises/exercise.py",
    ):
        assert f"autograder/{name}" in names
    assert {"cs231n_utils/checking/compare.py", "cs231n_utils/layers.py"} <= names
    assert not names & {"autograder/cli.py", "autograder/console.py", "autograder/rows.py", "autograder/run.py"}
    borrowed = {
        path.stem for path in code_of(find_assignment("04_spatial_batchnorm")) if path.parent.name == "mistakes"
    }
    assert borrowed == {"__init__", "spatial_batchnorm", "batchnorm", "normalizing"}


def test_nothing_that_grading_imports_is_left_out():
    """Started anew, so that nothing else has imported anything."""
    code = "import sys, autograder.grading; print(*(vars(m).get('__file__') for m in sys.modules.values()))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    root = Path(__file__).parent.parent
    ours = {Path(name) for name in loaded if Path(name).is_relative_to(root) and ".venv" not in name}
    counted = {path for assignment in ASSIGNMENTS for path in code_of(assignment)}
    assert len(ours) > 40
    assert {path for path in ours - counted if path.name != "__init__.py" or path.parent.name != "solutions"} == set()


def test_fingerprints_differ():
    assert len({fingerprint(assignment) for assignment in ASSIGNMENTS}) == len(ASSIGNMENTS)
