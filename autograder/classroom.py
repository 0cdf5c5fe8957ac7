"""Many submissions in, their reports out, over any executor of concurrent.futures; reports are kept and found again.

Jobs carry the submission's bytes and come back as a Report, so that an executor on other machines needs no shared disk.
A report is kept with hashes of all that it depends on; a run that was killed continues where it was, and what has not
changed, down to the single exercise, is not graded twice.
"""

import atexit
import hashlib
import json
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue

from autograder.cluster import ClusterError
from autograder.dependencies import fingerprint
from autograder.exercises import find_assignment
from autograder.grading import Report, failed_report, grade, made_from
from autograder.limits import CourseLimits
from autograder.sandbox import Sandbox, open_sandbox
from cs231n_utils.checking.verdict import Status, Verdict

__all__ = ["IN_FLIGHT", "JOBS_PER_WORKER", "Job", "ReportStore", "get_ready", "grade_class", "grade_job"]

JOBS_PER_WORKER = 4
"""Jobs in flight for each worker: enough that none waits."""

IN_FLIGHT = JOBS_PER_WORKER * (os.cpu_count() or 1)
"""Jobs at a time, where nothing else is said."""

MOST_BYTES = 256 * 2**20
"""Of submissions in flight. A class of ordinary notebooks never comes near it."""

ATTEMPTS_ALONE = 2
"""How many workers a job may kill before it is given up."""


@dataclass(frozen=True)
class Job:
    """One submission to grade, with all that its report depends on.

    `known` are verdicts from an earlier report that still hold; they save work and change nothing.
    """

    student: str
    assignment: str
    name: str
    data: bytes = field(repr=False)
    seed: int
    sandbox: str = "auto"
    limits: CourseLimits = field(default_factory=CourseLimits)
    known: tuple[Verdict, ...] = field(default=(), repr=False)

    @cached_property
    def digest(self) -> str:
        """A hash of what was handed in."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def fingerprint(self) -> str:
        """A hash of all that the report depends on."""
        return self.fingerprint_of(self.digest)

    def fingerprint_of(self, digest: str) -> str:
        """What the fingerprint would be, had a file of this digest been handed in."""
        return self._hash(digest, fingerprint(find_assignment(self.assignment)))

    @property
    def place(self) -> str:
        """A hash of what was handed in and how it is graded, whatever becomes of the exercises."""
        return self._hash(self.digest, self.assignment)

    def _hash(self, digest: str, asked: str) -> str:
        parts = (digest, self.name, asked, self.seed, self.sandbox, self.limits)
        return hashlib.sha256("\0".join(map(str, parts)).encode(errors="surrogateescape")).hexdigest()


class ReportStore:
    """Reports on disk, each in a file of its own that is written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, job: Job) -> Report | None:
        """The report that was kept for this job, if there is one and nothing in the exercises has changed."""
        kept = self._read(job)
        if kept is None:
            return None
        report, made_for = kept
        return report if made_for == job.fingerprint or _unchanged(job, report) == report.exercises else None

    def unchanged(self, job: Job) -> tuple[Verdict, ...]:
        """Of a report that was kept while exercises were others: the verdicts on those that are still the same."""
        kept = self._read(job)
        return _unchanged(job, kept[0]) if kept else ()

    def put(self, job: Job, report: Report) -> None:
        """Keep a report. Failures of the grader are not kept: they are tried again."""
        if Status.GRADER_ERROR in report.statuses:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(job)
        new = path.with_suffix(f".{os.getpid()}.new")
        try:
            kept = {"report": report.to_json(), "fingerprint": job.fingerprint, "made_from": report.made_from}
            new.write_text(json.dumps(kept), encoding="utf-8")
            os.replace(new, path)
        finally:  # a full disk, or an interrupt, leaves nothing behind
            new.unlink(missing_ok=True)

    def _path(self, job: Job) -> Path:
        return self.folder / f"{job.place}.json"

    def _read(self, job: Job) -> tuple[Report, str] | None:
        """The report that is kept in a job's place, and the fingerprint of the job that it was made for."""
        try:
            kept = json.loads(self._path(job).read_text(encoding="utf-8"))
            return replace(Report.from_json(kept["report"]), made_from=dict(kept["made_from"])), kept["fingerprint"]
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _unchanged(job: Job, report: Report) -> tuple[Verdict, ...]:
    assignment = find_assignment(job.assignment)
    if [verdict.name for verdict in report.exercises] != [exercise.name for exercise in assignment.exercises]:
        return ()  # one was added or taken away
    today = [made_from(assignment, exercise, job.seed) for exercise in assignment.exercises]
    pairs = zip(report.exercises, today, strict=True)
    return tuple(verdict for verdict, source in pairs if report.made_from.get(verdict.name) == source)


def grade_class(
    jobs: Iterable[Job], executor: Executor, store: ReportStore, force: bool = False, in_flight: int = IN_FLIGHT
) -> Iterator[tuple[Job, Report]]:
    """Grade jobs as workers become free; yields each with its report, as it is done.

    Jobs are taken one by one while others are being graded, so that a class of any size fits into memory. What fails is
    tried once more; what fails again gets a report that says so, and the class goes on. A job that a worker has died of
    is tried by itself, so that it harms no other.

    Args:
        jobs: what is to be graded.
        executor: where. Of a pool that breaks when a worker dies, it should make a new one.
        store: where reports are kept.
        force: grade also what there is a report of.
        in_flight: how many jobs the executor has at a time; a few for each worker.
    """
    waiting = iter(jobs)
    pending: dict[Future[Report], tuple[Job, bool]] = {}  # each with whether it is tried for the second time
    done: SimpleQueue[Future[Report]] = SimpleQueue()
    in_flight_bytes = 0
    suspects: list[Job] = []

    def hand_over(job: Job, again: bool) -> None:
        future = _submit(executor, job)
        pending[future] = job, again
        future.add_done_callback(done.put)

    while True:
        while not suspects and len(pending) < in_flight and in_flight_bytes < MOST_BYTES:
            job = next(waiting, None)
            if job is None:
                break
            kept = None if force else store.get(job)
            if kept is not None:
                yield job, kept
            else:
                in_flight_bytes += len(job.data)
                hand_over(job if force else replace(job, known=store.unchanged(job)), again=False)
        if not pending and not suspects:
            return
        if not pending:
            job = suspects.pop()
            yield job, _kept(store, job, _graded_alone(executor, job))
            continue
        future = done.get()
        job, again = pending.pop(future)
        report, problem = _result(job, future)
        if Status.GRADER_ERROR in report.statuses and not again and not isinstance(problem, BrokenExecutor):
            hand_over(job, again=True)
            continue
        in_flight_bytes -= len(job.data)
        if isinstance(problem, BrokenExecutor):
            suspects.append(job)
        else:
            yield job, _kept(store, job, report)


def _graded_alone(executor: Executor, job: Job) -> Report:
    """Grade a job that was in flight when a worker died; if it kills another, it was this one."""
    for _ in range(ATTEMPTS_ALONE):
        report, problem = _result(job, _submit(executor, job))
        if not isinstance(problem, BrokenExecutor):
            break
    return report


def _submit(executor: Executor, job: Job) -> Future[Report]:
    try:
        return executor.submit(grade_job, job)
    except BrokenExecutor as problem:  # it broke a moment ago, and the job has not been looked at
        failed: Future[Report] = Future()
        failed.set_exception(problem)
        return failed


def _result(job: Job, future: Future[Report]) -> tuple[Report, Exception | None]:
    """A job's report; where the grader itself broke on it, a report that says so, and what happened."""
    try:
        return future.result(), None
    except ClusterError:  # says why nothing can be graded any more
        raise
    except Exception as problem:
        why = f"{type(problem).__name__}: {problem}"
        if isinstance(problem, BrokenExecutor):
            why = "the process that graded it was killed, perhaps because the machine ran out of memory"
        message = f"the grader failed, not the submission: {why}"
        assignment = find_assignment(job.assignment)
        return failed_report(job.name, assignment, job.sandbox, Status.GRADER_ERROR, message), problem


def _kept(store: ReportStore, job: Job, report: Report) -> Report:
    """Keep a report. Where that fails, as on a full disk, the submission counts as not graded: it is graded again."""
    try:
        store.put(job, report)
    except OSError as problem:
        message = f"the report could not be kept in {store.folder}: {problem.strerror or problem}"
        assignment = find_assignment(job.assignment)
        return failed_report(job.name, assignment, job.sandbox, Status.GRADER_ERROR, message)
    return report


def grade_job(job: Job) -> Report:
    """Grade one job in this process, in a sandbox that stays warm for the next."""
    assignment = find_assignment(job.assignment)
    place = _warm_sandbox(job.sandbox)
    return grade(job.data, job.name, [assignment], place, job.seed, job.limits, assignment, job.known)


def get_ready(sandbox: str) -> None:
    """Open the sandbox for the jobs that will come to this process; SandboxUnavailable if there is none."""
    _warm_sandbox(sandbox)


def _warm_sandbox(kind: str) -> Sandbox:
    """This thread's own: a sandbox serves one thread, and a worker on a cluster may have several."""
    opened: dict[str, Sandbox] = _of_this_thread.__dict__.setdefault("sandboxes", {})
    if kind not in opened:
        opened[kind] = open_sandbox(kind)
        atexit.register(opened[kind].close)
    return opened[kind]


_of_this_thread = threading.local()
