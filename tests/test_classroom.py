"""Grading a class: reports are kept and found again, and a class goes on, whatever a submission or the grader does."""

import io
import json
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace

import pytest

from autograder import classroom
from autograder.classroom import Job, ReportStore, grade_class
from autograder.cluster import ClusterError
from autograder.grading import Report
from autograder.limits import CourseLimits
from autograder.sandbox import Limits, SandboxFailure, SandboxUnavailable
from cs231n_utils.checking.verdict import Finding, Status, Verdict

JOB = Job("anna", "02_pooling", "02_pooling.ipynb", b"{}", seed=1)


def report_of(job, status=Status.PARTIAL, points=1.5):
    findings = (
        Finding("2×2 windows", Status.PASSED, seconds=0.25),
        Finding("ties", Status.FAILED, "dx[0] = 1, expected 2", "full_gradient_to_ties", "A title", "A hint"),
    )
    verdict = Verdict("max_pool_backward_naive", status, points, 8.0, findings)
    return Report(job.name, job.assignment, "bubblewrap", 0.5, (verdict,))


class Here(Executor):
    """Runs each job at once, in this process, with a function in place of the sandbox."""

    def __init__(self, grade):
        self.grade = grade
        self.jobs = []

    def submit(self, function, job):
        assert function is classroom.grade_job
        self.jobs.append(job)
        future = Future()
        try:
            future.set_result(self.grade(job))
        except Exception as problem:
            future.set_exception(problem)
        return future


@pytest.fixture
def store(tmp_path):
    return ReportStore(tmp_path / "reports")


def files(store):
    return sorted(path.name for path in store.folder.iterdir()) if store.folder.is_dir() else []


# --- the store ---


def test_what_is_put_is_found_again(store):
    assert store.get(JOB) is None
    store.put(JOB, report_of(JOB))
    assert store.get(JOB) == report_of(JOB)
    assert ReportStore(store.folder).get(JOB) == report_of(JOB)
    assert files(store) == [f"{JOB.place}.json"]


def test_another_job_is_another_report(store):
    store.put(JOB, report_of(JOB))
    assert store.get(replace(JOB, data=b"[]")) is None


def test_a_later_report_replaces_the_earlier(store):
    store.put(JOB, report_of(JOB, points=1.0))
    store.put(JOB, report_of(JOB, points=2.0))
    assert store.get(JOB).score == 2.0
    assert len(files(store)) == 1


def test_failures_of_the_grader_are_not_kept(store):
    store.put(JOB, report_of(JOB, Status.GRADER_ERROR))
    assert files(store) == []
    assert store.get(JOB) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "3",
        "{}",
        '{"exercises": 1}',
        '{"exercises": ["a"]}',
        '{"report": 1, "fingerprint": 1, "made_from": {}}',
        '{"report": {"submission": "a", "assignment": "b", "sandbox": "c", "seconds": 1, "exercises": [{}]}}',
        "\x00" * 100,
    ],
)
def test_a_corrupted_file_counts_as_none(store, text):
    store.put(JOB, report_of(JOB))
    (store.folder / f"{JOB.place}.json").write_text(text)
    assert store.get(JOB) is None


def changed(status="partial", **finding):
    data = json.loads(json.dumps(report_of(JOB).to_json()))
    data["exercises"][0]["status"] = status
    data["exercises"][0]["findings"][0] |= finding
    return {"report": data, "fingerprint": JOB.fingerprint, "made_from": {}}


def test_a_report_of_this_version_counts(store):
    store.folder.mkdir()
    (store.folder / f"{JOB.place}.json").write_text(json.dumps(changed()))
    assert store.get(JOB) is not None


@pytest.mark.parametrize("data", [changed(status="excellent"), changed(status=None), changed(more=1)], ids=str)
def test_a_report_of_another_version_counts_as_none(store, data):
    store.folder.mkdir()
    (store.folder / f"{JOB.place}.json").write_text(json.dumps(data))
    assert store.get(JOB) is None


def test_bytes_that_are_no_text_count_as_none(store):
    store.folder.mkdir()
    (store.folder / f"{JOB.place}.json").write_bytes(b"\xff\xfe{")
    assert store.get(JOB) is None


def test_a_write_that_fails_leaves_the_old_report(store, monkeypatch):
    store.put(JOB, report_of(JOB, points=1.0))

    def full_disk(path, text, encoding):
        path.write_bytes(text[:10].encode(encoding))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(classroom.Path, "write_text", full_disk)
    with pytest.raises(OSError, match="No space left"):
        store.put(JOB, report_of(JOB, points=2.0))
    assert store.get(JOB).score == 1.0
    assert len(files(store)) == 1


def test_a_kill_before_the_file_is_in_place_leaves_the_old_report(store, monkeypatch):
    store.put(JOB, report_of(JOB, points=1.0))

    def killed(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(classroom.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        store.put(JOB, report_of(JOB, points=2.0))
    assert store.get(JOB).score == 1.0
    assert len(files(store)) == 1


# --- fingerprints ---


@pytest.mark.parametrize(
    "part",
    [
        {"data": b"{ }"},
        {"name": "other.ipynb"},
        {"seed": 2},
        {"sandbox": "none"},
        {"limits": CourseLimits(Limits(total_seconds=59.0))},
        {"limits": CourseLimits(Limits(memory_bytes=1))},
        {"limits": CourseLimits(exercises=(("max_pool_backward_fast", Limits(memory_bytes=1)),))},
    ],
    ids=lambda part: next(iter(part)),
)
def test_a_fingerprint_changes_with_each_part(part):
    assert replace(JOB, **part).fingerprint != JOB.fingerprint


def test_a_fingerprint_does_not_know_the_student():
    assert replace(JOB, student="bert").fingerprint == JOB.fingerprint


def test_a_fingerprint_changes_with_the_code(monkeypatch):
    before = JOB.fingerprint
    monkeypatch.setattr(classroom, "fingerprint", lambda assignment: "another version")
    assert JOB.fingerprint != before


# --- a class ---

JOBS = [replace(JOB, student=name, data=name.encode()) for name in ("anna", "bert", "cleo")]


def graded(jobs, executor, store, **options):
    return {job.student: report for job, report in grade_class(jobs, executor, store, **options)}


def test_every_job_comes_back_with_its_report(store):
    executor = Here(lambda job: report_of(job, points=len(job.data)))
    reports = graded(JOBS, executor, store)
    assert {student: report.score for student, report in reports.items()} == {"anna": 4, "bert": 4, "cleo": 4}
    assert executor.jobs == JOBS
    assert len(files(store)) == 3


def test_what_was_kept_is_not_graded_twice(store):
    store.put(JOBS[1], report_of(JOBS[1], points=7.0))
    executor = Here(report_of)
    reports = graded(JOBS, executor, store)
    assert [job.student for job in executor.jobs] == ["anna", "cleo"]
    assert reports["bert"].score == 7.0
    assert reports["anna"].score == 1.5
    again = Here(pytest.fail)
    assert graded(JOBS, again, store) == reports
    assert again.jobs == []


def test_force_grades_everything(store):
    store.put(JOBS[1], report_of(JOBS[1], points=7.0))
    executor = Here(report_of)
    assert graded(JOBS, executor, store, force=True)["bert"].score == 1.5
    assert executor.jobs == JOBS
    assert store.get(JOBS[1]).score == 1.5


def test_a_run_that_was_stopped_goes_on_where_it_was(store):
    run = grade_class(JOBS, Here(report_of), store)
    first, _ = next(run)
    run.close()
    executor = Here(report_of)
    assert set(graded(JOBS, executor, store)) == {"anna", "bert", "cleo"}
    assert first not in executor.jobs


PROBLEMS = [SandboxFailure("no"), SandboxUnavailable("none"), TypeError("ours"), MemoryError(), OSError(28, "full")]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: type(problem).__name__)
def test_a_failure_of_ours_never_stops_the_class(store, problem):
    def grade(job):
        if job.student == "bert":
            raise problem
        return report_of(job)

    reports = graded(JOBS, Here(grade), store)
    assert reports["anna"].score == reports["cleo"].score == 1.5
    assert reports["bert"].statuses == {Status.GRADER_ERROR}
    assert type(problem).__name__ in reports["bert"].exercises[0].findings[0].message
    assert len(files(store)) == 2  # nothing is kept of bert: he is graded again
    assert graded(JOBS, Here(report_of), store)["bert"].score == 1.5


def test_a_cluster_that_cannot_be_used_stops_the_class(store):
    def grade(job):
        raise ClusterError("numpy is 2.1.0 there and 2.4.6 here")

    with pytest.raises(ClusterError, match=r"numpy is 2\.1\.0 there"):
        graded(JOBS, Here(grade), store)
    assert files(store) == []


def test_each_thread_has_a_warm_sandbox_of_its_own(monkeypatch):
    opened = []
    monkeypatch.setattr(classroom, "open_sandbox", lambda kind: opened.append(kind) or io.BytesIO())
    monkeypatch.setattr(classroom, "_of_this_thread", threading.local())
    monkeypatch.setattr(classroom.atexit, "register", lambda close: close())
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        sandboxes = [pool.submit(classroom._warm_sandbox, "auto").result() for pool in (one, one, other, other)]
    assert sandboxes[0] is sandboxes[1]
    assert sandboxes[2] is sandboxes[3]
    assert sandboxes[0] is not sandboxes[2]
    assert opened == ["auto", "auto"]
    assert all(sandbox.closed for sandbox in sandboxes)  # at exit


def test_a_job_does_not_print_what_was_handed_in():
    assert "secret" not in repr(replace(JOB, data=b"secret"))
