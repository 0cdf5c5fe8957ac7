"""Follow-through: a backward pass that is right for the student's own, wrong forward pass earns part of its points.

The derivative of sum(dout * out) with respect to each input that the backward pass has a gradient for (dx for x, dw for
w ...) is measured along random directions, with central differences on the student's own forward pass, in a fresh
process, and compared with what the backward pass said before.
"""

from dataclasses import replace

import numpy as np

from autograder.exercises import Exercise
from autograder.jobs import Code, load_request, record_of, run_request, sort_replies
from autograder.sandbox import Limits, Outcome, Reply, Sandbox
from cs231n_utils.checking.calls import Record
from cs231n_utils.checking.judges import DIFFERENTIABLE
from cs231n_utils.checking.key import Case, ExerciseKey
from cs231n_utils.checking.verdict import Finding, Status, Verdict

__all__ = ["follow_through"]

CASES, DIRECTIONS = 2, 6
STEP = 1e-5
TOLERANCE = 1e-4  # of the derivative: central differences err by about STEP squared, rounding by 1e-16 / STEP
STILL = 1e-3  # a forward pass whose output moves less than this does not depend on that input, and earns nothing


def follow_through(
    code: Code,
    exercise: Exercise,
    key: ExerciseKey,
    verdict: Verdict,
    outcome: Outcome,
    sandbox: Sandbox,
    seed: int,
    limits: Limits,
) -> Verdict:
    """The verdict, with the follow-through share of the points where the backward pass has earned it."""
    asked = _smooth_cases(key, verdict, outcome)[:CASES]
    rng = np.random.default_rng([seed, *exercise.name.encode(), 1])
    said: list[float] = []
    moved: list[str] = []  # which input was moved for each of them
    douts: list[np.ndarray] = []
    requests = [load_request(code, key.functions)]
    for case, record in asked:
        for name in _differentiated(case) * DIRECTIONS:
            direction = rng.standard_normal(case.inputs[name].shape)
            said.append(_sum(record["results"][f"d{name}"], direction))
            moved.append(name)
            douts.append(case.inputs["dout"])
            for step in (STEP, -STEP):
                requests.append(
                    run_request(key.plan(case)[:-1], case.inputs | {name: case.inputs[name] + step * direction})
                )
    outs = [_output(reply) for reply in sandbox.run(requests, limits).replies[1:]] if asked else []
    measured: list[float] = []
    for dout, plus, minus in zip(douts, outs[::2], outs[1::2], strict=False):
        if plus is None or minus is None or not plus.shape == minus.shape == dout.shape:
            return verdict
        with np.errstate(all="ignore"):
            measured.append(_sum(plus - minus, dout) / (2 * STEP))
    if len(measured) < max(1, len(said)) or not np.isfinite([*said, *measured]).all():
        return verdict
    if any(max(abs(m) for m, name in zip(measured, moved, strict=True) if name == still) < STILL for still in moved):
        return verdict
    if any(abs(s - m) > TOLERANCE * (abs(s) + abs(m)) + 1e-6 for s, m in zip(said, measured, strict=True)):
        return verdict
    finding = Finding(
        "your own forward pass",
        Status.PASSED,
        f"{exercise.name} is right for your own {exercise.forward}, which is wrong: "
        f"{exercise.follow_through:.0%} of the points. Mend {exercise.forward}, and this one follows.",
    )
    points = exercise.follow_through * key.points
    return replace(verdict, status=Status.PARTIAL, points=points, findings=(finding, *verdict.findings))


def _sum(values: np.ndarray, weights: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        return float(np.sum(np.asarray(values, np.float64) * weights))


def _smooth_cases(key: ExerciseKey, verdict: Verdict, outcome: Outcome) -> list[tuple[Case, Record]]:
    """The wrong cases on which a derivative can be measured, with the student's record: floats, no ties.

    None, where the forward pass fails or has a wrong shape on any of them: it must run, and have the right shapes.
    """
    chosen = []
    for case, finding, reply in zip(key.cases, verdict.findings, sort_replies(key, outcome).cases, strict=False):
        if case.speed or not DIFFERENTIABLE.issuperset(case.judges.values()) or case.inputs["x"].dtype.kind != "f":
            continue
        record = record_of(reply) if reply else None
        results = record["results"] if record else {}
        pairs = [(results.get("out"), case.inputs["dout"])]
        pairs += [(results.get(f"d{name}"), case.inputs[name]) for name in _differentiated(case)]
        if record is None or not all(_is_like(came, like) for came, like in pairs):
            return []
        if finding.status != Status.PASSED:
            chosen.append((case, record))
    return chosen


def _differentiated(case: Case) -> list[str]:
    """The inputs that the backward pass gives a gradient for."""
    return [name for name in case.inputs if f"d{name}" in case.expected["results"]]


def _output(reply: Reply) -> np.ndarray | None:
    record = record_of(reply)
    out = record["results"].get("out") if record else None
    return out.astype(np.float64) if isinstance(out, np.ndarray) and out.dtype.kind in "iuf" else None


def _is_like(came: object, like: np.ndarray) -> bool:
    """An array of real numbers, all finite, of this shape."""
    if not isinstance(came, np.ndarray) or came.shape != like.shape or came.dtype.kind not in "iuf":
        return False
    return bool(np.isfinite(came).all())
