"""An error inside a student's function: the student's own lines, and the shapes of the arrays at the last one."""

import gc
import pickle
import weakref

import numpy as np
import pytest

from cs231n_utils.checking.calls import Call, run
from cs231n_utils.checking.errors import own_lines


def error_of(function, **inputs):
    return run([Call(function.__name__, tuple(inputs))], {function.__name__: function}, inputs)["error"]


def locals_of(function, **inputs):
    return {local["name"]: local["is"] for local in error_of(function, **inputs)["locals"]}


def mismatched(x, w):
    stride, b = 2, np.zeros((4, 5))
    return (x + w * stride, b)[0]


def test_the_last_line_with_its_shapes():
    error = error_of(mismatched, x=np.zeros((2, 3)), w=np.zeros(4, dtype=np.float32))
    place, variables = own_lines(error)
    assert place.startswith("line ")
    assert place.endswith(", in mismatched: return (x + w * stride, b)[0]")
    assert variables == "x: shape (2, 3), float64; w: shape (4,), float32; stride: 2; b: shape (4, 5), float64"


def test_only_the_students_own_lines():
    def outer(x):
        def inner(y):
            return np.mean(y, axis=3)

        return inner(x)

    places = own_lines(error_of(outer, x=np.zeros((2, 3))))
    assert [place.split(": ", 1)[1] for place in places[:-1]] == ["return inner(x)", "return np.mean(y, axis=3)"]
    assert places[-1] == "y: shape (2, 3), float64"


def test_what_a_given_function_raises_is_said_at_the_students_line():
    def steps(f):
        return f([1.0])

    (*_, place) = own_lines(error_of(steps, f={"given": "cubes"}))
    assert place.endswith(", in steps: return f([1.0])")


class Spy:
    """Tells when it is looked at."""

    def __repr__(self):
        pytest.fail("repr was called")

    __str__ = __len__ = __iter__ = __format__ = __hash__ = __eq__ = __bool__ = __getattr__ = __repr__


class SpyArray(np.ndarray):
    def __repr__(self):
        pytest.fail("repr was called")

    __str__ = __format__ = __repr__


class SpyInt(int):
    __repr__ = __str__ = __format__ = Spy.__repr__


class SpyList(list):
    __len__ = __iter__ = __getitem__ = Spy.__repr__


def test_what_could_act_is_not_looked_at():
    def spied(x):
        a, b, c, d = Spy(), np.zeros(3).view(SpyArray), SpyInt(3), SpyList([1])
        return (a, b, c, d, x)[9]

    assert locals_of(spied, x=1.5) == {"x": "1.5"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((0, 2)), "shape (0, 2), float64"),
        (np.int64(3), "3 (int64)"),
        (np.float32(1.5), "1.5 (float32)"),
        (np.bool_(True), "True (bool)"),
        (3, "3"),
        (10**5000, "a huge int"),
        (1.5, "1.5"),
        (float("nan"), "nan"),
        (True, "True"),
        (None, "None"),
        ((2, 3), "(2, 3)"),
        ([1.0] * 3, "a list of 3"),
        ([10**5000], "a list of 1"),
        ((None,) * 9, "a tuple of 9"),
        ({"stride": 2}, "a dict"),
        ("text", "a str"),
        (np.zeros(2, dtype=[("a" * 1000, "f8")]), None),
        (len, None),
    ],
    ids=lambda value: str(type(value).__name__),
)
def test_what_is_said_of_a_variable(value, said):
    def named():
        thing = value
        return thing.no_such_attribute

    assert locals_of(named).get("thing") == said


def test_names_are_cut_and_few():
    assigned = [*(f"a{i} = np.zeros({i})" for i in range(30)), "b" * 500 + " = np.zeros(1)"]
    space = {"np": np}
    exec("def many():\n " + "\n ".join([*reversed(assigned), "1 / 0"]), space)
    names = [local["name"] for local in run([Call("many")], space, {})["error"]["locals"]]
    assert names[0] == "b" * 100
    assert len(names) == 8


def test_no_frame_stays_alive():
    class Large:
        pass

    seen = []

    def failing():
        held = Large()
        seen.append(weakref.ref(held))
        raise ValueError("no")

    gc.disable()
    try:
        error_of(failing)
        assert seen[0]() is None
    finally:
        gc.enable()


def test_an_error_is_plain():
    error = error_of(mismatched, x=np.zeros((2, 3)), w=np.zeros(4))
    assert pickle.loads(pickle.dumps(error)) == error
    assert {type(text) for local in error["locals"] for text in local.values()} == {str}


def test_without_a_source_there_are_no_lines():
    space = {}
    exec("def f(): return 1 / 0", space)
    assert own_lines(run([Call("f")], {"f": space["f"]}, {})["error"]) == ()
