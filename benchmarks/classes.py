"""A class of a thousand: its time, the coordinator's memory, a second run, and the gradebook by itself.

    python -m benchmarks classes                             both of these, into the figures and the docs: ten minutes
    python -m benchmarks.classes --sizes 250 500 1000        submissions, of two assignments
    python -m benchmarks.classes --recorded 10000            simulated reports into the gradebook, nbgrader's way beside

Submissions are those of the sample class, each with an edit of its own, so that every one is graded. Left out are those
that run into a limit on purpose: how many seconds they cost is the limit's choice.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from autograder.build import Course
from autograder.coursedir import ClassFolder, create, report_store
from autograder.exercises import Assignment, find_assignment
from autograder.grading import Report
from autograder.recording import ByNbgrader, Recorder
from autograder.run import BATCH
from cs231n_utils.checking.verdict import Finding, Status, Verdict

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests" / "data" / "sample_class"
ASSIGNMENTS = ("02_pooling", "03_batchnorm")
LEFT_OUT = {"endless", "memory_hog", "slow_fast", "chatty"}
NBGRADERS = 20
"""Submissions that nbgrader records, to extrapolate from."""

Figures = dict[str, float | int]


def measure() -> Figures:
    """Whole classes and the gradebook alone, each in a process of its own, whose memory is then its own."""
    figures: Figures = {}
    for options in (["--sizes", "250", "500", "1000"], ["--recorded", "10000"]):
        command = [sys.executable, "-m", "benchmarks.classes", *options]
        figures |= json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    return figures


def grade_classes(sizes: Sequence[int]) -> Figures:
    """Grade classes of these sizes by the command line, each twice."""
    figures: Figures = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            course = _course(Path(folder, "course"), [find_assignment(name) for name in ASSIGNMENTS])
            count = _hand_in(course, size)
            seconds, peak = _grade(course)
            figures |= {
                f"{count} submissions [s]": seconds,
                f"{count} submissions [submissions/s]": count / seconds,
                f"{count} submissions, coordinator's peak memory [MB]": peak / 2**20,
                f"{count} submissions, bytes handed in [MB]": _size(course.root / "submitted") / 2**20,
            }
            time.sleep(2.5)  # what was written a moment ago would be read once more
            _grade(course)
            figures[f"{count} submissions once more, unchanged [s]"], _ = _grade(course)
    return figures


def record(count: int) -> Figures:
    """Simulated reports of right and wrong answers into a gradebook, by batches; nbgrader's own way beside it."""
    name = ASSIGNMENTS[0]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
        course = _course(Path(folder, "course"), [find_assignment(name)])
        data = (SAMPLES / "loops" / name / f"{name}.ipynb").read_bytes()
        path = course.root / "submitted" / "student0" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        job = course.job(next(course.submissions([name], None)), "none", course.limits)
        report = _report(find_assignment(name))
        report_store(course.root).put(job, report)
        slow = ByNbgrader(course)
        slow.record([(job, report)])
        start, cpu = time.perf_counter(), time.process_time()
        for _ in range(NBGRADERS):
            assert slow.record([(job, report)]) == {}
        theirs, theirs_cpu = (time.perf_counter() - start) / NBGRADERS, (time.process_time() - cpu) / NBGRADERS
        writer = Recorder(course)
        start, cpu = time.perf_counter(), time.process_time()
        for first in range(0, count, BATCH):
            students = range(first, min(count, first + BATCH))
            assert writer.record([(replace(job, student=f"student{i}"), report) for i in students]) == {}
        ours, ours_cpu = time.perf_counter() - start, time.process_time() - cpu
        writer.close()
    cells = len(report.exercises) + 2
    return {
        "reports recorded": count,
        "recorded here [s]": ours,
        "recorded here, of processor time [s]": ours_cpu,
        "recorded here [reports/s]": count / ours,
        "recorded here [rows of grades/s]": count * cells / ours,
        f"nbgrader's autograde, mean of {NBGRADERS} [s a report]": theirs,
        "the same, of processor time [s a report]": theirs_cpu,
        "nbgrader's autograde for as many, extrapolated [s]": theirs * count,
        "recording: nbgrader / here": theirs * count / ours,
        "recording: nbgrader / here, of processor time": theirs_cpu * count / ours_cpu,
        "peak memory of recording [MB]": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _course(root: Path, assignments: list[Assignment]) -> ClassFolder:
    with warnings.catch_warnings(action="ignore"):
        return create(root, Course(ROOT), "auto", tuple(assignments))


def _hand_in(course: ClassFolder, size: int) -> int:
    """About as many submissions, half of them of each assignment; returns how many there are."""
    count = 0
    for name in ASSIGNMENTS:
        samples = sorted(path for path in SAMPLES.glob(f"*/{name}/{name}.ipynb") if path.parts[-3] not in LEFT_OUT)
        for number, path in enumerate(islice(cycle(samples), size // len(ASSIGNMENTS))):
            target = course.root / "submitted" / f"student{number:05}" / name / path.name
            target.parent.mkdir(parents=True)
            target.write_text(path.read_text().replace("import numpy as np", f"import numpy as np  # {number}", 1))
            count += 1
    return count


def _grade(course: ClassFolder) -> tuple[float, int]:
    """Seconds of `autograder grade`, and the most memory that the process in charge has used."""
    command = [sys.executable, "-W", "ignore", "-m", "autograder.cli", "grade", str(course.root)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    assert process.returncode == 0, f"{' '.join(command)} ended with {process.returncode}"
    return seconds, peak


def _peak(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    found = next((line for line in lines if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(found.split()[1]) * 1024


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _report(assignment: Assignment) -> Report:
    right, wrong = Finding("a case", Status.PASSED), Finding("a case", Status.FAILED, "out[0] = 1, expected 2")
    verdicts = [
        Verdict(e.name, Status.FAILED, 0.0, e.points, (right, wrong))
        if number % 3 == 0
        else Verdict(e.name, Status.PASSED, e.points, e.points, (right, right))
        for number, e in enumerate(assignment.exercises)
    ]
    return Report(f"{assignment.name}.ipynb", assignment.name, "none", 0.1, tuple(verdicts))


def main() -> None:
    """Measure what is asked for, and print it as JSON."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    parser.add_argument("--recorded", type=int, default=0)
    arguments = parser.parse_args()
    figures: Figures = {}
    if arguments.recorded:
        figures |= record(arguments.recorded)
    figures |= grade_classes(arguments.sizes)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
