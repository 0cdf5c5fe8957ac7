"""What a Dask cluster costs beside processes of one's own: the same submissions, on as many workers, in turns.

Two parts of a cluster do not grow with it: the scheduler, and the coordinator, which hands out jobs, keeps reports and
writes the gradebook. Their processor time for each submission says how large a cluster may become (docs/scaling.md).
"""

import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

import psutil

from autograder.classroom import Job, ReportStore, grade_class, grade_job
from autograder.cluster import cluster
from autograder.pool import Pool
from benchmarks.grading import ASSIGNMENT, STUDENTS, _submission

WORKERS = 2
COPIES = 8  # of each submission
TASKS = 1000
ROUNDS = 3

Figures = dict[str, float]


def measure() -> Figures:
    """Medians over the rounds."""
    notebooks = [_submission(student).encode() for student in STUDENTS]
    jobs = [
        Job(f"{number}", ASSIGNMENT, f"{ASSIGNMENT}.ipynb", data + b"\n" * number, seed=1)  # no two are the same bytes
        for number, data in enumerate(notebooks * COPIES)
    ]
    report = grade_job(jobs[0])
    out, back = len(pickle.dumps((grade_job, jobs[0]))), len(pickle.dumps(report))
    with (
        tempfile.TemporaryDirectory() as folder,
        _dask(Path(folder)) as (address, scheduler),
        cluster(address) as dask,
        Pool(WORKERS) as pool,
    ):
        for executor in (pool, dask):  # sandboxes warm, cases made
            _grade(jobs[: 4 * WORKERS], executor, Path(folder, "warm"))
        rounds = [_round(jobs, out, back, pool, dask, scheduler, Path(folder)) for _ in range(ROUNDS)]
    return {
        "workers": WORKERS,
        "a job, there [kB]": out / 1000,
        "a report, back [kB]": back / 1000,
        **{name: statistics.median(one[name] for one in rounds) for name in rounds[0]},
    }


def _round(
    jobs: Sequence[Job], out: int, back: int, pool: Executor, dask: Executor, scheduler: psutil.Process, folder: Path
) -> Figures:
    here = _grade(jobs, pool, folder / "here")
    grading = time.process_time()
    there = _grade(jobs, dask, folder / "there")
    grading = time.process_time() - grading
    for executor in (pool, dask):
        executor.submit(_echo, b"", back).result()
    start = time.perf_counter()
    for _ in range(100):
        dask.submit(_echo, b"", back).result()
    one = (time.perf_counter() - start) / 100
    many_here = _echoes(out, back, pool)
    busy, own = _processor(scheduler), time.process_time()
    many_there = _echoes(out, back, dask)
    busy, own = _processor(scheduler) - busy, time.process_time() - own
    return {
        "a submission, on one core, processes here [s]": here * WORKERS / len(jobs),
        "a submission, on one core, Dask [s]": there * WORKERS / len(jobs),
        "Dask / processes here": there / here,
        "an empty task, alone, Dask [ms]": 1000 * one,
        "an empty task among many, processes here [ms]": 1000 * many_here / TASKS,
        "an empty task among many, Dask [ms]": 1000 * many_there / TASKS,
        "scheduler, processor time of a task [ms]": 1000 * busy / TASKS,
        "coordinator, processor time of a task [ms]": 1000 * own / TASKS,
        "coordinator, processor time of a submission, its report kept [ms]": 1000 * grading / len(jobs),
    }


def _grade(jobs: Sequence[Job], executor: Executor, folder: Path) -> float:
    """Seconds that a class takes."""
    start = time.perf_counter()
    for _, report in grade_class(jobs, executor, ReportStore(folder), force=True, in_flight=len(jobs)):
        assert report.score == report.max_score, report
    return time.perf_counter() - start


def _echoes(out: int, back: int, executor: Executor) -> float:
    """Seconds that tasks take which do nothing, with as many bytes there and back as a submission has."""
    data = os.urandom(out)
    start = time.perf_counter()
    for future in [executor.submit(_echo, data, back) for _ in range(TASKS)]:
        future.result()
    return time.perf_counter() - start


def _echo(data: bytes, size: int) -> bytes:
    return bytes(size)


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def _dask(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A scheduler and its workers on this machine: the address, and the scheduler's process."""
    where = folder / "scheduler.json"
    local = ["--host", "127.0.0.1"]
    with (folder / "log").open("w") as log:
        processes = [_start(log, "scheduler", *local, "--port", "0", "--scheduler-file", str(where))]
        try:
            options = ["--nthreads", "1", "--nworkers", str(WORKERS), "--local-directory", str(folder)]
            processes.append(_start(log, "worker", *local, *options, "--scheduler-file", str(where)))
            import distributed

            with distributed.Client(scheduler_file=str(where), timeout=60, set_as_default=False) as client:
                client.wait_for_workers(WORKERS, timeout=60)
                address = client.scheduler.address
            yield address, psutil.Process(processes[0].pid)
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait()


def _start(log: object, *command: str) -> "subprocess.Popen[bytes]":
    options = ["--dashboard-address", "127.0.0.1:0"]
    return subprocess.Popen([sys.executable, "-m", "dask", *command, *options], stdout=log, stderr=log)  # type: ignore[call-overload, no-any-return]
