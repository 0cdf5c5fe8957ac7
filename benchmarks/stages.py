"""Where the time of one submission goes, stage by stage, and how much of it is the students' code and judging it."""

import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autograder import grading
from autograder.exercises import find_assignment
from autograder.sandbox import Limits, Outcome, Sandbox, open_sandbox
from benchmarks.grading import ASSIGNMENT, STUDENTS, _submission

RUNS = 5

WORK = ("students' code: cells", "students' code: cases", "comparing")
STAGES = {
    "compile": "compiling the cells, once a submission",
    "windows": "speed baseline",
    "load": "students' code: cells",
    "run": "students' code: cases",
}


class Watched:
    """A sandbox that adds up what its processes' requests take, by what was asked."""

    def __init__(self, sandbox: Sandbox, seconds: Counter[str]) -> None:
        self.sandbox, self.seconds, self.name = sandbox, seconds, sandbox.name

    def run(self, requests: Sequence[bytes], limits: Limits | None = None, **options: object) -> Outcome:
        """Run the job; what is left of its time besides the requests is starting and ending its process."""
        start = time.perf_counter()
        outcome = self.sandbox.run(requests, limits)
        rest = time.perf_counter() - start
        for request, reply in zip(requests, outcome.replies, strict=False):
            asked = json.loads(request.partition(b"\n")[0])["value"]["do"]
            self.seconds[STAGES[asked]] += reply.seconds
            rest -= reply.seconds
        self.seconds["starting and ending processes"] += rest
        return outcome


def measure() -> dict[str, float]:
    """Milliseconds a submission spends in each stage: the median over runs of the mean over styles."""
    assignment = find_assignment(ASSIGNMENT)
    runs: list[Counter[str]] = []
    with open_sandbox() as sandbox:
        for number in range(RUNS + 1):
            seconds: Counter[str] = Counter()
            start = time.perf_counter()
            with _watched_judging(seconds):
                for student in STUDENTS:
                    data, place = _submission(student).encode(), Watched(sandbox, seconds)
                    report = grading.grade(data, f"{ASSIGNMENT}.ipynb", [assignment], place, 1, only=assignment)  # type: ignore[arg-type]
                    assert report.score == report.max_score, report
            whole = time.perf_counter() - start
            seconds["reading the notebook, and all else"] = whole - sum(seconds.values())
            seconds["a submission"] = whole
            if number:  # the first one makes the answer keys
                runs.append(seconds)
    stages = {name: 1000 * statistics.median(run[name] for run in runs) / len(STUDENTS) for name in runs[0]}
    named = {f"{name} [ms]": value for name, value in sorted(stages.items(), key=lambda pair: -pair[1])}
    share = statistics.median(sum(run[name] for name in WORK) / run["a submission"] for run in runs)
    return named | {"share of students' code and comparing": share}


@contextmanager
def _watched_judging(seconds: Counter[str]) -> Iterator[None]:
    """Add up what judging takes: the grader's own function, with a clock around it."""
    judge = grading._judge

    def timed(*given, **options):  # type: ignore[no-untyped-def]
        start = time.perf_counter()
        try:
            return judge(*given, **options)
        finally:
            seconds["comparing"] += time.perf_counter() - start

    grading._judge = timed
    try:
        yield
    finally:
        grading._judge = judge
