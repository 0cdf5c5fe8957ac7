"""Many submissions in, their reports out, over any executor of concurrent.futures; reports are kept and found again.

Jobs carry the submission's bytes and come back as a Report, so that an executor on other machines needs no shared disk.
A report is kept under a hash of all that it depends on; a run that was killed continues where it was, and what has not
changed is not graded twice.
"""

import hashlib
import inspect
import json
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

import autograder
import cs231n_utils
from autograder.exercises import Assignment, find_assignment
from autograder.experiments import released
from autograder.fingerprint import InstallationMismatch
from autograder.grading import Report, failed_report, grade
from autograder.sandbox import Limits, Sandbox, SandboxUnavailable, open_sandbox
from cs231n_utils.checking.verdict import Status

__all__ = ["Job", "ReportStore", "grade_class", "grade_job"]


@dataclass(frozen=True)
class Job:
    """One submission to grade, with all that its report depends on."""

    student: str
    assignment: str
    name: str
    data: bytes = field(repr=False)
    seed: int
    sandbox: str = "auto"
    limits: Limits = field(default_factory=Limits)

    @property
    def fingerprint(self) -> str:
        """A hash of all that the report depends on: submission, exercises, grader, seed, sandbox, limits."""
        digest = hashlib.sha256(self.data)
        for part in (
            self.name,
            _code_fingerprint(find_assignment(self.assignment)),
            self.seed,
            self.sandbox,
            self.limits,
        ):
            digest.update(f"\0{part}".encode())
        return digest.hexdigest()


class ReportStore:
    """Reports on disk, each in a file of its own that is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, job: Job) -> Report | None:
        """The report that was kept for exactly this job, if there is one."""
        try:
            return Report.from_json(json.loads(self._path(job).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, job: Job, report: Report) -> None:
        """Keep a report. Failures of the grader are not kept: they are tried again."""
        if Status.GRADER_ERROR in report.statuses:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(job)
        new = path.with_suffix(f".{os.getpid()}.new")
        try:
            new.write_text(json.dumps(report.to_json()), encoding="utf-8")
            os.replace(new, path)
        finally:  # a full disk, or an interrupt, leaves nothing behind
            new.unlink(missing_ok=True)

    def _path(self, job: Job) -> Path:
        return self.folder / f"{job.fingerprint}.json"


def grade_class(
    jobs: Iterable[Job], executor: Executor, store: ReportStore, force: bool = False
) -> Iterator[tuple[Job, Report]]:
    """Grade jobs as workers become free; yields each with its report, as it is done."""
    pending: dict[Future[Report], Job] = {}
    for job in jobs:
        kept = None if force else store.get(job)
        if kept is not None:
            yield job, kept
        else:
            pending[executor.submit(grade_job, job)] = job
    for future in as_completed(pending):
        job = pending[future]
        report = _result(job, future)
        store.put(job, report)
        yield job, report


def _result(job: Job, future: Future[Report]) -> Report:
    """A job's report; where the grader itself broke on it, a report that says so, and the class goes on."""
    try:
        return future.result()
    except (SandboxUnavailable, InstallationMismatch):
        raise
    except Exception as problem:
        message = f"the grader failed, not the submission: {type(problem).__name__}: {problem}"
        return failed_report(job.name, find_assignment(job.assignment), job.sandbox, Status.GRADER_ERROR, message)


def grade_job(job: Job) -> Report:
    """Grade one job in this process, in a sandbox that stays warm for the next."""
    assignment = find_assignment(job.assignment)
    return grade(job.data, job.name, [assignment], _warm_sandbox(job.sandbox), job.seed, job.limits, only=assignment)


def _warm_sandbox(kind: str) -> Sandbox:
    """This thread's own: a sandbox serves one thread, and a worker on a cluster may have several."""
    opened: dict[str, Sandbox] = _of_this_thread.__dict__.setdefault("sandboxes", {})
    if kind not in opened:
        opened[kind] = open_sandbox(kind)
    return opened[kind]


_of_this_thread = threading.local()


@cache
def _code_fingerprint(assignment: Assignment) -> str:
    """A hash of the code that a report depends on: references, exercises, judging, grader, what students import."""
    digest = hashlib.sha256(np.__version__.encode())
    own = Path(inspect.getsourcefile(assignment.solutions) or "")
    ours = [Path(folder) for package in (autograder, cs231n_utils) for folder in package.__path__]
    for path in [own, *sorted(path for folder in ours for path in folder.rglob("*.py"))]:
        digest.update(path.read_bytes())
    digest.update(repr(sorted(released(assignment.name))).encode())
    return digest.hexdigest()
