"""The gradebook in PostgreSQL: a real server, started here, and the same grades as in SQLite."""

import os
import shutil
import subprocess
import sys
import time
import warnings
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, text

from autograder.coursedir import ClassFolder, CourseDirectoryError
from autograder.recorded import known_assignments, recorded_scores, shown
from tests.classes import POOLING, STUDENTS, Here, copy_course, hand_in, make_course, run

pytest.importorskip("psycopg", reason="the extra `postgresql` is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
START_SECONDS = 60.0
BIN = Path(sys.executable).parent

ALL = {(student, POOLING): float(len(student)) for student in STUDENTS}


def as_postgres(*command, **options):
    """PostgreSQL refuses to run as root."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=START_SECONDS, **user, **options)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a server with nothing in it, on a socket in a folder of its own."""
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed (Debian, Ubuntu: apt install postgresql)")
    folder = Path("/tmp" if os.geteuid() == 0 else tmp_path_factory.mktemp("p"), f"pg{uuid4().hex[:8]}")
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    as_postgres(BINARIES[-1] / "initdb", "-D", data, "-A", "trust", "-U", "grader", "--no-sync")
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    control = [BINARIES[-1] / "pg_ctl", "-D", data, "-l", folder / "log"]
    try:
        as_postgres(*control, "-w", "-o", settings, "start")
        yield folder
    finally:
        as_postgres(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def url(server):
    """The address of a new, empty database."""
    name = f"grades_{uuid4().hex[:8]}"
    engine = create_engine(address(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address(server, name)


def address(server, name):
    return f"postgresql+psycopg://grader@/{name}?host={server}"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("template") / "course", names=(POOLING,))


@pytest.fixture
def course(template, tmp_path, url):
    """The class with its gradebook in PostgreSQL, which is made where it is missing."""
    made = ClassFolder(copy_course(template, tmp_path / "course").root, url)
    with warnings.catch_warnings(action="ignore"):
        made.prepare([POOLING])
    return made


def test_an_empty_database_is_filled(template, url):
    assert known_assignments(url) == set()
    assert recorded_scores(url) == {}
    course = ClassFolder(template.root, url)
    with warnings.catch_warnings(action="ignore"):
        course.prepare([POOLING])
    assert known_assignments(url) == {POOLING}
    with pytest.raises(CourseDirectoryError, match="03_batchnorm is not in the gradebook, and there is no"):
        course.prepare(["03_batchnorm"])


def test_the_class_is_graded_marked_by_a_person_and_graded_again(course):
    assert run(course, names=[POOLING]).problems == []
    assert recorded_scores(course.gradebook) == ALL
    assert recorded_scores(f"sqlite:///{course.root}/gradebook.db") == {}
    with warnings.catch_warnings(action="ignore"), closing(Gradebook(course.gradebook)) as book:
        grade = book.find_grade("check_pool_output_size", POOLING, POOLING, "anna")
        grade.manual_score = 0.5
        book.db.commit()
    hand_in(course, "anna", points=2)
    assert run(course, names=[POOLING]).problems == []
    with warnings.catch_warnings(action="ignore"), closing(Gradebook(course.gradebook)) as book:
        grade = book.find_grade("check_pool_output_size", POOLING, POOLING, "anna")
        assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (2.0, 0.5, True)
        assert {s.student.id for s in book.assignment_submissions(POOLING)} == set(STUDENTS)
    assert run(course, Here(pytest.fail), names=[POOLING]).problems == []


def test_two_gradebooks_of_one_course_are_two(course, template):
    run(course, names=[POOLING])
    own = ClassFolder(course.root)
    run(own, Here(pytest.fail), names=[POOLING])
    assert recorded_scores(own.gradebook) == recorded_scores(course.gradebook) == ALL


RECORD = """
import sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from autograder.coursedir import ClassFolder
from autograder.recording import Recorder
from tests.classes import report_of, POOLING
course = ClassFolder(Path(sys.argv[1]), sys.argv[2])
jobs = [course.job(handed, "none", course.limits) for handed in course.submissions([POOLING], None)]
writer = Recorder(course)
sys.stdin.read(1)
for _ in range(3):
    for start in range(0, len(jobs), 7):
        print(writer.record([(job, report_of(job)) for job in jobs[start : start + 7]]))
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_coordinators_at_once(course, kind):
    """Two processes record the same sixty submissions, three times over."""
    for number in range(60):
        hand_in(course, f"student{number}", points=number % 5)
    url = course.gradebook if kind == "postgresql" else f"sqlite:///{course.root}/gradebook.db"
    command = [sys.executable, "-c", RECORD, str(course.root), url]
    env = os.environ | {"PYTHONPATH": f"{Path(__file__).parent.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": env}
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]
    time.sleep(0.1)
    for process in processes:
        process.stdin.write("x")
        process.stdin.flush()
    for process in processes:
        said, wrong = process.communicate(timeout=120)
        assert set(said.split("\n")) == {"{}", ""}, said + wrong
        assert process.returncode == 0
    wanted = ALL | {(f"student{number}", POOLING): float(number % 5) for number in range(60)}
    assert recorded_scores(url) == wanted
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = ("student", "submitted_assignment", "submitted_notebook")
        counts = {name: connection.execute(text(f"SELECT COUNT(*) FROM {name}")).scalar() for name in tables}
    engine.dispose()
    assert counts == dict.fromkeys(tables, 64)


def test_a_server_that_is_gone(course, monkeypatch, server):
    from autograder import recording

    monkeypatch.setattr(recording, "PATIENCE", 0.3)
    gone = ClassFolder(course.root, f"postgresql+psycopg://grader@/nothing?host={server}")
    done = run(gone, names=[POOLING])
    assert len(done.problems) == len(STUDENTS)
    assert all("the gradebook cannot be written" in problem for problem in done.problems)
    assert run(course, Here(pytest.fail), names=[POOLING]).problems == []


@pytest.mark.sandbox
def test_the_commands(bubblewrap, course):
    """By the command line, with an address on each; then nbgrader's own command, with the address in its settings."""
    for student in STUDENTS[1:]:
        shutil.rmtree(course.root / "submitted" / student)
    env = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}

    def call(*arguments):
        done = subprocess.run(arguments, cwd=course.root, env=env, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join((done.stdout + done.stderr).split())

    own = [sys.executable, "-m", "autograder.cli"]
    assert shown(course.gradebook) in call(*own, "grade", ".", "--db", course.gradebook)
    call(*own, "feedback", ".", "--db", course.gradebook)
    assert (course.root / "feedback" / "anna" / POOLING / f"{POOLING}.html").is_file()
    call(*own, "export", ".", "--db", course.gradebook, "--output", "out.csv")
    assert "02_pooling,anna," in (course.root / "out.csv").read_text()
    call(BIN / "nbgrader", "autograde", POOLING, "--force", "--db", course.gradebook)
    assert recorded_scores(course.gradebook) == {("anna", POOLING): 0.0}


def test_a_password_is_not_shown():
    assert (
        shown("postgresql+psycopg://anna:secret@localhost/grades") == "postgresql+psycopg://anna:***@localhost/grades"
    )
