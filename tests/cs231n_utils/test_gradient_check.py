"""The gradient checker: right gradients pass, a planted error of 0.1 % does not, and x comes back to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n_utils.gradient_check import (
    directional_error,
    eval_numerical_gradient,
    eval_numerical_gradient_array,
    rel_error,
)


def test_rel_error_of_known_values():
    assert rel_error(np.zeros(3), np.zeros(3)) == 0
    assert rel_error(np.array([1.0, 2.0]), np.array([1.0, 2.2])) == pytest.approx(0.2 / 4.2)
    assert rel_error(1.0, -1.0) == 1
    assert rel_error(0.0, 1e-9) == pytest.approx(0.1)  # the floor of 1e-8
    assert rel_error(np.zeros((0, 2)), np.zeros((0, 2))) == 0
    assert np.isnan(rel_error(np.array([np.nan, 1.0]), np.ones(2)))


def test_rel_error_does_not_broadcast():
    with pytest.raises(ValueError, match=r"x.shape = \(3,\), y.shape = \(1, 3\)"):
        rel_error(np.zeros(3), np.zeros((1, 3)))


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6))
def test_gradient_of_a_cubic(values):
    x = np.array(values)
    before = x.tobytes()
    numeric = eval_numerical_gradient(lambda x: np.sum(x**3), x)
    # Rounding: sums up to 6e9 carry 1e-6, divided by 2h = 2e-5.
    np.testing.assert_allclose(numeric, 3 * x**2, atol=1.0, rtol=1e-6)
    assert x.tobytes() == before


def test_a_function_that_returns_its_own_argument():
    x = np.arange(6.0).reshape(2, 3)
    df = np.arange(6.0, 12.0).reshape(2, 3)
    np.testing.assert_allclose(eval_numerical_gradient_array(lambda x: x, x, df), df, rtol=1e-9)


def test_directional_error_finds_an_error_of_a_thousandth():
    rng = np.random.default_rng(0)
    x, df = rng.standard_normal((4, 5)), rng.standard_normal((4, 5))
    right = np.cos(x) * df
    assert directional_error(np.sin, x, right, df, seed=1) < 1e-8
    assert directional_error(np.sin, x, right * 1.001, df, seed=1) > 4e-4


def test_whole_numbers_are_refused():
    with pytest.raises(TypeError, match="dtype=float"):
        eval_numerical_gradient(np.sum, np.array([1, 2]))
    with pytest.raises(TypeError, match="x is a list"):
        eval_numerical_gradient(np.sum, [1.0, 2.0])
    with pytest.raises(ValueError, match=r"dx\.shape"):
        directional_error(np.sin, np.ones(3), np.ones(2), np.ones(3), seed=0)
