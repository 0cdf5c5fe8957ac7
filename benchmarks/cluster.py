"""What a Dask cluster costs beside processes of one's own: the same submissions, on as many workers, in turns.

Two parts of a cluster do not grow with it: the scheduler, and the coordinator, which hands out jobs, keeps reports and
writes the gradebook. Their processor time for each submission says how large a cluster may become (docs/scaling.md).
"""

import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import distributed

from autograder.build import Course
from autograder.classroom import Job, ReportStore, grade_class, grade_job
from autograder.cluster import cluster
from autograder.coursedir import create
from autograder.exercises import find_assignment
from autograder.grading import Report
from autograder.pool import Pool
from autograder.recording import recorder
from autograder.run import BATCH
from benchmarks.grading import ASSIGNMENT, ROOT, STUDENTS, hand_in, submission
from benchmarks.processor import seconds_below

WORKERS = 2
COPIES = 8  # of each submission that is graded
TASKS = 1000  # submissions that are handed out without being graded
RECORDED = 256  # submissions; that is four transactions
ROUNDS = 3

Figures = dict[str, float]
Processor = Callable[[], float]


def measure() -> Figures:
    """Medians over the rounds."""
    jobs = list(_jobs(len(STUDENTS) * COPIES))
    report = grade_job(jobs[0])
    with (
        tempfile.TemporaryDirectory() as folder,
        _dask(Path(folder)) as (address, scheduler),
        cluster(address) as dask,
        Pool(WORKERS) as pool,
    ):
        for executor in (pool, dask):  # sandboxes warm, cases made
            _grade(jobs[: 4 * WORKERS], executor, Path(folder, "warm"))
        rounds = [_round(jobs, report, pool, dask, scheduler, Path(folder)) for _ in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        recording = _recording(report, Path(folder))
    return {
        "workers": WORKERS,
        "a job, there [kB]": len(pickle.dumps((grade_job, jobs[0]))) / 1000,
        "a report, back [kB]": len(pickle.dumps(report)) / 1000,
        **{name: statistics.median(one[name] for one in rounds) for name in rounds[0]},
        "coordinator's processor: recording a submission in SQLite [ms]": 1000 * recording,
    }


def _round(
    jobs: Sequence[Job], report: Report, pool: Executor, dask: Executor, scheduler: Processor, folder: Path
) -> Figures:
    (here, worked_here), (there, worked_there) = (
        _grade(jobs, executor, folder / name) for executor, name in ((pool, "here"), (dask, "there"))
    )
    start = time.perf_counter()
    for _ in range(100):
        dask.submit(abs, 1).result()
    alone = (time.perf_counter() - start) / 100
    handed_out = list(_jobs(TASKS))
    many_here = _hand_out(handed_out, report, pool, folder / "here")
    busy, own = scheduler(), time.process_time()
    many_there = _hand_out(handed_out, report, dask, folder / "there")
    busy, own = scheduler() - busy, time.process_time() - own
    return {
        "a submission, on one core, processes here [s]": here * WORKERS / len(jobs),
        "a submission, on one core, Dask [s]": there * WORKERS / len(jobs),
        "Dask / processes here": there / here,
        "workers' and sandboxes' processor: a submission, processes here [s]": worked_here / len(jobs),
        "workers' and sandboxes' processor: a submission, Dask [s]": worked_there / len(jobs),
        "a task of nothing, there and back [ms]": 1000 * alone,
        "handing out a submission among many, processes here [ms]": 1000 * many_here / TASKS,
        "handing out a submission among many, Dask [ms]": 1000 * many_there / TASKS,
        "scheduler's processor: a submission [ms]": 1000 * busy / TASKS,
        "coordinator's processor: handing out a submission and keeping its report [ms]": 1000 * own / TASKS,
    }


def _jobs(count: int) -> Iterator[Job]:
    """Right submissions in several styles; no two are the same bytes."""
    notebooks = [submission(student).encode() for student in STUDENTS]
    for number, data in enumerate(islice(cycle(notebooks), count)):
        yield Job(f"student{number}", ASSIGNMENT, f"{ASSIGNMENT}.ipynb", data + b"\n" * number, seed=1)


def _grade(jobs: Sequence[Job], executor: Executor, folder: Path) -> tuple[float, float]:
    """Seconds that a class takes, and those of the processors of all processes that were started here."""
    start, worked = time.perf_counter(), seconds_below()
    for _, report in grade_class(jobs, executor, ReportStore(folder), force=True, in_flight=len(jobs)):
        assert report.score == report.max_score, report
    return time.perf_counter() - start, seconds_below() - worked


def _hand_out(jobs: Sequence[Job], report: Report, executor: Executor, folder: Path) -> float:
    """Seconds that a class takes whose workers do nothing but send a report back."""
    start = time.perf_counter()
    store = ReportStore(folder)
    assert sum(1 for _ in grade_class(jobs, _Answering(executor, report), store, force=True, in_flight=TASKS)) == TASKS
    return time.perf_counter() - start


class _Answering(Executor):
    """An executor whose workers do not grade, and answer each job with the same report."""

    def __init__(self, executor: Executor, report: Report) -> None:
        self._executor = executor
        self._report = pickle.dumps(report)

    def submit(self, fn: object, /, *jobs: Job) -> "Future[Report]":  # type: ignore[override]
        return self._executor.submit(_answer, jobs, self._report)


def _answer(jobs: Sequence[Job], report: bytes) -> Report:
    read: Report = pickle.loads(report)
    return read


def _recording(report: Report, folder: Path) -> float:
    """Seconds of this process's processor that recording a submission takes."""
    course = create(folder / "course", Course(ROOT), "auto", (find_assignment(ASSIGNMENT),))
    graded = []
    for job in _jobs(RECORDED + BATCH):
        hand_in(course.root, job.student, job.data.decode())
        graded.append((job, report))
    writer = recorder(course)
    assert not writer.record(graded[:BATCH])  # the first one opens the gradebook
    start = time.process_time()
    for first in range(BATCH, len(graded), BATCH):
        assert not writer.record(graded[first : first + BATCH])
    writer.close()
    return (time.process_time() - start) / RECORDED


@contextmanager
def _dask(folder: Path) -> Iterator[tuple[str, Processor]]:
    """A scheduler and its workers on this machine: the address, and the scheduler's processor time."""
    where = folder / "scheduler.json"
    local = ["--host", "127.0.0.1"]
    with (folder / "log").open("w") as log:
        processes = [_start(log, "scheduler", *local, "--port", "0", "--scheduler-file", str(where))]
        try:
            options = ["--nthreads", "1", "--nworkers", str(WORKERS), "--local-directory", str(folder)]
            processes.append(_start(log, "worker", *local, *options, "--scheduler-file", str(where)))
            with distributed.Client(scheduler_file=str(where), timeout=60, set_as_default=False) as client:
                client.wait_for_workers(WORKERS, timeout=60)
                yield client.scheduler.address, partial(client.run_on_scheduler, time.process_time)
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait()


def _start(log: object, *command: str) -> "subprocess.Popen[bytes]":
    options = ["--dashboard-address", "127.0.0.1:0"]
    return subprocess.Popen([sys.executable, "-m", "dask", *command, *options], stdout=log, stderr=log)  # type: ignore[call-overload, no-any-return]
