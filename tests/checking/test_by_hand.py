"""The smallest case that fails, as code: pasted into a cell it does what the check does."""

import numpy as np
import pytest

from autograder.exercises import ASSIGNMENTS
from cs231n_utils.checking import by_hand, check
from cs231n_utils.checking.finding import Finding, Status
from cs231n_utils.checking.key import load
from cs231n_utils.checking.sealed import is_sealed

EXERCISES = [(assignment, exercise.name) for assignment in ASSIGNMENTS for exercise in assignment.exercises]
WITH_INPUTS = [(assignment, name) for assignment, name in EXERCISES if load(name).cases[0].inputs]


def failing(key):
    return [Finding(case.label, Status.FAILED) for case in key.cases]


@pytest.mark.parametrize(("assignment", "name"), WITH_INPUTS, ids=[name for _, name in WITH_INPUTS])
def test_the_snippet_gives_what_is_expected(assignment, name):
    key = load(name)
    case = by_hand.smallest_failing(key, failing(key))
    functions = {each: getattr(assignment.solutions, each) for each in key.functions}
    space = {"np": np, "check": check, "print": lambda *values: None, **functions}
    code = by_hand.snippet(key, case)
    if case.expected["error"]:
        assert case.expected["error"]["type"] == "ValueError"
        assert "# expected: ValueError is raised" in code
        with pytest.raises(ValueError, match=r".+"):
            exec(code, space)
        return
    exec(code, space)
    for result, want in case.expected["results"].items():
        if isinstance(want, np.ndarray) and result not in case.judges:
            np.testing.assert_allclose(space[result], want, rtol=1e-6, atol=1e-9)
    for result, value in case.inputs.items():
        if isinstance(value, np.ndarray) and result not in case.expected["arguments"]:
            np.testing.assert_array_equal(space[result], value)


QUESTIONS = [name for _, name in EXERCISES if not load(name).cases[0].inputs]


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_have_nothing_to_try(name):
    key = load(name)
    assert all(is_sealed(value) for case in key.cases for value in case.expected["results"].values())
    assert by_hand.smallest_failing(key, failing(key)) is None


def test_the_smallest_of_those_that_fail():
    key = load("max_pool_forward_naive")
    findings = [Finding(case.label, Status.PASSED) for case in key.cases]
    assert by_hand.smallest_failing(key, findings) is None
    sizes = [case.inputs["x"].size for case in key.cases]
    largest, smallest = int(np.argmax(sizes)), int(np.argmin(sizes))
    findings[largest] = Finding("", Status.CRASHED)
    assert by_hand.smallest_failing(key, findings) is key.cases[largest]
    findings[smallest] = Finding("", Status.REMARK)  # smaller, but it costs nothing
    assert by_hand.smallest_failing(key, findings) is key.cases[largest]
    findings[smallest] = Finding("", Status.FAILED)
    assert by_hand.smallest_failing(key, findings) is key.cases[smallest]


def test_a_large_case_is_fetched_and_not_written_out():
    key = load("max_pool_forward_fast")
    case = next(case for case in key.cases if case.speed)
    code = by_hand.snippet(key, case)
    assert len(code) < 1000
    assert f"inputs = check.inputs(max_pool_forward_fast, {case.label!r})" in code
    space = {"check": check, "max_pool_forward_fast": lambda x, pool_param: (x.shape, None), "print": print}
    space["max_pool_forward_fast"].__name__ = "max_pool_forward_fast"
    exec(code, space)
    assert space["out"] == case.inputs["x"].shape


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (np.array([1.0, np.nan, -np.inf]), "np.array([  1., np.nan, -np.inf])"),
        (np.array([[1, 2], [3, 4]]), "np.array([[1, 2],\n              [3, 4]])"),
        (np.float32([0.1]), "np.array([0.1], dtype='float32')"),
        (np.zeros((0, 3)), "np.zeros((0, 3), dtype='float64')"),
        (np.array(2.5), "np.array(2.5)"),
        (float("nan"), "float('nan')"),
        ({"mode": "train", "eps": 1e-5}, "{'mode': 'train', 'eps': 1e-05}"),
        ([1, [2.5]], "[1, [2.5]]"),
        (None, "None"),
    ],
    ids=str,
)
def test_values_as_source(value, source):
    said = by_hand._source("x", value)
    assert said.replace(" ", "") == source.replace(" ", "")
    np.testing.assert_equal(eval(said, {"np": np}), value)


def test_numbers_keep_every_digit():
    values = np.random.default_rng(0).standard_normal((3, 4)) * 10.0 ** np.arange(-8, 4).reshape(3, 4)
    with np.printoptions(precision=2, suppress=True, threshold=3):
        np.testing.assert_array_equal(eval(by_hand._source("x", values), {"np": np}), values)
