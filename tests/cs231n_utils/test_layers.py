"""The given layers against nested loops, and their backward passes against numeric gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n_utils import layers
from cs231n_utils.gradient_check import directional_error, eval_numerical_gradient_array, rel_error


def conv_by_loops(x, w, b, S, P):
    """The definition, one product at a time."""
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    padded = np.zeros((N, C, H + 2 * P, W + 2 * P))
    padded[:, :, P : P + H, P : P + W] = x
    out = np.zeros((N, F, (H + 2 * P - HH) // S + 1, (W + 2 * P - WW) // S + 1))
    for n, f, i, j in np.ndindex(out.shape):
        out[n, f, i, j] = b[f]
        for c, p, q in np.ndindex(C, HH, WW):
            out[n, f, i, j] += w[f, c, p, q] * padded[n, c, i * S + p, j * S + q]
    return out


@st.composite
def convolutions(draw):
    """Small shapes, among them those where the last pixels are in no window."""
    small = st.integers(1, 3)
    HH, WW, S, P = draw(small), draw(small), draw(small), draw(st.integers(0, 2))
    H, W = draw(st.integers(HH, HH + 4)), draw(st.integers(WW, WW + 4))
    N, C, F = draw(st.integers(1, 2)), draw(small), draw(small)
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return rng.standard_normal((N, C, H, W)), rng.standard_normal((F, C, HH, WW)), rng.standard_normal(F), S, P


@settings(max_examples=60, deadline=None)
@given(convolutions())
def test_conv_forward_is_the_nested_loops(case):
    x, w, b, S, P = case
    out, _ = layers.conv_forward(x, w, b, {"stride": S, "pad": P})
    # Both sum at most 27 products of numbers near one: only the order of the sum differs.
    np.testing.assert_allclose(out, conv_by_loops(x, w, b, S, P), rtol=1e-11, atol=1e-11)


@settings(max_examples=40, deadline=None)
@given(convolutions())
def test_conv_backward_is_the_numeric_gradient(case):
    x, w, b, S, P = case
    param = {"stride": S, "pad": P}
    out, cache = layers.conv_forward(x, w, b, param)
    dout = np.random.default_rng(1).standard_normal(out.shape)
    gradients = layers.conv_backward(dout, cache)
    points = (x, w, b)
    for k in range(3):

        def f(value, k=k):
            return layers.conv_forward(*[value if m == k else points[m] for m in range(3)], param)[0]

        assert gradients[k].shape == points[k].shape
        # Linear in each argument, so that only rounding is left: 1e-16 / 1e-5 of values near 10.
        numeric = eval_numerical_gradient_array(f, points[k], dout)
        np.testing.assert_allclose(gradients[k], numeric, rtol=1e-7, atol=1e-8)


def test_affine_backward_is_the_numeric_gradient():
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((3, 2, 4)), rng.standard_normal((8, 5)), rng.standard_normal(5)
    out, cache = layers.affine_forward(x, w, b)
    dout = rng.standard_normal(out.shape)
    dx, dw, db = layers.affine_backward(dout, cache)
    assert rel_error(dx, eval_numerical_gradient_array(lambda x: layers.affine_forward(x, w, b)[0], x, dout)) < 1e-7
    assert rel_error(dw, eval_numerical_gradient_array(lambda w: layers.affine_forward(x, w, b)[0], w, dout)) < 1e-7
    assert rel_error(db, eval_numerical_gradient_array(lambda b: layers.affine_forward(x, w, b)[0], b, dout)) < 1e-7


def test_relu_backward_is_the_numeric_gradient():
    x = np.linspace(-1, 1, 24).reshape(2, 3, 4)  # no value within h of the kink
    dout = np.random.default_rng(0).standard_normal(x.shape)
    out, cache = layers.relu_forward(x)
    assert out.min() == 0
    assert directional_error(lambda x: layers.relu_forward(x)[0], x, layers.relu_backward(dout, cache), dout, 0) < 1e-8


def test_softmax_loss_is_right_and_stable():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    loss, dx = layers.softmax_loss(x, y)
    probabilities = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    assert loss == pytest.approx(-np.mean([np.log(probabilities[n, y[n]]) for n in range(6)]))
    assert directional_error(lambda x: layers.softmax_loss(x, y)[0], x, dx, 1.0, seed=0) < 1e-7
    large, gradient = layers.softmax_loss(np.array([[1e4, 0.0]]), np.array([1]))
    assert large == pytest.approx(1e4)
    np.testing.assert_allclose(gradient, [[1.0, -1.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.affine_forward(np.zeros((2, 3, 4)), np.zeros((5, 6)), np.zeros(6)), r"expected \(12, M\)"),
        (
            lambda: layers.conv_forward(
                np.zeros((1, 2, 4, 4)), np.zeros((1, 3, 2, 2)), np.zeros(1), {"stride": 1, "pad": 0}
            ),
            "the same C",
        ),
        (
            lambda: layers.conv_forward(
                np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 3, 3)), np.zeros(1), {"stride": 1, "pad": 0}
            ),
            "does not fit",
        ),
    ],
)
def test_wrong_shapes_are_explained(call, message):
    with pytest.raises(ValueError, match=message):
        call()
