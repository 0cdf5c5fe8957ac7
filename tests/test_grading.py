"""How a submission's exercises are asked: all in one job, each in a fork; and alone whatever is not all right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder import classroom
from autograder.classroom import Job, ReportStore
from autograder.exercises import Assignment
from autograder.grading import Report, grade, made_from
from autograder.jobs import imported
from autograder.limits import CourseLimits
from autograder.sandbox import Outcome, Sandbox, SandboxFailure, open_sandbox
from autograder.submission import read
from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.verdict import Status
from tests.security.submissions import GLOBAL, POOLING, RIGHT, SIZE, SMALL, answered, part_of_pooling

pytestmark = pytest.mark.sandbox

BOTH = {name: RIGHT[name] for name in (SIZE, GLOBAL)}


class Counting:
    """A sandbox that remembers how many requests each job had."""

    def __init__(self, real: Sandbox) -> None:
        self._real = real
        self.name = real.name
        self.jobs: list[int] = []
        self.fails = 0

    def run(self, requests: Sequence[bytes], *given: Any, **options: Any) -> Outcome:
        self.jobs.append(len(requests))
        if self.fails:
            self.fails -= 1
            raise SandboxFailure("it failed")
        return self._real.run(requests, *given, **options)


@pytest.fixture(scope="module")
def opened() -> Iterator[Sandbox]:
    with open_sandbox("auto") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(opened: Sandbox) -> Counting:
    return Counting(opened)


def graded(sandbox: Counting, data: bytes, limits: CourseLimits | None = None) -> Report:
    return grade(data, "02_pooling.ipynb", [SMALL], sandbox, 1, limits, only=SMALL)  # type: ignore[arg-type]


def test_what_is_all_right_takes_one_job(sandbox: Counting) -> None:
    assert graded(sandbox, answered(BOTH)).score == 4
    assert len(sandbox.jobs) == 1


LAST = RIGHT[GLOBAL].replace("def global_avg_pool_forward(", "def last(")

MEDDLING = {
    "a variable": "global calls\n    calls += 1\n    assert calls < 1000\n    globals()['np'] = None",
    "NumPy's settings": "np.seterr(all='raise')\n    np.mean = np.sum = None",
    "a builtin": "import builtins\n    builtins.sorted = None",
    "the modules": "import sys\n    sys.modules.clear()",
}


@pytest.mark.parametrize("meddling", MEDDLING.values(), ids=MEDDLING)
def test_what_an_exercise_does_no_other_one_sees(sandbox: Counting, meddling: str) -> None:
    first = f"def pool_output_size(H, F, S):\n    {meddling}\n    return right_size(H, F, S)\n"
    cells = ["calls = 0", RIGHT[SIZE].replace("def pool_output_size(", "def right_size("), LAST]
    functions = {SIZE: first, GLOBAL: "def global_avg_pool_forward(x):\n    assert calls == 0\n    return last(x)"}
    report = graded(sandbox, answered(functions, *cells))
    assert report.exercises[1].status is Status.PASSED, report
    assert len(sandbox.jobs) <= 2  # the second exercise was not asked again


def test_only_what_is_not_all_right_is_asked_once_more(sandbox: Counting) -> None:
    wrong = "def global_avg_pool_forward(x):\n    return 2 * x.mean((2, 3)), None"
    report = graded(sandbox, answered(BOTH | {GLOBAL: wrong}))
    assert [verdict.status for verdict in report.exercises] == [Status.PASSED, Status.FAILED]
    assert len(sandbox.jobs) == 2


def test_a_crash_costs_its_exercise_alone(sandbox: Counting) -> None:
    functions = {SIZE: "def pool_output_size(H, F, S):\n    import os\n    os._exit(0)", GLOBAL: RIGHT[GLOBAL]}
    report = graded(sandbox, answered(functions))
    assert [verdict.status for verdict in report.exercises] == [Status.CRASHED, Status.PASSED]
    assert len(sandbox.jobs) == 3
    assert "exit status 0" in report.exercises[0].findings[0].message


def test_an_exercise_that_another_one_has_spoiled_is_asked_alone(sandbox: Counting) -> None:
    """Files are the one thing that the forks of a job share."""
    leaves = "def pool_output_size(H, F, S):\n    open('/tmp/note', 'w').close()\n    return right_size(H, F, S)\n"
    finds = "import os\ndef global_avg_pool_forward(x):\n    assert not os.path.exists('/tmp/note')\n    return last(x)"
    cells = [RIGHT[SIZE].replace("def pool_output_size(", "def right_size("), LAST]
    assert graded(sandbox, answered({SIZE: leaves, GLOBAL: finds}, *cells)).score == 4
    assert len(sandbox.jobs) == 2


def test_threads_that_a_fork_does_not_have(sandbox: Counting) -> None:
    """A pool of threads that was started in a cell is there in a process of its own."""
    cells = [
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(1)\npool.submit(int).result()",
        LAST,
    ]
    threads = "def global_avg_pool_forward(x):\n    return pool.submit(last, x).result()"
    limits = CourseLimits.of_settings({"request_seconds": 1.0})
    assert graded(sandbox, answered(BOTH | {GLOBAL: threads}, *cells), limits).score == 4


def test_an_exercise_with_limits_of_its_own_is_asked_alone(sandbox: Counting) -> None:
    limits = CourseLimits.of_settings({"exercises": {GLOBAL: {"request_seconds": 20}}})
    assert graded(sandbox, answered(BOTH), limits).score == 4
    assert len(sandbox.jobs) == 2


def test_a_joint_job_that_the_sandbox_fails_is_no_loss(sandbox: Counting) -> None:
    sandbox.fails = 1
    assert graded(sandbox, answered(BOTH)).score == 4
    assert len(sandbox.jobs) == 1 + 1 + 2  # the joint one, then compiling, then each exercise


def test_a_timed_exercise_brings_its_baseline(opened: Sandbox) -> None:
    fast = part_of_pooling("max_pool_forward_naive", "max_pool_forward_fast")
    functions = {name: RIGHT[name] for name in ("max_pool_forward_naive", "max_pool_forward_fast")}
    sandbox = Counting(opened)
    report = grade(answered(functions), "02_pooling.ipynb", [fast], sandbox, 1, only=fast)  # type: ignore[arg-type]
    assert report.score == report.max_score
    assert len(sandbox.jobs) == 1


# What is known of an earlier report


def exercises_with(**changes: Any) -> Assignment:
    """The two exercises, the second one changed."""
    return Assignment(SMALL.name, SMALL.solutions, (SMALL.exercise(SIZE), replace(SMALL.exercise(GLOBAL), **changes)))


@pytest.fixture
def store(sandbox: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReportStore:
    """Holds the report on JOB; then the assignment's files change."""
    kept = ReportStore(tmp_path)
    monkeypatch.setattr(classroom, "find_assignment", lambda name: SMALL)
    kept.put(JOB, graded(sandbox, JOB.data))
    monkeypatch.setattr(classroom, "fingerprint", lambda assignment: "another version")
    sandbox.jobs.clear()
    return kept


JOB = Job("anna", SMALL.name, "02_pooling.ipynb", answered(BOTH), seed=1)

CHANGES = {
    "points": ({"points": 3.0}, 5.0),
    "a tolerance": ({"tolerance": Tolerance(0.1, 0.1, "so that it is another one")}, 4.0),
    "cases": ({"cases": lambda rng: list(SMALL.exercise(GLOBAL).cases(rng))[1:]}, 4.0),
    "known mistakes": ({"mistakes": SMALL.exercise(GLOBAL).mistakes[1:]}, 4.0),
}


@pytest.mark.parametrize(("changes", "score"), CHANGES.values(), ids=CHANGES)
def test_a_changed_exercise_is_asked_again_and_no_other(
    store: ReportStore, sandbox: Counting, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], score: float
) -> None:
    assignment = exercises_with(**changes)
    monkeypatch.setattr(classroom, "find_assignment", lambda name: assignment)
    assert store.get(JOB) is None
    known = store.unchanged(JOB)
    assert [verdict.name for verdict in known] == [SIZE]
    again = grade(JOB.data, JOB.name, [assignment], sandbox, 1, only=assignment, known=known)  # type: ignore[arg-type]
    assert again.score == score
    assert [verdict.name for verdict in again.exercises] == [SIZE, GLOBAL]
    assert len(sandbox.jobs) == 1
    store.put(JOB, again)
    found = store.get(JOB)
    assert found is not None
    assert found.exercises == again.exercises


@pytest.mark.parametrize("changes", [{}, {"cases": lambda rng: SMALL.exercise(GLOBAL).cases(rng)}], ids=["", "code"])
def test_what_changes_no_exercise_asks_nothing(
    store: ReportStore, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    """A comment, or other code that draws the same cases."""
    assignment = exercises_with(**changes)
    monkeypatch.setattr(classroom, "find_assignment", lambda name: assignment)
    report = store.get(JOB)
    assert report is not None
    assert report.score == 4


def test_an_exercise_more(store: ReportStore, monkeypatch: pytest.MonkeyPatch) -> None:
    more = part_of_pooling(SIZE, GLOBAL, "global_avg_pool_backward")
    monkeypatch.setattr(classroom, "find_assignment", lambda name: more)
    assert store.get(JOB) is None
    assert store.unchanged(JOB) == ()


def test_a_backward_pass_depends_on_its_forward_pass() -> None:
    """Because the forward pass decides whether follow-through is looked at."""
    forward, backward = (POOLING.exercise(f"max_pool_{way}_naive") for way in ("forward", "backward"))
    assert backward.follow_through
    before = Assignment(POOLING.name, POOLING.solutions, (forward, backward))
    after = Assignment(POOLING.name, POOLING.solutions, (replace(forward, points=9.0), backward))
    assert made_from(before, backward, 1) != made_from(after, backward, 1)
    assert made_from(before, backward, 1) == made_from(POOLING, backward, 1)
    assert made_from(before, backward, 1) != made_from(before, backward, 2)


# What a submission imports


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import numpy as np", ()),
        ("from scipy import ndimage", ("scipy.ndimage",)),
        ("import scipy.special\nfrom scipy.signal import correlate2d", ("scipy.signal", "scipy.special")),
        ("special = 1  # no use of the library", ()),
    ],
)
def test_what_a_submission_seems_to_import(source: str, modules: tuple[str, ...]) -> None:
    submission = read(answered(BOTH, source), "n.ipynb", [])
    assert imported(submission) == modules
