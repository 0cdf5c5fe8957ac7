"""Whatever bytes a student's process answers with, the trusted side reads them, and they earn nothing.

The replies of real submissions are recorded once, in the real sandbox. Hypothesis then changes them: bytes, the headers
and the bodies of arrays, the JSON, the structure of records, and their order. Each time the whole of `grade` runs on
what is left, as it would on what came from a sandbox.
"""

from __future__ import annotations

import copy
import json
import random
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.exercises import Assignment, find_assignment
from autograder.grading import Report, grade
from autograder.sandbox import Limits, Outcome, Reply, Sandbox
from cs231n_utils.checking.calls import NOT_PLAIN
from cs231n_utils.checking.panel import to_html, to_text
from cs231n_utils.checking.values import pack, split, unpack
from cs231n_utils.checking.verdict import Status
from tests.security.conftest import SEED, outcome

pytestmark = pytest.mark.sandbox

EXECUTED = Path(__file__).resolve().parents[2] / "solutions" / "executed"

SPOIL = """
def spoiled(right):
    def wrong(*arguments, **options):
        try:
            return off_by_one(right(*arguments, **options))
        except Exception:
            raise KeyError("spoiled") from None
    return wrong
def off_by_one(value):
    if isinstance(value, tuple):
        return tuple(map(off_by_one, value))
    try:
        return value + 1
    except TypeError:
        return value
for name in NAMES:
    if not isinstance(globals()[name], type):
        globals()[name] = spoiled(globals()[name])
"""
"""Right functions, each result changed by one: the right types and shapes, and no number right."""


class Recorded:
    """Stands for a sandbox: what the real one answered to the same requests, changed."""

    name = "bubblewrap"

    def __init__(self, real: Sandbox) -> None:
        self._real = real
        self._known: dict[tuple[bytes, ...], Outcome] = {}
        self.change: Callable[[list[bytes]], list[bytes]] = list

    def run(
        self,
        requests: Sequence[bytes],
        limits: Limits | None = None,
        *,
        seconds: Sequence[float] | None = None,
        modules: Sequence[str] = (),
    ) -> Outcome:
        """The recorded outcome, with its replies changed."""
        if tuple(requests) not in self._known:
            self._known[tuple(requests)] = self._real.run(requests, limits, seconds=seconds, modules=modules)
        known = self._known[tuple(requests)]
        changed = self.change([reply.data for reply in known.replies])
        seconds_of = [reply.seconds for reply in known.replies]
        replies = tuple(Reply(data, spent) for data, spent in zip(changed, seconds_of, strict=False))
        return Outcome(replies, known.ending, known.detail, known.output)

    def close(self) -> None:
        """The real one is closed by whoever opened it."""


# --- how replies are changed ---

JUNK: list[Callable[[random.Random], Any]] = [
    lambda r: None,
    lambda r: r.choice([True, False]),
    lambda r: r.choice([0, 1, -1, 10**18, -(10**300), 10**4000]),
    lambda r: r.choice([0.0, -0.0, 1e308, float("nan"), float("inf"), -float("inf")]),
    lambda r: r.choice(["", "x", "ValueError", "\ud83d\x1b[2J", "<b>" * 100, "y" * 5000]),
    lambda r: [],
    lambda r: {},
    lambda r: [[[]]] * 3,
    lambda r: {"status": "passed", "points": 1e9, "score": float("inf")},
    lambda r: {NOT_PLAIN: r.choice(["Tensor", "x" * 5000, 3, None, [1]])},
    lambda r: {"sealed": "", "salt": ""},
    lambda r: {"given": "cubes"},
    lambda r: {"type": "ValueError", "bases": ["ValueError"], "message": "m", "function": "f", "lines": [{"in": 1}]},
    lambda r: {"type": None, "bases": [None, 3], "message": [], "function": {}, "lines": [None, 3]},
    lambda r: {"type": r.choice(["MemoryError", "WrongReturn", [], 3]), "bases": r.choice([None, "x", {}]), "lines": 3},
    lambda r: np.array(r.choice([0, 1.5, np.nan, True, 1j])),
    lambda r: np.zeros(r.choice([(), (0,), (1,), (2, 3), (3, 2, 1, 1), (0, 5)]), r.choice("?bBhHiIqQefdgFDG")),
    lambda r: np.full((2, 3), r.choice([np.nan, np.inf, 6e4]), r.choice([">f8", "<f4", ">f2"])),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all nodes below the root."""
    if isinstance(value, dict):
        items: Any = value.items()
    else:
        items = enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in items for place in ((*path, key), *places(item, (*path, key)))]


def at(value: Any, path: Sequence[Any]) -> Any:
    for key in path:
        value = value[key]
    return value


def restructured(reply: bytes, others: Sequence[bytes], r: random.Random) -> bytes:
    """The reply's value with nodes replaced, removed, renamed, or taken from another reply."""
    try:
        value = copy.deepcopy(unpack(reply))
        other = unpack(r.choice(others))
    except ValueError:
        return reply
    for _ in range(r.randint(1, 3)):
        found = places(value)
        if not found:
            break
        if r.random() < 0.4:  # near the top: results, arguments, error
            found = [path for path in found if len(path) == 1]
        path = r.choice(found)
        parent, key = at(value, path[:-1]), path[-1]
        action = r.choice(["junk", "junk", "remove", "rename", "other", "array"])
        if action == "junk":
            parent[key] = r.choice(JUNK)(r)
        elif action == "remove":
            del parent[key]
        elif action == "rename" and isinstance(parent, dict):
            parent[r.choice(["results", "error", "out", "x", "answer"])] = parent.pop(key)
        elif action == "other" and places(other):
            parent[key] = copy.deepcopy(at(other, r.choice(places(other))))
        elif action == "array" and isinstance(parent[key], np.ndarray):
            parent[key] = reshaped(parent[key], r)
    return packed(value, r)


def reshaped(array: np.ndarray, r: random.Random) -> np.ndarray:
    """An array of other shape, type or order, with the same numbers as far as they go."""
    ways: list[Callable[[], np.ndarray]] = [
        lambda: array.reshape(-1),
        lambda: array[None],
        lambda: array.T,
        lambda: array[:0] if array.ndim else array,
        lambda: np.asfortranarray(array),
        lambda: array.astype(r.choice(["f2", ">f8", "i1", "c8", "?", "u8"])),
        lambda: array * np.nan,
        lambda: np.broadcast_to(array, (2, *array.shape)),
    ]
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):  # a complex number made real
        return r.choice(ways)()


def packed(value: Any, r: random.Random) -> bytes:
    """As `pack` writes it, but for a header that may lie."""
    try:
        honest = pack(value)
        skeleton, _ = split(value)
    except (ValueError, KeyError):
        return b""
    head, _, body = honest.partition(b"\n")
    header = json.loads(head)
    lie = r.randrange(8)
    if lie == 0 and header["sizes"]:
        header["sizes"][r.randrange(len(header["sizes"]))] += r.choice([-1, 1, 8, 10**30, -(10**9)])
    elif lie == 1:
        header["sizes"] = r.choice([None, {}, "12", [1.5], [True], [-1, 1], [len(body)], [[]]])
    elif lie == 2:
        header[r.choice(["value", "sizes"])] = skeleton
    elif lie == 3 and body:
        return head + b"\n" + crafted(body, r)
    return json.dumps(header).encode() + b"\n" + body


def crafted(body: bytes, r: random.Random) -> bytes:
    """The bytes of arrays with something in a `.npy` header exchanged for something as long."""
    old, new = r.choice(
        [
            (b"<f8", r.choice([b"|O ", b">f8", b"<i8", b"<c8", b"<M8", b"|V8", b"<f0", b"\xff\xff8"])),
            (b"False", r.choice([b"True ", b"[][0]", b"00000"])),
            (b"(", r.choice([b"[", b"-", b" "])),
            (b", }", r.choice([b"]  ", b"}}}", b"\n\n\n"])),
            (b"NUMPY\x01\x00", r.choice([b"NUMPY\x02\x00", b"NUMPY\x09\x09", b"PK\x03\x04\x00\x00\x00"])),
        ]
    )
    return body.replace(old, new, r.choice([1, -1]))


def flipped(reply: bytes, r: random.Random) -> bytes:
    """A few bytes changed, most of them at the front, where the structure is."""
    data = bytearray(reply)
    for _ in range(r.randint(1, 8)):
        if data:
            data[min(len(data) - 1, int(len(data) * r.random() ** r.choice([1, 4])))] = r.randrange(256)
    return bytes(data)


def changed(replies: list[bytes], r: random.Random) -> list[bytes]:
    """A job's replies, some of them changed."""
    replies = list(replies)
    for _ in range(r.randint(1, 6)):
        if not replies:
            break
        i = r.randrange(len(replies))
        action = r.randrange(8)
        if action <= 2:
            replies[i] = restructured(replies[i], replies, r)
        elif action <= 4:
            replies[i] = flipped(replies[i], r)
        elif action == 5:
            replies[i] = r.choice([replies[i][: r.randrange(len(replies[i]) + 1)], replies[i] * 2, b"", b"\n"])
        elif action == 6:
            replies[i] = r.choice(replies)
        else:
            replies = replies[: i + 1]
    return replies


# --- and what comes of it ---


@cache
def submission(name: str, spoiled: bool) -> bytes:
    """The solved notebook as a submission, right or with every function spoiled at its end."""
    notebook = nbformat.read(EXECUTED / f"{name}.ipynb", as_version=4)
    if spoiled:
        names = [exercise.name for exercise in find_assignment(name).exercises]
        notebook.cells.append(nbformat.v4.new_code_cell(f"NAMES = {names!r}\n{SPOIL}"))
    return nbformat.writes(notebook).encode()


def part(name: str, *exercises: str) -> Assignment:
    whole = find_assignment(name)
    return Assignment(name, whole.solutions, tuple(map(whole.exercise, exercises)) or whole.exercises)


PARTS = {
    "pooling": part("02_pooling", "pool_output_size", "max_pool_forward_naive", "max_pool_backward_naive"),
    "speed and a question": part("02_pooling", "max_pool_forward_fast", "activations_discarded"),
    "running statistics": part("03_batchnorm", "batchnorm_forward", "batchnorm_backward"),
    "masks": part("06_dropout", "dropout_forward", "dropout_backward"),
    "directions": part("01_gradient_checking", "directional_error", "eval_numerical_gradient"),
}


@pytest.fixture(scope="module")
def recorded(sandbox: Sandbox) -> Recorded:
    return Recorded(sandbox)


def graded(recorded: Recorded, assignment: Assignment, spoiled: bool) -> Report:
    data = submission(assignment.name, spoiled)
    return grade(data, "n.ipynb", [assignment], recorded, SEED, only=assignment)


def assert_whole(report: Report, assignment: Assignment) -> None:
    """It can be shown, written and read back, and nothing in it is out of bounds."""
    assert Status.GRADER_ERROR not in report.statuses, report
    assert [verdict.name for verdict in report.exercises] == [exercise.name for exercise in assignment.exercises]
    for verdict in report.exercises:
        assert 0 <= verdict.points <= verdict.max_points
        assert all(len(finding.message) < 10_000 for finding in verdict.findings)
        assert to_html(verdict)
        assert to_text(verdict)
    again = Report.from_json(json.loads(json.dumps(report.to_json(), allow_nan=False).encode()))
    assert outcome(again) == outcome(report)


@pytest.mark.parametrize("spoiled", [False, True], ids=["right", "spoiled"])
@pytest.mark.parametrize("name", PARTS)
@settings(max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(r=st.randoms(use_true_random=False))
def test_no_change_of_the_replies_earns_a_point(recorded: Recorded, name: str, spoiled: bool, r: random.Random) -> None:
    assignment = PARTS[name]
    recorded.change = list
    untouched = graded(recorded, assignment, spoiled)
    assert untouched.score == (0 if spoiled else untouched.max_score), untouched
    recorded.change = lambda replies: changed(replies, r)
    report = graded(recorded, assignment, spoiled)
    assert_whole(report, assignment)
    assert report.score <= untouched.score
