"""Follow-through: a backward pass that is right for the student's own, wrong forward pass earns part of its points.

For each input that the backward pass has a gradient for, the slope of the student's own forward pass is measured along
random directions, in a fresh process, and compared with what the backward pass said before (see gradients.py).
"""

from dataclasses import replace

import numpy as np

from autograder.exercises import Exercise
from autograder.jobs import Code, load_request, record_of, run, run_request, sort_replies
from autograder.sandbox import Limits, Outcome, Sandbox
from cs231n_utils.checking.calls import Record
from cs231n_utils.checking.gradients import (
    STEP,
    differentiated,
    follows,
    forward_plan,
    is_like,
    is_smooth,
    move,
    output,
)
from cs231n_utils.checking.key import Case, ExerciseKey
from cs231n_utils.checking.verdict import Finding, Status, Verdict

__all__ = ["follow_through"]

CASES, DIRECTIONS = 2, 6


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
    moves = [
        (case, move(case, record, name, rng.standard_normal(case.inputs[name].shape)))
        for case, record in asked
        for name in differentiated(case) * DIRECTIONS
    ]
    requests = [load_request(code.name, code, key.functions)]
    for case, moved in moves:
        requests += [run_request(forward_plan(key, case), inputs) for inputs in (moved.ahead, moved.behind)]
    replies = run(sandbox, requests, limits, code.modules).replies[1:] if moves else []
    slopes: list[float | None] = []
    for (case, _), ahead, behind in zip(moves, replies[::2], replies[1::2], strict=False):
        plus, minus = output(case, record_of(ahead)), output(case, record_of(behind))
        slopes.append(None if plus is None or minus is None else (plus - minus) / (2 * STEP))
    if len(slopes) < len(moves) or not follows([moved for _, moved in moves], slopes):
        return verdict
    finding = Finding(
        "your own forward pass",
        Status.PASSED,
        f"{exercise.name} is right for your own {exercise.forward}, which is wrong: "
        f"{exercise.follow_through:.0%} of the points. Mend {exercise.forward}, and this one follows.",
    )
    points = exercise.follow_through * key.points
    return replace(verdict, status=Status.PARTIAL, points=points, findings=(finding, *verdict.findings))


def _smooth_cases(key: ExerciseKey, verdict: Verdict, outcome: Outcome) -> list[tuple[Case, Record]]:
    """The wrong cases on which a derivative can be measured, with the student's record: floats, no ties.

    None, where the forward pass fails or has a wrong shape on any of them: it must run, and have the right shapes.
    """
    chosen = []
    for case, finding, reply in zip(key.cases, verdict.findings, sort_replies(key, outcome).cases, strict=False):
        if not is_smooth(case):
            continue
        record = record_of(reply) if reply else None
        results = record["results"] if record else {}
        pairs = [(results.get("out"), case.inputs["dout"])]
        pairs += [(results.get(f"d{name}"), case.inputs[name]) for name in differentiated(case)]
        if record is None or not all(is_like(came, like) for came, like in pairs):
            return []
        if finding.status != Status.PASSED:
            chosen.append((case, record))
    return chosen
