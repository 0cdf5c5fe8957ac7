"""The errors that students meet most, each provoked with the NumPy that is installed, and what is said about it."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n_utils.checking.explanations import MEANINGS, explain

A, B, NOTHING = np.zeros((2, 3)), np.zeros(4), None


def undefined():
    return no_such_name  # noqa: F821


def unbound():
    if B.any():
        value = 1
    return value


def unpack(values):
    one, two, three = values
    return one, two, three


def into(array, index, value):
    array[index] = value


def add_in_place(array, other):
    array += other


def two(x, y):
    return x, y


# name: what provokes it, and words of the title
ERRORS = {
    "broadcast": (lambda: A + B, "Shapes (2, 3) and (4,) do not fit together"),
    "broadcast, three": (lambda: np.where(A > 0, B, 1), "Shapes (2, 3) and (4,) do not fit together"),
    "broadcast arrays": (lambda: np.broadcast_arrays(A, B), "Shapes (2, 3) and (4,) do not fit together"),
    "assigned shape": (lambda: into(A, 0, B), "An array of shape (4,) is written into a place of shape (3,)"),
    "fancy assignment": (lambda: into(A, ([0, 1], [0, 1]), np.zeros(3)), "shape (3,) is written into"),
    "in place": (lambda: add_in_place(B.copy(), np.zeros((2, 4))), "The result has shape (2, 4), and the array that"),
    "matmul": (lambda: A @ np.zeros((4, 2)), "In the matrix product, the inner lengths differ: 3 and 4"),
    "dot": (lambda: A.dot(A), "In the matrix product of (2, 3) and (2, 3), the inner lengths differ: 3 and 2"),
    "matmul, number": (lambda: A @ 3.0, "The matrix product got a single number"),
    "axis": (lambda: A.sum(axis=2), "There is no axis 2: the array has 2 axes"),
    "index": (lambda: A[0, 9], "Index 9 is outside of axis 1, which has 3 entries"),
    "index of shape": (lambda: A.shape[2], "The tuple is shorter than the index says"),
    "reshape": (lambda: A.reshape(4, 2), "6 numbers do not fill the shape (4, 2)"),
    "reshape -1": (lambda: A.reshape(-1, -1), "reshape got -1 twice"),
    "read-only": (lambda: into(np.broadcast_to(B, (2, 4)), 0, 1), "The array cannot be written"),
    "read-only out": (lambda: np.add(B, 1, out=np.broadcast_to(B, (4,))), "The array cannot be written"),
    "cast": (lambda: add_in_place(np.arange(3), 0.5), "float64 numbers do not go into an array of int64"),
    "einsum, too many letters": (lambda: np.einsum("ijk->i", A), "The einsum's letters do not fit its arrays"),
    "einsum, too few letters": (lambda: np.einsum("i->i", A), "The einsum's letters do not fit its arrays"),
    "einsum, output": (lambda: np.einsum("ij->k", A), "The einsum's letters do not fit its arrays"),
    "einsum, operands": (lambda: np.einsum("ij->i", A, A), "The einsum's letters do not fit its arrays"),
    "einsum, lengths": (lambda: np.einsum("ij,jk->ik", A, np.zeros((4, 2))), "one letter stands for two"),
    "einsum, optimized": (
        lambda: np.einsum("ij,jk->ik", A, np.zeros((4, 2)), optimize=True),
        "one letter stands for two different lengths",
    ),
    "sequence": (lambda: into(np.zeros(3), 0, [1, 2]), "Several numbers are put where one belongs"),
    "ragged": (lambda: np.array([[1, 2], [3]]), "Several numbers are put where one belongs"),
    "scalar index": (lambda: [1, 2][np.array([1, 0])], "An array stands where one number is wanted"),
    "float of array": (lambda: float(A), "An array stands where one number is wanted"),
    "concatenate's arguments": (lambda: np.concatenate(A, B), "An array stands where one number is wanted"),
    "float index": (lambda: A[1.5], "Something that is no whole number is used as an index"),
    "float slice": (lambda: A[: 3 / 2], "Something that is no whole number is used as an index"),
    "key of a list": (lambda: list(A.shape)["stride"], "Something that is no whole number is used as an index"),
    "float shape": (lambda: np.zeros((4 / 2, 3)), "A float stands where a whole number is wanted"),
    "zeros(2, 3)": (lambda: np.zeros(2, 3), "3 was taken for a dtype"),
    "truth": (lambda: bool(A), "An array has no truth value of its own"),
    "too many indices": (lambda: B[0, 0], "2 indices for an array with 1 axes"),
    "concatenate": (lambda: np.concatenate([A, np.zeros((2, 4))]), "Arrays are joined whose axis 1 differs: 3 and 4"),
    "concatenate, axes": (lambda: np.concatenate([A, B]), "Arrays are joined whose shapes do not fit"),
    "stack": (lambda: np.stack([A, B]), "Arrays are joined whose shapes do not fit"),
    "called": (lambda: A(0), "Round brackets stand behind an array, which is no function"),
    "subscript of None": (lambda: NOTHING[0], "Square brackets behind something that has no entries"),
    "zeros[3]": (lambda: np.zeros[3], "Square brackets behind something that has no entries"),
    "subscript of a number": (lambda: np.float64(3)[0], "Square brackets behind something that has no entries"),
    "item of a tuple": (lambda: into((1, 2), 0, 3), "Entries of a tuple cannot be set"),
    "too few values": (lambda: unpack(A.shape), "3 names on the left of the =, and 2 values on the right"),
    "too many values": (lambda: unpack(range(4)), "3 names on the left of the =, and more values on the right"),
    "unpack None": (lambda: unpack(None), "None is to be unpacked into several names"),
    "not iterable": (lambda: list(3), "Something that has no entries is gone through"),
    "no length": (lambda: len(3), "Something that has no entries is gone through"),
    "key": (lambda: {}["strid"], "The dictionary has no key 'strid'"),
    "name": (undefined, "There is no no_such_name here"),
    "unbound": (unbound, "value is used before it has a value"),
    "None in a formula": (lambda: A - NOTHING, "None stands in a formula"),
    "None compared": (lambda: NOTHING < 1, "None stands in a formula"),
    "exp of None": (lambda: np.exp(None), "None stands in a formula"),
    "list minus": (lambda: [1] - 1, "There is no - between a list and an int"),
    "text in a formula": (lambda: A + "x", "Something in the formula is no number and no array"),
    "division": (lambda: 1 / 0, "A number is divided by 0"),
    "modulo": (lambda: 1 % 0, "A number is divided by 0"),
    "attribute of None": (lambda: NOTHING.shape, "None has no .shape"),
    "attribute of a tuple": (lambda: (1,).shape, "A tuple has no .shape"),
    "attribute of an array": (lambda: A.append(1), "An array has no .append"),
    "attribute of NumPy": (
        lambda: np.float,  # noqa: NPY001
        "NumPy has no float",
    ),
    "missing argument": (lambda: two(1), "two is called with other arguments than it takes"),
    "unknown keyword": (lambda: two(1, z=2), "two is called with other arguments than it takes"),
    "transpose": (lambda: A.transpose(0, 2, 1), "The transpose does not name each axis once"),
    "index arrays": (lambda: A[[0, 1], [0, 1, 1]], "The index arrays (2,) and (3,) do not fit together"),
    "mask": (lambda: A[np.ones(3, bool)], "A mask of 3 entries for an axis of 2"),
    "squeeze": (lambda: A.squeeze(0), "squeeze is asked to take away an axis that is longer than 1"),
    "negative length": (lambda: np.zeros((-1, 2)), "A length comes out negative"),
    "maximum of nothing": (lambda: np.max(np.zeros(0)), "A maximum is taken of nothing"),
    "argmax of nothing": (lambda: np.argmax(np.zeros(0)), "A maximum is taken of nothing"),
    "integer power": (lambda: np.arange(3) ** -1, "Whole numbers have no negative powers in NumPy"),
    "minus mask": (lambda: -(A > 0), "Truth values cannot be subtracted or negated"),
    "recursion": (lambda: (lambda f: f(f))(lambda f: f(f)), "The function calls itself without an end"),
}


def raised(provoke):
    try:
        provoke()
    except Exception as problem:
        return [base.__name__ for base in type(problem).__mro__], str(problem)
    return pytest.fail("nothing was raised")


@pytest.mark.parametrize(("provoke", "said"), ERRORS.values(), ids=ERRORS)
def test_the_meaning_of_an_error(provoke, said):
    title, hint = explain(*raised(provoke))
    assert said in title
    assert len(hint) > 20
    assert "{" not in title + hint


def test_every_row_of_the_table_is_met():
    titles = [explain(*raised(provoke))[0] for provoke, _ in ERRORS.values()]
    for meaning in MEANINGS:
        words = max(meaning.title.replace("}", "{").split("{"), key=len)
        assert any(words in title for title in titles), meaning.title


def test_where_shapes_differ():
    assert explain(*raised(lambda: np.zeros((5, 2, 3)) + np.zeros((4, 3))))[1].endswith(
        "Here axis -2 is 2 long in the one and 4 in the other."
    )
    assert explain(*raised(lambda: A.reshape(4, 2)))[1].endswith("6 numbers are there, and 4 × 2 = 8.")


@pytest.mark.parametrize(
    ("kind", "message", "said"),
    [
        ("ValueError", "too many values to unpack (expected 2, got 3)", "2 names on the left"),  # Python 3.14
        ("TypeError", "only length-1 arrays can be converted to Python scalars", "one number is wanted"),  # NumPy 2.0
        ("NameError", "name 'outt' is not defined. Did you mean: 'out'?", "There is no outt here"),
        ("UnboundLocalError", "local variable 'x' referenced before assignment", "x is used before it has a value"),
    ],
)
def test_other_versions_messages(kind, message, said):
    assert said in explain([kind, "Exception"], message)[0]


@pytest.mark.parametrize(
    ("bases", "message"),
    [([], ""), (["Exception"], "division by zero"), (["ValueError"], "my own words"), (["Odd"], "x")],
)
def test_nothing_is_said_of_other_errors(bases, message):
    assert explain(bases, message) is None


@settings(deadline=None)
@given(
    st.sampled_from(["ValueError", "TypeError", "IndexError", "AttributeError", "KeyError"]),
    st.text() | st.from_regex("operands could not be broadcast together with shapes .*|matmul: .* size .*"),
)
def test_any_message_is_safe(kind, message):
    explain([kind], message)


@pytest.mark.parametrize("text", ["(" * 5000, "1, " * 5000, "'a" * 5000, "with shape (1,1) " * 500, "{0}" * 5000])
def test_no_message_takes_long(text):
    for prefix in (
        "",
        "operands could not be broadcast together with shapes (",
        "matmul: ",
        "cannot be broadcast to a single shape",
    ):
        start = time.perf_counter()
        for kind in ("ValueError", "TypeError", "IndexError", "KeyError", "AxisError"):
            explain([kind], prefix + text)
        assert time.perf_counter() - start < 0.5


def test_a_message_is_no_template():
    title, _ = explain(["KeyError"], "'{0} {a0} {x.__class__}'")
    assert title == "The dictionary has no key '{0} {a0} {x.__class__}'"
