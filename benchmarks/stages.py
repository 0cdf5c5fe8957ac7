"""Where the processor's time for one submission goes, and how much of it is the students' code and judging it.

While a student's process answers, it alone works, so that its time by the clock is the processor's. Nothing else must
be running on the machine.
"""

import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autograder import grading
from autograder.exercises import find_assignment
from autograder.sandbox import Limits, Outcome, Sandbox, open_sandbox
from benchmarks.grading import ASSIGNMENT, STUDENTS, submission
from benchmarks.processor import seconds_below

RUNS = 5

STAGES = {
    "compile": "students' code: compiling",
    "fork": "starting and ending processes",
    "end": "starting and ending processes",
    "windows": "the speed that is asked for",
    "load": "students' code: cells",
    "run": "students' code: cases",
}
PURPOSE = (
    "students' code: compiling",
    "students' code: cells",
    "students' code: cases",
    "the speed that is asked for",
    "comparing",
)
"""What a grader is for. Compiling is a part of running a notebook's cells; a kernel does it as well."""


class Watched:
    """A sandbox that adds up what its processes' requests take, by what was asked."""

    def __init__(self, sandbox: Sandbox, seconds: Counter[str]) -> None:
        self.sandbox, self.seconds, self.name = sandbox, seconds, sandbox.name

    def run(self, requests: Sequence[bytes], limits: Limits | None = None, **options: object) -> Outcome:
        """Run the job."""
        outcome = self.sandbox.run(requests, limits, **options)  # type: ignore[arg-type]
        for request, reply in zip(requests, outcome.replies, strict=False):
            self.seconds[STAGES[json.loads(request.partition(b"\n")[0])["value"]["do"]]] += reply.seconds
        return outcome


def measure() -> dict[str, float]:
    """Milliseconds of a processor that each stage of a submission takes: medians over runs of means over styles."""
    assignment = find_assignment(ASSIGNMENT)
    runs: list[Counter[str]] = []
    with open_sandbox() as sandbox:
        for number in range(RUNS + 1):
            seconds: Counter[str] = Counter()
            ours, theirs = time.process_time(), seconds_below()
            with _watched_judging(seconds):
                for student in STUDENTS:
                    data, place = submission(student).encode(), Watched(sandbox, seconds)
                    report = grading.grade(data, f"{ASSIGNMENT}.ipynb", [assignment], place, 1, only=assignment)  # type: ignore[arg-type]
                    assert report.score == report.max_score, report
            ours, theirs = time.process_time() - ours, seconds_below() - theirs
            answering = sum(seconds[stage] for stage in set(STAGES.values()))
            seconds["starting and ending processes"] += theirs - answering
            seconds["reading the notebook, requests and replies"] = ours - seconds["comparing"]
            seconds["a submission"] = ours + theirs
            if number:  # the first one makes the answer keys
                runs.append(seconds)
    stages = {name: 1000 * statistics.median(run[name] for run in runs) / len(STUDENTS) for name in runs[0]}
    named = {f"{name} [ms]": value for name, value in sorted(stages.items(), key=lambda pair: -pair[1])}
    share = statistics.median(sum(run[name] for name in PURPOSE) / run["a submission"] for run in runs)
    return named | {"share of students' code and comparing": share}


@contextmanager
def _watched_judging(seconds: Counter[str]) -> Iterator[None]:
    """Add up what judging takes: the grader's own function, with a clock around it."""
    judge = grading._judge

    def timed(*given, **options):  # type: ignore[no-untyped-def]
        start = time.process_time()
        try:
            return judge(*given, **options)
        finally:
            seconds["comparing"] += time.process_time() - start

    grading._judge = timed
    try:
        yield
    finally:
        grading._judge = judge
