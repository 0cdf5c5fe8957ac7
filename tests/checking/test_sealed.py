"""Sealed answers open to the right value, in whatever form of a number it comes, and to nothing else."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n_utils.checking.calls import NOT_PLAIN
from cs231n_utils.checking.sealed import is_sealed, opens, seal


@pytest.mark.parametrize(
    ("answer", "given_answers"),
    [
        (75, [75, 75.0, 75.0000001, np.array(75), np.array(75.0), np.array([75], "u1"), np.array([[75.0]])]),
        (0, [0, 0.0, -0.0, np.array(-0.0)]),
        (102_764_544, [102_764_544, 102_764_544.0, np.array(102_764_544), np.array(102_764_544, np.float32)]),
        (1 / 3, [1 / 3, 0.333333, np.array(1 / 3, np.float32)]),
        (True, [True, np.array(True)]),
        ("Equivariance", ["Equivariance", "equivariance", " EQUIVARIANCE\n"]),
    ],
    ids=str,
)
def test_opens(answer, given_answers):
    sealed = seal(answer, "salt")
    for value in given_answers:
        assert opens(sealed, value), value


@pytest.mark.parametrize(
    "value",
    [
        25,
        0.75,
        -75,
        75.01,
        75 + 0j,
        True,
        None,
        [],
        [75],
        {},
        np.zeros(0),
        np.array([75, 75]),
        np.array(75 + 0j),
        10**400,
        -(10**400),
        math.nan,
        math.inf,
        {NOT_PLAIN: "Answer"},
        {"sealed": "", "salt": "salt"},
        "seventy-five",
    ],
    ids=repr,
)
def test_stays_shut(value):
    assert not opens(seal(75, "salt"), value)


@pytest.mark.parametrize("value", [102_760_448, 102_764_545, 102_764_543.0, 1.02765e8, -102_764_544, math.inf])
def test_large_numbers_count_to_the_whole_number(value):
    assert not opens(seal(102_764_544, "salt"), value)


def test_a_seal_is_not_its_own_answer():
    sealed = seal(75, "salt")
    assert not opens(sealed, sealed)
    assert not opens(sealed, sealed["sealed"])


def test_the_answer_does_not_stand_in_its_seal():
    assert "75" not in seal(75, "salt").values()
    assert seal(75, "salt")["sealed"] != seal(75, "pepper")["sealed"]


@settings(deadline=None)
@given(st.integers(-99999, 99999), st.integers(-99999, 99999))
def test_whole_numbers_are_told_apart(one, other):
    assert opens(seal(one, ""), float(other)) == (one == other)


def test_is_sealed():
    assert is_sealed(seal(1, "salt"))
    assert not any(map(is_sealed, (1, None, "sealed", ["sealed"], {}, np.zeros(1))))
