"""Calling a student's functions as planned: what they get, what is recorded, and which errors are described."""

import collections
import copy

import numpy as np
import pytest

from cs231n_utils.checking.calls import NOT_PLAIN, Call, checked_record, plain, run
from cs231n_utils.checking.values import ValueFormatError, pack, unpack

FORWARD = Call("forward", ("x", "param"), ("out", "cache"))
BACKWARD = Call("backward", ("dout", "cache"), ("dx",))


def run_one(function, *arguments, returns=("answer",), **inputs):
    return run([Call("f", arguments, returns)], {"f": function}, inputs)


# --- arguments and results ---


def test_a_backward_pass_gets_the_students_own_cache():
    secret = object()
    functions = {"forward": lambda x, param: (2 * x, secret), "backward": lambda dout, cache: dout * (cache is secret)}
    record = run([FORWARD, BACKWARD], functions, {"x": np.ones(2), "param": {}, "dout": np.array([3.0, 4.0])})
    assert record["error"] is None
    assert set(record["results"]) == {"out", "dx"}  # nobody looks into the cache
    np.testing.assert_array_equal(record["results"]["dx"], [3, 4])


def test_inputs_are_copied():
    inputs = {"x": np.zeros(2), "param": {"running_mean": np.zeros(2)}}

    def spoil(x, param):
        x += 1
        param["running_mean"] += 2
        param["more"] = 3

    record = run_one(spoil, "x", "param", **inputs)
    np.testing.assert_array_equal(inputs["x"], 0)
    assert inputs["param"].keys() == {"running_mean"}
    np.testing.assert_array_equal(record["arguments"]["x"], 1)
    np.testing.assert_array_equal(record["arguments"]["param"]["running_mean"], 2)
    assert record["arguments"]["param"]["more"] == 3


def test_results_are_copied():
    kept = np.zeros(2)
    record = run_one(lambda: kept)
    kept += 1
    np.testing.assert_array_equal(record["results"]["answer"], 0)


@pytest.mark.parametrize("kind", [tuple, list, collections.namedtuple("Returned", "out cache")._make])
def test_a_list_serves_as_well_as_a_tuple(kind):
    record = run_one(lambda: kind([1.0, None]), returns=("out", "cache"))
    assert record["error"] is None
    assert record["results"] == {"out": 1.0}


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "nothing (is the return line missing?)"),
        ((1, 2, 3), "3 values"),
        ([], "0 values"),
        (np.zeros((2, 2)), "one ndarray"),
        ({"out": 1, "cache": 2}, "one dict"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_wrong_number_of_results(returned, said):
    record = run_one(lambda: returned, returns=("out", "cache"))
    assert record["error"]["type"] == "WrongReturn"
    assert record["error"]["message"] == f"f returned {said}, expected (out, cache)"
    assert record["results"] == {}


# --- errors ---


def test_an_error_is_described_with_the_students_own_lines():
    def f():
        np.zeros((2, 3)) @ np.zeros((2, 3))

    error = run_one(f)["error"]
    assert error["type"] == "ValueError"
    assert error["bases"][:2] == ["ValueError", "Exception"]
    assert error["function"] == "f"
    assert "matmul" in error["message"]
    assert error["lines"][-1]["in"] == "f"
    assert error["lines"][-1]["text"] == "np.zeros((2, 3)) @ np.zeros((2, 3))"


def test_lines_of_libraries_are_left_out():
    lines = run_one(lambda: np.stack([np.zeros(2), np.zeros(3)]))["error"]["lines"]
    assert [line["in"] for line in lines] == ["<lambda>"]


@pytest.mark.parametrize("problem", [SystemExit(0), GeneratorExit(), Exception(), ZeroDivisionError("1/0")])
def test_whatever_is_raised_ends_the_exercise_only(problem):
    def f():
        raise problem

    assert run_one(f)["error"]["type"] == type(problem).__name__


def test_an_interrupt_is_the_users():
    def f():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_one(f)


def test_an_error_that_cannot_be_printed():
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError("no")

    def f():
        raise Odd

    assert run_one(f)["error"]["message"] == ""


def test_long_messages_are_cut():
    def f():
        raise ValueError("x" * 10**6)

    assert len(run_one(f)["error"]["message"]) == 2000


def test_endless_recursion():
    def f(depth):
        return f(depth + 1)

    error = run_one(f, "depth", depth=0)["error"]
    assert error["type"] == "RecursionError"
    assert len(error["lines"]) <= 5


def test_after_an_error_nothing_more_is_called():
    functions = {"forward": lambda x, param: 1 / 0, "backward": pytest.fail}
    record = run([FORWARD, BACKWARD], functions, {"x": 1.0, "param": {}, "dout": 1.0})
    assert record["error"]["function"] == "forward"


# --- plain values ---


class Spy(np.ndarray):
    """An array that would like to be asked."""

    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (1.5, 1.5),
        ("text", "text"),
        ((1, [2.0, None]), [1, [2.0, None]]),
        ({"a": (1,)}, {"a": [1]}),
        ({1: 2}, {NOT_PLAIN: "dict"}),
        (1j, {NOT_PLAIN: "complex"}),
        (np, {NOT_PLAIN: "module"}),
        (np.array(["a"]), {NOT_PLAIN: "array of dtype <U1"}),
        (np.array([None]), {NOT_PLAIN: "array of dtype object"}),
        (collections.OrderedDict(a=1), {NOT_PLAIN: "OrderedDict"}),
        (type("Fake", (float,), {})(1.0), {NOT_PLAIN: "Fake"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_plain(value, want):
    assert plain(value) == want


@pytest.mark.parametrize("value", [np.float32(1.5), np.int64(3), np.True_, np.array(2.0)])
def test_numbers_of_numpy_become_arrays_without_a_dimension(value):
    came = plain(value)
    assert type(came) is np.ndarray
    assert came.shape == ()
    assert came.dtype == value.dtype


def test_subclasses_of_arrays_become_arrays():
    assert type(plain(np.zeros(2).view(Spy))) is np.ndarray
    assert type(plain(np.ma.masked_array([1.0], [True]))) is np.ndarray


def test_a_value_without_end_is_no_plain_value():
    items, table = [], {}
    items.append(items)
    table["self"] = table
    assert plain(items) == {NOT_PLAIN: "list nested too deeply"}
    assert plain(table) == {NOT_PLAIN: "dict nested too deeply"}


# --- records that came from elsewhere ---

ERROR = {
    "type": "ValueError",
    "bases": ["ValueError"],
    "message": "no",
    "function": "f",
    "lines": [{"in": "f", "number": "3", "text": "1 / 0"}],
    "locals": [{"name": "x", "is": "shape (2,), float64"}],
}


@pytest.mark.parametrize("error", [None, ERROR], ids=["right", "error"])
def test_a_good_record_stays_as_it_is(error):
    record = {"results": {"x": 1}, "arguments": {}, "error": error}
    assert checked_record(unpack(pack(record))) == record
    assert checked_record(record | {"score": 100}) == record


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"results": {}, "arguments": {}},
        {"results": [], "arguments": {}, "error": None},
        {"results": {}, "arguments": None, "error": None},
        {"results": {}, "arguments": {}, "error": "none"},
        {"results": {}, "arguments": {}, "error": []},
        {"results": {}, "arguments": {}, "error": False},
        np.zeros(3),
    ],
    ids=str,
)
def test_what_is_no_record(value):
    with pytest.raises(ValueFormatError):
        checked_record(value)


@pytest.mark.parametrize("odd", [None, 3, [], {"a": 1}, ["x", None, {"y": 1}], "x" * 10**6, np.zeros(3)], ids=type)
@pytest.mark.parametrize("field", list(ERROR))
def test_crafted_errors_become_bounded_text(field, odd):
    error = checked_record({"results": {}, "arguments": {}, "error": copy.deepcopy(ERROR) | {field: odd}})["error"]
    assert error.keys() == ERROR.keys()
    assert all(isinstance(error[name], str) for name in ("type", "message", "function"))
    assert all(isinstance(base, str) for base in error["bases"])
    assert all(isinstance(text, str) for line in error["lines"] + error["locals"] for text in line.values())
    assert len(str(error)) < 10_000


def test_crafted_lists_are_cut():
    flood = ERROR | {
        "bases": ["Exception" * 1000] * 1000,
        "lines": [{"text": "x" * 1000}] * 1000,
        "locals": [{"name": "x" * 1000, "is": "y" * 1000}] * 1000,
    }
    error = checked_record({"results": {}, "arguments": {}, "error": flood})["error"]
    assert len(error["bases"]) <= 50
    assert max(len(base) for base in error["bases"]) <= 200
    assert len(error["lines"]) <= 5
    assert max(len(line["text"]) for line in error["lines"]) <= 200
    assert len(error["locals"]) <= 8
    assert max(len(text) for local in error["locals"] for text in local.values()) <= 200


def test_a_shape_is_handed_over_as_a_tuple():
    def widened(w, input_shape):
        return w.reshape((2,) + input_shape)  # noqa: RUF005  (a student's way, which a list would break)

    calls = (Call("widened", ("w", "input_shape"), ("w",)),)
    record = run(calls, {"widened": widened}, {"w": np.zeros(12), "input_shape": [3, 2]})
    assert record["error"] is None
    assert record["results"]["w"].shape == (2, 3, 2)
    assert record["arguments"]["input_shape"] == [3, 2]
