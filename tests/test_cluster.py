"""Grading on a Dask cluster: a real scheduler and real workers, started from the command line, on this machine."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from autograder import cluster as cluster_module
from autograder.build import Course
from autograder.classroom import Job, ReportStore, grade_class, grade_job
from autograder.cluster import ClusterError, cluster
from autograder.coursedir import create
from autograder.exercises import find_assignment
from autograder.fingerprint import Installation
from autograder.gradebook import course_seed
from autograder.grading import Report
from cs231n_utils.checking.verdict import Status

dask = pytest.importorskip("dask", reason="the extra `cluster` is not installed")
distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

ROOT = Path(__file__).parent.parent
SAMPLE_CLASS = ROOT / "tests" / "data" / "sample_class"
ASSIGNMENT = "02_pooling"
QUICK = ("einsum", "half_done", "syntax_error", "zero_maximum")
START_SECONDS = 60.0  # importing, on a machine that does other things as well


# --- processes ---


@contextmanager
def started(log: Path, command: Sequence[str], env: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of Dask's, as a person starts it; it is gone afterwards."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"} | env
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *command], env=environment, cwd=log.parent, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not true():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


@contextmanager
def scheduling(folder: Path, *options: str, **env: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A scheduler: its address, and its process."""
    where, log = folder / "scheduler.json", folder / "scheduler.log"
    command = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"]
    with started(log, [*command, "--scheduler-file", str(where), *options], env) as process:
        until(lambda: where.is_file() and where.read_text().endswith("}"), log)
        yield json.loads(where.read_text())["address"], process


@contextmanager
def working(
    scheduler: str, folder: Path, *options: str, threads: int = 1, **env: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker of this scheduler."""
    log = folder / f"{uuid4().hex}.log"
    command = ["worker", scheduler, "--no-nanny", "--nthreads", str(threads), "--host", "127.0.0.1", "--no-dashboard"]
    with started(log, [*command, "--local-directory", str(folder), *options], env) as process:
        until(lambda: b"Registered to" in log.read_bytes(), log)
        yield process


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler that has no workers yet."""
    with scheduling(tmp_path_factory.mktemp("scheduler")) as (address, _):
        yield address


# --- submissions ---


def job(student: str) -> Job:
    path = SAMPLE_CLASS / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return Job(student, ASSIGNMENT, path.name, path.read_bytes(), seed=1)


def timeless(report: Report) -> Report:
    """A report without the times, which are never twice the same."""
    exercises = (
        replace(exercise, findings=tuple(replace(finding, seconds=0.0) for finding in exercise.findings))
        for exercise in report.exercises
    )
    return replace(report, seconds=0.0, exercises=tuple(exercises))


@pytest.mark.sandbox
def test_reports_are_those_of_this_machine_though_a_worker_is_killed(
    bubblewrap: None, scheduler: str, tmp_path: Path
) -> None:
    jobs = [replace(job(student), student=f"{student}-{copy}") for copy in range(4) for student in QUICK]
    reports: dict[str, Report] = {}
    # In a worker of two threads each has a sandbox of its own.
    with working(scheduler, tmp_path) as first, working(scheduler, tmp_path, threads=2), cluster(scheduler) as executor:
        for done, report in grade_class(jobs, executor, ReportStore(tmp_path / "reports"), force=True):
            reports[done.student] = report
            if len(reports) == 1:
                assert _busy(scheduler)  # it dies with work in its hands
                first.kill()
    here = {student: grade_job(job(student)) for student in QUICK}
    assert here["einsum"].score == here["einsum"].max_score
    assert len({report.score for report in here.values()}) == len(QUICK)
    assert set(reports) == {job.student for job in jobs}
    for student, report in reports.items():
        assert Status.GRADER_ERROR not in report.statuses, report.exercises[0].findings
        assert timeless(report) == timeless(here[student.split("-")[0]])


def _busy(scheduler: str) -> bool:
    """Does every worker have something to do?"""
    with distributed.Client(scheduler, set_as_default=False) as client:
        return all(client.processing().values())


# --- what a worker must have ---


@pytest.fixture(scope="module")
def other_version(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with a copy of the project, of another version and with a changed file."""
    folder = tmp_path_factory.mktemp("other")
    for package in ("autograder", "cs231n_utils", "solutions"):
        ignored = shutil.ignore_patterns("__pycache__", "executed")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    changed = folder / "solutions" / "pooling.py"
    changed.write_text(changed.read_text() + "# a comment\n")
    information = folder / "cs231n_notebooks-99.dist-info" / "METADATA"
    information.parent.mkdir()
    information.write_text("Metadata-Version: 2.1\nName: cs231n-notebooks\nVersion: 99.0\n")
    return str(folder)


def test_a_worker_with_other_code_is_refused(scheduler: str, other_version: str, tmp_path: Path) -> None:
    with working(scheduler, tmp_path, PYTHONPATH=other_version):
        said = refusal(scheduler, "none")
    here = Installation.here()
    assert "does not fit this coordinator" in said
    assert f"package is 99.0 there and {here.package} here" in said
    assert f"and {here.code[:12]} here" in said
    assert "python" not in said
    assert "numpy" not in said


def test_a_worker_with_other_code_that_joins_later_does_nothing(
    scheduler: str, other_version: str, tmp_path: Path
) -> None:
    store = ReportStore(tmp_path / "reports")
    with working(scheduler, tmp_path) as first, cluster(scheduler, sandbox="none") as executor:
        assert executor.submit(pow, 2, 10).result(timeout=30) == 1024
        with working(scheduler, tmp_path, PYTHONPATH=other_version):
            first.kill()
            first.wait()
            jobs = [replace(job("einsum"), sandbox="none")]
            with pytest.raises(ClusterError, match=r"package is 99\.0 there"):
                list(grade_class(jobs, executor, store))
    assert not store.folder.exists()


def test_a_worker_or_scheduler_without_the_project_is_refused(scheduler: str, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    (bare / "autograder").mkdir(parents=True)
    (bare / "autograder" / "__init__.py").touch()
    with working(scheduler, tmp_path, PYTHONPATH=str(bare)):
        said = refusal(scheduler, "none")
    assert said.startswith("the worker ")
    assert "cannot take part. Is this project installed there?" in said
    assert "No module named 'autograder." in said
    with scheduling(tmp_path, PYTHONPATH=str(bare)) as (address, _):
        said = refusal(address, "none")
    assert said.startswith(f"the scheduler {address} cannot take part")
    assert "No module named 'autograder." in said


def test_a_worker_without_a_sandbox_is_refused(scheduler: str, tmp_path: Path) -> None:
    with working(scheduler, tmp_path, PATH=str(tmp_path)):
        said = refusal(scheduler)
    assert "has no sandbox. bubblewrap, the sandbox, is not installed" in said


def refusal(address: str, sandbox: str = "auto") -> str:
    """Why a cluster cannot be used."""
    with pytest.raises(ClusterError) as caught, cluster(address, sandbox):
        pass
    return str(caught.value)


# --- what a cluster must have ---


def test_a_scheduler_without_workers_is_refused(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "WORKERS_SECONDS", 0.5)
    said = refusal(scheduler)
    assert f"{scheduler} has no workers" in said
    assert f"dask worker {scheduler} --nthreads 1" in said


def test_no_scheduler_is_said_within_seconds() -> None:
    with socket.socket() as nobody:  # bound, and not listening
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        start = time.monotonic()
        assert f"no Dask scheduler answers at {address}" in refusal(address)
    assert time.monotonic() - start < cluster_module.CONNECT_SECONDS + 10


@pytest.mark.parametrize("address", ["localhost", "http://10.0.0.1:80", "", "tcp://10.0.0.1"])
def test_what_is_no_address_is_said_at_once(address: str) -> None:
    start = time.monotonic()
    assert "is no scheduler's address" in refusal(address)
    assert time.monotonic() - start < cluster_module.CONNECT_SECONDS


def test_an_encrypted_address_needs_a_certificate() -> None:
    assert "no certificate is configured" in refusal("tls://127.0.0.1:1")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_an_encrypted_cluster_works_with_dasks_settings(tmp_path: Path) -> None:
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=grading"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    options = ("--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key)
    settings = {
        "distributed.comm.tls.ca-file": certificate,
        "distributed.comm.tls.client.cert": certificate,
        "distributed.comm.tls.client.key": key,
    }
    with scheduling(tmp_path, "--protocol", "tls", *options) as (address, _), working(address, tmp_path, *options):
        assert address.startswith("tls://")
        assert "no Dask scheduler answers" in refusal(address.replace("tls://", "tcp://"))
        with dask.config.set(settings), cluster(address, "none") as executor:
            assert executor.submit(pow, 2, 10).result(timeout=30) == 1024


def test_without_dask_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install 'cs231n-notebooks[cluster]'" in refusal("tcp://127.0.0.1:1")


def test_a_scheduler_that_goes_away_stops_the_class(tmp_path: Path) -> None:
    store = ReportStore(tmp_path / "reports")
    with (
        scheduling(tmp_path) as (address, process),
        working(address, tmp_path),
        cluster(address, sandbox="none") as executor,
    ):
        assert executor.submit(len, bytes(2 * 10**7)).result(timeout=30) == 2 * 10**7  # without a warning
        slow = executor.submit(time.sleep, 60)
        process.kill()
        with pytest.raises(ClusterError, match=rf"{address} went away\. Grade again"):
            slow.result(timeout=30)
        with pytest.raises(ClusterError, match="went away"):
            list(grade_class([job("einsum")], executor, store))
    assert not store.folder.exists()


# --- the command line ---


def grade(folder: Path, *arguments: str, code: int) -> str:
    command = [sys.executable, "-m", "autograder.cli", "grade", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | {"COLUMNS": "400"})
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_processes_here_and_a_cluster_are_not_both(tmp_path: Path) -> None:
    said = grade(tmp_path, "--workers", "2", "--scheduler", "tcp://127.0.0.1:1", code=2)
    assert "--workers counts processes here" in said


@pytest.mark.sandbox
def test_the_command_grades_on_the_cluster(bubblewrap: None, scheduler: str, tmp_path: Path) -> None:
    course = create(tmp_path / "course", Course(ROOT), "auto", (find_assignment(ASSIGNMENT),))
    for student in ("einsum", "zero_maximum"):
        shutil.copytree(SAMPLE_CLASS / student, course.root / "submitted" / student)
    with working(scheduler, tmp_path):
        said = grade(course.root, "--scheduler", scheduler, "--assignment", ASSIGNMENT, code=0)
    for student in ("einsum", "zero_maximum"):
        report = grade_job(replace(job(student), seed=course_seed(course.root)))
        assert f"{student} {report.score:g} of {report.max_score:g} " in " ".join(said.split())
    assert "no workers" in grade(course.root, "--scheduler", scheduler, "--force", code=3)
