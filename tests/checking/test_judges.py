"""The judge of ties in max pooling: every subgradient is right, nothing else is."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cs231n_utils.checking.judges import max_pool_subgradient
from cs231n_utils.checking.key import Tolerance
from solutions.pooling import max_pool_backward_naive, max_pool_forward_naive
from tests.solutions.strategies import poolings

TOLERANCE = Tolerance(1e-5, 1e-6, "for these tests")

X = np.array([[[[1.0, 1.0, 0.0, 3.0, 9.0], [0.0, 1.0, 2.0, 3.0, 9.0], [9.0, 9.0, 9.0, 9.0, 9.0]]]])
DOUT = np.array([[[[6.0, -4.0]]]])
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}


def judged(dx, x=X, dout=DOUT, pool_param=POOL):
    inputs = {"x": x, "dout": dout} | ({"pool_param": pool_param} if pool_param else {})
    return max_pool_subgradient(inputs, {"dx": np.asarray(dx).reshape(x.shape)}, TOLERANCE)


@pytest.mark.parametrize(
    "dx",
    [
        [[6, 0, 0, -4, 0], [0, 0, 0, 0, 0], [0] * 5],
        [[0, 0, 0, 0, 0], [0, 6, 0, -4, 0], [0] * 5],
        [[2, 2, 0, -2, 0], [0, 2, 0, -2, 0], [0] * 5],
        [[1, 2, 0, -1, 0], [0, 3, 0, -3, 0], [0] * 5],
        [[6 + 1e-7, 0, 0, -4, 0], [0, 1e-7, 0, 0, 0], [0] * 5],
    ],
    ids=["first", "last", "shared equally", "shared unequally", "rounded"],
)
def test_right(dx):
    assert judged(dx) is None
    assert judged(np.float32(dx)) is None


@pytest.mark.parametrize(
    ("dx", "said"),
    [
        ([[6, 6, 0, -4, 0], [0, 6, 0, -4, 0], [0] * 5], "0:2, 0:2] hands on 18 in all, expected 6"),
        ([[6, 0, 0, 4, 0], [0, 0, 0, 0, 0], [0] * 5], "0:2, 2:4] hands on 4 in all, expected -4"),
        ([[0, 0, 0, 0, 0], [6, 0, 0, -4, 0], [0] * 5], "gives gradient to a pixel that is not its maximum"),
        ([[7, -1, 0, -4, 0], [0, 0, 0, 0, 0], [0] * 5], "holds a share of the wrong sign"),
        ([[6, 0, 0, -4, 1], [0, 0, 0, 0, 0], [0] * 5], "not 0 at pixels that are in no window"),
        ([[6, 0, 0, -4, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]], "not 0 at pixels that are in no window"),
        ([[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0] * 5], "hands on 0 in all"),
        ([[np.nan, 0, 0, -4, 0], [0, 0, 0, 0, 0], [0] * 5], "hands on nan in all"),
        ([[np.inf, 0, 0, -4, 0], [0, 0, 0, 0, 0], [0] * 5], "hands on inf in all"),
        ([[6, 0, 0, -4, np.nan], [0, 0, 0, 0, 0], [0] * 5], "not 0 at pixels that are in no window"),
        ([[6, 0, np.nan, -4, 0], [0, 0, 0, 0, 0], [0] * 5], "hands on nan in all"),
    ],
)
def test_wrong(dx, said):
    assert said in judged(dx)


def test_a_gradient_of_truth_values():
    assert "hands on 1 in all" in judged(np.array([[1, 0, 0, 1, 0], [0] * 5, [0] * 5], bool))


@pytest.mark.parametrize("dout", [np.array([[6.0]]), np.array([[[[6.0]]]])], ids=["(N, C)", "(N, C, 1, 1)"])
def test_global_pooling_needs_no_pool_param(dout):
    x = np.array([[[[1.0, 2.0, 2.0]]]])
    assert judged([0, 2, 4], x, dout, None) is None
    assert "hands on 12" in judged([0, 6, 6], x, dout, None)


def test_one_window_may_have_any_stride():
    x = np.array([[[[2.0, 2.0]]]])
    pool_param = {"pool_height": 1, "pool_width": 2, "stride": 1}
    assert judged([1.5, 4.5], x, np.array([[[[6.0]]]]), pool_param) is None


def test_overlapping_windows_cannot_be_judged():
    with pytest.raises(ValueError, match="do not overlap"):
        judged(np.zeros(15), pool_param=POOL | {"stride": 1})


@settings(deadline=None)
@given(poolings(ties=st.just(True), overlap=False))
def test_the_reference_and_equal_shares_are_right(pooling):
    out, cache = max_pool_forward_naive(pooling.x, pooling.param)
    dout = pooling.dout(out)
    assert judged(max_pool_backward_naive(dout, cache), pooling.x, dout, pooling.param) is None
    shared = np.zeros_like(pooling.x)
    for n, c, i, j in np.ndindex(out.shape):
        rows = slice(i * pooling.S, i * pooling.S + pooling.HH)
        columns = slice(j * pooling.S, j * pooling.S + pooling.WW)
        winners = pooling.x[n, c, rows, columns] == out[n, c, i, j]
        shared[n, c, rows, columns] = winners * dout[n, c, i, j] / winners.sum()
    assert judged(shared, pooling.x, dout, pooling.param) is None


@settings(deadline=None)
@given(poolings(overlap=False), st.data())
def test_one_entry_that_is_off_is_wrong(pooling, data):
    out, cache = max_pool_forward_naive(pooling.x, pooling.param)
    dout = pooling.dout(out)
    assume(np.abs(dout).max() < 100)
    dx = max_pool_backward_naive(dout, cache)
    place = tuple(data.draw(st.integers(0, side - 1)) for side in dx.shape)
    dx[place] += data.draw(st.sampled_from([-1, 1])) * 0.1
    assert judged(dx, pooling.x, dout, pooling.param)
