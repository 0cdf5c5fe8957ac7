"""What the tests of right answers share: right answers in many styles, judged on public and on fresh cases.

Each test module has a tuple of variants, classes whose attributes are what a student might hand in for the exercises of
those names.
"""

import warnings
from functools import cache

import numpy as np
import pytest

from autograder.keys import PUBLIC_SEED, make_key, with_mistakes
from cs231n_utils.checking.calls import run
from cs231n_utils.checking.verdict import Answer, Status, judge

__all__ = ["SEEDS", "assert_full_marks", "functions_of", "judged", "key_of", "pairs", "variants_per_exercise"]

SEEDS = {"public": PUBLIC_SEED, "fresh 1": 1, "fresh 2": 2}


def pairs(assignment, variants):
    """Every variant with every exercise that it has an answer to, for pytest."""
    return [
        pytest.param(variant, exercise, id=f"{variant.__name__}-{exercise.name}")
        for variant in variants
        for exercise in assignment.exercises
        if hasattr(variant, exercise.name)
    ]


@cache
def key_of(assignment, name, kind, mistakes=True):
    """An exercise's key of one of SEEDS; without the answers of known mistakes if they take too long."""
    exercise = assignment.exercise(name)
    key = make_key(assignment, exercise, SEEDS[kind], public=kind == "public")
    return with_mistakes(assignment, exercise, key) if mistakes else key


def functions_of(variant, key):
    return {name: getattr(variant, name) for name in key.functions}


def judged(key, functions):
    """The verdict on functions that are called in this process, warnings or not."""
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        return judge(key, [Answer(run(key.plan(case), functions, case.inputs)) for case in key.cases])


def assert_full_marks(verdict):
    """All points, and nothing to say."""
    assert [finding.message for finding in verdict.findings if finding.message] == []
    assert {finding.status for finding in verdict.findings} == {Status.PASSED}
    assert verdict.status is Status.PASSED
    assert verdict.points == verdict.max_points


def variants_per_exercise(assignment, variants):
    """How many variants have an answer to each exercise."""
    return {exercise: sum(hasattr(variant, exercise.name) for variant in variants) for exercise in assignment.exercises}
