"""Comparing an answer with what was expected: the first thing that is wrong, in one form of words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from cs231n_utils.checking.calls import NOT_PLAIN
from cs231n_utils.checking.compare import agrees, difference, value_difference
from cs231n_utils.checking.key import Case, Tolerance
from cs231n_utils.checking.sealed import seal

TOLERANCE = Tolerance(1e-5, 1e-6, "for these tests")
NUMBERS = st.floats(-1e6, 1e6)
ARRAYS = npst.arrays(float, npst.array_shapes(max_dims=3, max_side=4), elements=NUMBERS)


def said(came, want):
    return value_difference("out", came, want, TOLERANCE)


def record(results=None, arguments=None, error=None):
    return {"results": results or {}, "arguments": arguments or {}, "error": error}


def error(kind, *bases):
    return {"type": kind, "bases": [kind, *bases], "message": "text", "function": "f", "lines": []}


def found(expected, came, inputs=None, judges=None):
    return difference(Case("a case", inputs or {}, expected, judges=judges or {}), came, TOLERANCE)


# --- one value ---


@pytest.mark.parametrize(
    ("came", "want", "message"),
    [
        (np.zeros((2, 3)), np.zeros((2, 4)), "out.shape = (2, 3), expected (2, 4)"),
        (np.zeros(2, complex), np.zeros(2), "out.dtype = complex128, expected float64"),
        ([0.0, 0.0], np.zeros(2), "out is a list, expected a NumPy array of shape (2,)"),
        ([np.ones(2)], 3.0, "out is a list, expected a NumPy array of shape ()"),
        ([np.ones(2), 1], [1, 2, 3], "out = a list of 2 values, expected 3 values"),
        ({"w": np.ones(2)}, "text", "out = a dict of 1 values, expected 'text'"),
        ([1, 2], [1, 2, 3], "out = [1, 2], expected 3 values"),
        (None, np.zeros(2), "out is None, expected a NumPy array of shape (2,)"),
        ({NOT_PLAIN: "Tensor"}, np.zeros(2), "out is a value of type Tensor, expected a NumPy array of shape (2,)"),
        (np.array([1.0, 2.0]), np.array([1.0, 3.0]), "out[1] = 2, expected 3 (1 of 2 entries are wrong)"),
        (np.array([[1.0], [np.nan]]), np.ones((2, 1)), "out[1, 0] = nan, expected 1 (1 of 2 entries are wrong)"),
        (np.array([np.inf]), np.array([-np.inf]), "out[0] = inf, expected -inf"),
        (np.array([5.0]), np.array([np.inf]), "out[0] = 5, expected inf"),
        (np.array([1.0001]), np.array([1.00005]), "out[0] = 1.0001, expected 1.00005"),
        (np.array(2.0), np.array(1.0), "out = 2, expected 1"),
        (2.0, 1.0, "out = 2, expected 1"),
        (np.array([False]), np.array([True]), "out[0] = 0, expected 1"),
        (np.array([3], "u1"), np.array([5], "u1"), "out[0] = 3, expected 5"),
        (4, 3, "out = 4, expected 3"),
        (3.0, 3, "out = 3.0, a float, expected the int 3: // divides and rounds down"),
        (np.array(3.0), 3, "out = 3.0, a float, expected the int 3: // divides and rounds down"),
        (2.5, 3, "out = 2.5, expected the int 3"),
        (np.array(np.nan), 3, "out = nan, expected the int 3"),
        (True, 1, "out = True, expected 1"),
        ("3", 3, "out = '3', expected the int 3"),
        (np.zeros(2), 3, "out = an array of shape (2,), expected the int 3"),
        (np.zeros(2), "text", "out = an array of shape (2,), expected 'text'"),
        ([1], [1, 2], "out = [1], expected 2 values"),
        ([1, 3], [1, 2], "out[1] = 3, expected 2"),
        (None, "train", "out = None, expected 'train'"),
        (1, seal(2, "salt"), "out = 1 is not the answer"),
    ],
)
def test_message(came, want, message):
    assert said(came, want) == message


@pytest.mark.parametrize(
    ("came", "want"),
    [
        (np.float32([1.1, 2.2]), np.array([1.1, 2.2])),
        (np.asfortranarray(np.eye(3)[:, :2]), np.eye(3)[:, :2]),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (np.array([True, False]), np.array([1.0, 0.0])),
        (np.array([True]), np.array([True])),
        (np.array([np.nan, np.inf, -np.inf]), np.array([np.nan, np.inf, -np.inf])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.array(1.0), 1.0),
        (1, 1.0),
        (np.array(3, "i4"), 3),
        (np.array(3, "u8"), 3),
        ("text", "text"),
        (None, None),
        ([1, [np.ones(2)]], [1, [np.ones(2)]]),
        (np.array(75.0), seal(75, "salt")),
    ],
    ids=repr,
)
def test_right(came, want):
    assert said(came, want) is None


@settings(deadline=None)
@given(ARRAYS)
def test_a_value_equals_itself_and_its_rounding_to_float32(array):
    assert said(array.copy(), array) is None
    assert said(array.astype(np.float32), array) is None


@settings(deadline=None)
@given(ARRAYS, st.data())
def test_one_wrong_entry_is_found(array, data):
    place = tuple(data.draw(st.integers(0, side - 1)) for side in array.shape)
    wrong = array.copy()
    wrong[place] += data.draw(st.sampled_from([-1, 1])) * (1e-5 + 1e-4 * abs(array[place]))
    message = said(wrong, array)
    assert message.startswith(f"out[{', '.join(map(str, place))}] = ")
    shown = message.removesuffix(f" (1 of {array.size} entries are wrong)").partition(" = ")[2].split(", expected ")
    assert shown[0] != shown[1]  # as many digits as are needed to see the difference


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | ARRAYS, st.lists))
@pytest.mark.parametrize("want", [3, 1.5, True, "text", None, np.ones((2, 2)), [1, 2.0], seal(1, "x")], ids=repr)
def test_whatever_came_something_is_said_or_nothing(want, came):
    message = said(came, want)
    assert message is None or message.startswith("out")


def test_type_names_are_cut():
    assert len(said({NOT_PLAIN: "T" * 10**6}, np.zeros(1))) < 200


# --- a whole record ---


def test_values_come_before_arguments_and_in_order():
    expected = record({"out": np.zeros(2), "more": np.zeros(2)}, {"x": np.ones(2)})
    bad = np.full(2, 7.0)
    inputs = {"x": np.ones(2)}
    assert found(expected, record({"out": bad, "more": bad}, {"x": bad}), inputs).startswith("out[0]")
    assert found(expected, record({"out": np.zeros(2), "more": bad}, {"x": bad}), inputs).startswith("more[0]")
    left = record({"out": np.zeros(2), "more": np.zeros(2)}, {"x": bad})
    assert found(expected, left, inputs) == "x was changed by the call: work on a copy of it"
    assert found(expected, expected, inputs) is None


def test_missing_results():
    assert found(record({"out": np.zeros(2)}), record()) == "out is None, expected a NumPy array of shape (2,)"


@pytest.mark.parametrize(
    ("came", "message"),
    [
        (None, "nothing was raised, expected a ValueError"),
        (error("TypeError", "Exception"), "TypeError was raised (text), expected a ValueError"),
        (error("ValueError", "Exception"), None),
        (error("MyError", "ValueError", "Exception"), None),
    ],
)
def test_expected_errors(came, message):
    assert found(record(error=error("ValueError")), record(error=came)) == message


def test_further_keys_in_a_parameter_dictionary_do_no_harm():
    inputs = {"param": {"stride": 2}}
    assert found(record(arguments=inputs), record(arguments={"param": {"stride": 2, "seen": 1}}), inputs) is None


@pytest.mark.parametrize(
    "after", [{"stride": 3}, {}, {"stride": None}, {"stride": np.array(3)}, None, 3, [2]], ids=repr
)
def test_a_changed_value_of_a_given_key_does(after):
    inputs = {"param": {"stride": 2}}
    assert found(record(arguments=inputs), record(arguments={"param": after}), inputs)


def test_running_statistics_are_to_be_changed():
    inputs = {"param": {"running_mean": np.zeros(2)}}
    expected = record(arguments={"param": {"running_mean": np.ones(2)}})
    assert found(expected, record(arguments=inputs), inputs) == (
        "param['running_mean'][0] = 0, expected 1 (2 of 2 entries are wrong) after the call"
    )
    assert found(expected, expected, inputs) is None


def test_a_judge_decides_in_place_of_equality():
    inputs = {"x": np.ones((1, 1, 1, 2)), "dout": np.ones((1, 1, 1, 1))}
    inputs["pool_param"] = {"pool_height": 1, "pool_width": 2, "stride": 2}
    expected = record({"dx": np.array([[[[1.0, 0.0]]]])})
    judges = {"dx": "max_pool_subgradient"}
    other = record({"dx": np.array([[[[0.25, 0.75]]]])})
    assert found(expected, other, inputs, judges) is None
    assert found(expected, other, inputs).startswith("dx[0, 0, 0, 0]")
    assert "hands on 2" in found(expected, record({"dx": np.ones((1, 1, 1, 2))}), inputs, judges)
    assert found(expected, record({"dx": np.ones(2)}), inputs, judges).startswith("dx.shape")


# --- two records that say the same ---


def test_agreement():
    one = record({"out": np.array([1.0, np.nan, np.inf])}, {"x": np.zeros(2)})
    assert agrees(one, one, TOLERANCE)
    assert not agrees(one, record({"out": np.array([1.0, np.nan, 7.0])}, {"x": np.zeros(2)}), TOLERANCE)
    assert not agrees(one, record({"out": one["results"]["out"]}, {"x": np.ones(2)}), TOLERANCE)
    assert not agrees(one, record(one["results"]), TOLERANCE)
    assert not agrees(one, record(one["results"], one["arguments"], error("ValueError")), TOLERANCE)


def test_errors_agree_by_their_type():
    assert agrees(record(error=error("ValueError")), record({"out": 1}, error=error("ValueError")), TOLERANCE)
    assert not agrees(record(error=error("ValueError")), record(error=error("IndexError")), TOLERANCE)
    another = error("ValueError") | {"message": "operands could not be broadcast"}
    assert not agrees(record(error=error("ValueError")), record(error=another), TOLERANCE)
    assert not agrees(record(error=error("ValueError")), record(), TOLERANCE)
