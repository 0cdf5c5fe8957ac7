"""Gradients against the student's own forward pass: along random directions, and at the worst entry.

A backward pass is the derivative of a forward pass. Where the forward pass is wrong, a backward pass may be right for
it all the same. What is differentiated is sum(dout * out), or the loss. Its slope is measured by central differences,
for each input that has a gradient (dx for x, dw for w ...): two forward passes, with a little added and taken away.

The grader measures in the sandbox (follow_through.py), `check` with the functions of the notebook.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import numpy as np

from cs231n_utils.checking.calls import Call, Record, run
from cs231n_utils.checking.compare import Kind, differences
from cs231n_utils.checking.finding import Answer, Status, Verdict
from cs231n_utils.checking.judges import DIFFERENTIABLE
from cs231n_utils.checking.key import Case, ExerciseKey
from cs231n_utils.checking.values import Value

__all__ = [
    "STEP",
    "Move",
    "differentiated",
    "explain_gradient",
    "follows",
    "forward_plan",
    "is_smooth",
    "move",
    "output",
]

STEP = 1e-5
TOLERANCE = 1e-4  # of the derivative: central differences err by about STEP squared, rounding by 1e-16 / STEP
STILL = 1e-3  # a forward pass whose output moves less than this does not depend on that input

SECONDS = 0.06  # that `check` may spend on this: a check shows its result at once
DIRECTIONS = 3  # for each gradient in `check`
STEPS = (1e-5, 1e-4, 1e-3)  # at one entry: where they disagree there is a kink, or numbers are rounded on the way
CLEARLY = 5e-3  # of the slope: float32, which is right too, leaves errors of 1e-7 divided by the step

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Move:
    """One input moved along a direction, to and fro, and the slope that the backward pass claims."""

    name: str
    claimed: float
    ahead: dict[str, Value]
    behind: dict[str, Value]


def differentiated(case: Case) -> list[str]:
    """The inputs that the backward pass gives a gradient for."""
    return [name for name in case.inputs if f"d{name}" in case.expected["results"]]


def is_smooth(case: Case) -> bool:
    """Can a derivative be measured: floats, no ties, no chance, no large case that is there for its speed?"""
    inputs = [case.inputs[name] for name in differentiated(case)]
    floats = all(isinstance(value, np.ndarray) and value.dtype.kind == "f" for value in inputs)
    return bool(inputs) and floats and not case.speed and DIFFERENTIABLE.issuperset(case.judges.values())


def forward_plan(key: ExerciseKey, case: Case) -> tuple[Call, ...]:
    """The calls that make the output: all but the backward pass. A loss returns its gradient, and is called whole."""
    plan = key.plan(case)
    return plan[:-1] if "dout" in case.inputs else plan


def move(case: Case, record: Record, name: str, direction: np.ndarray, step: float = STEP) -> Move:
    """Move the input `name` along a direction of its shape."""
    value = case.inputs[name]
    claimed = _sum(record["results"][f"d{name}"], direction)
    ahead, behind = (case.inputs | {name: value + way * direction} for way in (step, -step))
    return Move(name, claimed, ahead, behind)


def output(case: Case, record: Record | None) -> float | None:
    """What is differentiated: sum(dout * out), or the loss; None where it cannot be computed."""
    results = record["results"] if record else {}
    out, weights = (results.get("out"), case.inputs["dout"]) if "dout" in case.inputs else (results.get("loss"), 1.0)
    if isinstance(out, float):
        out = np.asarray(out)
    if not isinstance(out, np.ndarray) or out.shape != np.shape(weights) or out.dtype.kind not in "iuf":
        return None
    total = _sum(out, weights)
    return total if np.isfinite(total) else None


def follows(moves: Sequence[Move], slopes: Sequence[float | None]) -> bool:
    """Do all claims agree with the measured slopes, and does the output depend on every input that was moved?"""
    largest: dict[str, float] = {}
    for moved, slope in zip(moves, slopes, strict=True):
        if slope is None or not np.isfinite(moved.claimed) or not _agree(moved.claimed, slope):
            return False
        largest[moved.name] = max(largest.get(moved.name, 0.0), abs(slope))
    return bool(largest) and min(largest.values()) >= STILL


def explain_gradient(key: ExerciseKey, answers: Sequence[Answer], functions: Functions, verdict: Verdict) -> Verdict:
    """Hold a wrong gradient against the student's own forward pass, and say in the finding what comes of it.

    The first wrong case is taken that can be measured in time.
    """
    for i, (case, answer, finding) in enumerate(zip(key.cases, answers, verdict.findings, strict=True)):
        if finding.status is not Status.FAILED or not is_smooth(case) or 2 * len(STEPS) * answer.seconds > SECONDS:
            continue
        record = answer.record
        if record is None or not _can_be_moved(case, record):
            continue
        found = differences(case, record, key.tolerance)
        wrong = {difference.name for difference in found if difference.kind is Kind.VALUE}  # no chance in what is right
        names = [name for name in differentiated(case) if f"d{name}" in wrong]
        if not names:
            continue
        said = _at_the_worst_entry(key, case, record, names[0], functions, answer.seconds)
        if said:
            findings = (*verdict.findings[:i], replace(finding, numeric=said), *verdict.findings[i + 1 :])
            return replace(verdict, findings=findings)
    return verdict


def _at_the_worst_entry(
    key: ExerciseKey, case: Case, record: Record, name: str, functions: Functions, seconds: float
) -> str:
    """The sentence about one gradient; empty where nothing certain can be said."""
    came, want = record["results"][f"d{name}"], case.expected["results"][f"d{name}"]
    with np.errstate(over="ignore"):
        worst = np.unravel_index(int(np.abs(came - want).argmax()), want.shape)
    direction = np.zeros(want.shape)
    direction[worst] = 1.0
    claimed, expected = float(came[worst]), float(want[worst])
    slopes = [_slope(key, case, functions, move(case, record, name, direction, step), step) for step in STEPS]
    slope = slopes[1]
    if slope is None or not all(other is not None and _agree(other, slope, CLEARLY / 5) for other in slopes):
        return ""
    if _agree(claimed, expected, CLEARLY):
        return ""
    place = f"d{name}[{', '.join(str(int(index)) for index in worst)}]" if worst else f"d{name}"
    what = "output" if "dout" in case.inputs else "loss"
    said = (
        f"At {place} your gradient is {claimed:.4g}. The numeric gradient of your own {what} is {slope:.4g} there, "
        f"expected {expected:.4g}"
    )
    if _agree(slope, expected, CLEARLY):
        return f"{said}: the {what} has the right slope in this place, and your gradient has not."
    if not _agree(slope, claimed, CLEARLY):
        return f"{said}: neither is right, so begin with the {what}."
    if key.name != forward_plan(key, case)[-1].function and _follows_everywhere(key, case, record, functions, seconds):
        forward = forward_plan(key, case)[-1].function
        return (
            f"{said}: {key.name} is right for your own {forward}, which is wrong. Mend {forward}, and this one follows."
        )
    return f"{said}: your gradient fits your own {what} in this place, so look at the {what} first."


def _follows_everywhere(key: ExerciseKey, case: Case, record: Record, functions: Functions, seconds: float) -> bool:
    names = differentiated(case)
    directions = min(DIRECTIONS, int(SECONDS / max(2 * seconds * len(names), 1e-9)))
    rng = np.random.default_rng(0)
    moves = [
        move(case, record, name, rng.standard_normal(case.inputs[name].shape))
        for name in names
        for _ in range(directions)
    ]
    return follows(moves, [_slope(key, case, functions, moved) for moved in moves])


def _slope(key: ExerciseKey, case: Case, functions: Functions, moved: Move, step: float = STEP) -> float | None:
    """The slope of the student's own output, by two forward passes; what they print has been seen already."""
    with np.errstate(all="ignore"), redirect_stdout(StringIO()), warnings.catch_warnings(action="ignore"):
        ahead, behind = (
            output(case, run(forward_plan(key, case), functions, inputs)) for inputs in (moved.ahead, moved.behind)
        )
    return None if ahead is None or behind is None else (ahead - behind) / (2 * step)


def _can_be_moved(case: Case, record: Record) -> bool:
    """Are there gradients of the right shape, and finite, for all inputs?"""
    return not record["error"] and all(
        is_like(record["results"].get(f"d{name}"), case.inputs[name]) for name in differentiated(case)
    )


def is_like(came: Value, like: np.ndarray) -> bool:
    """An array of real numbers, all finite, of this shape."""
    if not isinstance(came, np.ndarray) or came.shape != like.shape or came.dtype.kind not in "iuf":
        return False
    return bool(np.isfinite(came).all())


def _agree(one: float, other: float, tolerance: float = TOLERANCE) -> bool:
    return bool(abs(one - other) <= tolerance * (abs(one) + abs(other)) + 1e-6)


def _sum(values: Value, weights: Value) -> float:
    with np.errstate(all="ignore"):
        return float(np.sum(np.asarray(values, np.float64) * weights))
