"""The references of notebook 02 against nested loops, recorded results of PyTorch, numeric gradients and properties."""

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutions import pooling
from tests.solutions import loops_pooling as loops
from tests.solutions.strategies import images, poolings, seeds, sides

RECORDED = Path(__file__).parents[1] / "data" / "recorded" / "pooling.npz"

# Both sides compute in float64 and add at most a few dozen numbers of size about 1, in another order.
CLOSE = {"rtol": 1e-12, "atol": 1e-12}
# Central differences with h = 1e-6 of a piecewise linear function: only rounding is left, about 1e-16 / 1e-6.
CLOSE_TO_NUMERIC = {"rtol": 0, "atol": 1e-8}

WINDOWED = {
    "max_pool_naive": (pooling.max_pool_forward_naive, pooling.max_pool_backward_naive),
    "max_pool_fast": (pooling.max_pool_forward_fast, pooling.max_pool_backward_fast),
    "avg_pool_naive": (pooling.avg_pool_forward_naive, pooling.avg_pool_backward_naive),
}
GLOBAL = {
    "global_max_pool": (pooling.global_max_pool_forward, pooling.global_max_pool_backward),
    "global_avg_pool": (pooling.global_avg_pool_forward, pooling.global_avg_pool_backward),
}
LOOPS = {
    "max_pool": (loops.max_pool_forward, loops.max_pool_backward),
    "avg_pool": (loops.avg_pool_forward, loops.avg_pool_backward),
}

every_windowed = pytest.mark.parametrize("layer", WINDOWED)
every_global = pytest.mark.parametrize("layer", GLOBAL)
every_layer = pytest.mark.parametrize("layer", [*WINDOWED, *GLOBAL])


def run(layer, x, param, dout=None):
    """Forward and, given dout, backward. Returns (out, dx or None)."""
    forward, backward = (WINDOWED | GLOBAL)[layer]
    out, cache = forward(x, param) if layer in WINDOWED else forward(x)
    return out, None if dout is None else backward(dout, cache)


def loops_of(layer):
    return LOOPS["max_pool" if "max" in layer else "avg_pool"]


def random_case(shape, window, seed=0):
    """x, its pooling parameters and a dout for windowed layers."""
    rng = np.random.default_rng(seed)
    HH, WW, S = window
    sizes = [loops.output_size(side, F, S) for side, F in zip(shape[2:], (HH, WW), strict=True)]
    param = {"pool_height": HH, "pool_width": WW, "stride": S}
    return rng.standard_normal(shape), param, rng.standard_normal((*shape[:2], *sizes))


# --- nested loops ---


@every_windowed
@given(case=poolings())
def test_windowed_pooling_equals_nested_loops(layer, case):
    forward, backward = loops_of(layer)
    expected = forward(case.x, case.HH, case.WW, case.S)
    dout = case.dout(expected)
    out, dx = run(layer, case.x, case.param, dout)
    np.testing.assert_allclose(out, expected, **CLOSE, strict=True)
    # The references give a tie to the first pixel, as the loops do.
    np.testing.assert_allclose(dx, backward(dout, case.x, case.HH, case.WW, case.S), **CLOSE, strict=True)


@every_global
@given(case=poolings())
def test_global_pooling_equals_a_window_as_large_as_the_image(layer, case):
    N, C, H, W = case.x.shape
    forward, backward = loops_of(layer)
    expected = forward(case.x, H, W, case.S)
    dout = case.dout(expected)
    out, dx = run(layer, case.x, None, dout.reshape(N, C))
    np.testing.assert_allclose(out, expected.reshape(N, C), **CLOSE, strict=True)
    np.testing.assert_allclose(dx, backward(dout, case.x, H, W, case.S), **CLOSE, strict=True)


@given(H=st.integers(1, 40), F=st.integers(1, 40), S=st.integers(1, 10))
def test_pool_output_size_equals_counting(H, F, S):
    if F > H:
        with pytest.raises(ValueError, match="does not fit"):
            pooling.pool_output_size(H, F, S)
        return
    size = pooling.pool_output_size(H, F, S)
    assert type(size) is int
    assert size == loops.output_size(H, F, S)


# --- PyTorch ---


def recorded_cases():
    with np.load(RECORDED, allow_pickle=False) as file:
        return sorted({name.rsplit("/", 1)[0] for name in file.files})


def recorded(case):
    with np.load(RECORDED, allow_pickle=False) as file:
        x, window, out, dout, dx = (file[f"{case}/{what}"] for what in ("x", "window", "out", "dout", "dx"))
    return x, dict(zip(("pool_height", "pool_width", "stride"), window.tolist(), strict=True)), out, dout, dx


def test_every_layer_was_recorded():
    assert {case.split("/")[0] for case in recorded_cases()} == {*LOOPS, *GLOBAL}


@pytest.mark.parametrize("case", recorded_cases())
def test_equals_pytorch(case):
    x, param, out, dout, dx = recorded(case)
    recorded_layer = case.split("/")[0]
    for layer in [layer for layer in (*WINDOWED, *GLOBAL) if layer.startswith(recorded_layer)]:
        our_out, our_dx = run(layer, x, param, dout)
        np.testing.assert_allclose(our_out, out, **CLOSE, strict=True)
        # PyTorch, too, gives a tie to the first pixel, in these cases.
        np.testing.assert_allclose(our_dx, dx, **CLOSE, strict=True)


# --- gradients ---


def numeric_gradient(f, x, dout, h=1e-6):
    """The gradient of sum(f(x) * dout) by central differences."""
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        grad[index] = np.sum((f(x + step) - f(x - step)) * dout) / (2 * h)
    return grad


@every_windowed
@pytest.mark.parametrize(
    ("shape", "window"),
    [
        ((2, 2, 4, 4), (2, 2, 2)),
        ((1, 2, 5, 6), (3, 3, 1)),
        ((2, 1, 7, 5), (3, 2, 2)),
        ((1, 2, 6, 7), (2, 3, 4)),
        ((1, 1, 4, 3), (4, 3, 1)),
    ],
)
def test_windowed_gradient(layer, shape, window):
    x, param, dout = random_case(shape, window)
    _, dx = run(layer, x, param, dout)
    expected = numeric_gradient(lambda x: run(layer, x, param)[0], x, dout)
    np.testing.assert_allclose(dx, expected, **CLOSE_TO_NUMERIC)


@every_global
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 1, 1, 1), (3, 1, 1, 4)])
def test_global_gradient(layer, shape):
    rng = np.random.default_rng(0)
    x, dout = rng.standard_normal(shape), rng.standard_normal(shape[:2])
    _, dx = run(layer, x, None, dout)
    np.testing.assert_allclose(dx, numeric_gradient(lambda x: run(layer, x, None)[0], x, dout), **CLOSE_TO_NUMERIC)


# --- properties ---


@every_layer
@given(case=poolings())
def test_pooling_commutes_with_channel_permutation(layer, case):
    order = np.random.default_rng(case.seed).permutation(case.x.shape[1])
    out, _ = run(layer, case.x, case.param)
    dout = case.dout(out)
    _, dx = run(layer, case.x, case.param, dout)
    permuted_out, permuted_dx = run(layer, case.x[:, order], case.param, dout[:, order])
    # The same additions of the same numbers: nothing may differ, not even the last bit.
    np.testing.assert_array_equal(permuted_out, out[:, order])
    np.testing.assert_array_equal(permuted_dx, dx[:, order])


@given(case=poolings())
def test_maximum_is_at_least_the_average(case):
    largest, _ = run("max_pool_naive", case.x, case.param)
    mean, _ = run("avg_pool_naive", case.x, case.param)
    assert np.all(largest >= mean - CLOSE["atol"])


@every_windowed
@given(case=poolings())
def test_gradient_is_neither_lost_nor_made(layer, case):
    out, _ = run(layer, case.x, case.param)
    dout = case.dout(out)
    _, dx = run(layer, case.x, case.param, dout)
    np.testing.assert_allclose(dx.sum(axis=(2, 3)), dout.sum(axis=(2, 3)), **CLOSE)


@pytest.mark.parametrize("layer", ["max_pool_naive", "max_pool_fast"])
@given(case=poolings(ties=st.just(True), overlap=False))
def test_a_tie_keeps_its_sum_and_goes_to_maxima_only(layer, case):
    out, _ = run(layer, case.x, case.param)
    dout = case.dout(out)
    _, dx = run(layer, case.x, case.param, dout)
    for n, c, i, j, pixels in loops.windows(case.x, case.HH, case.WW, case.S):
        share = [dx[n, c, *pixel] for pixel in pixels]
        np.testing.assert_allclose(sum(share), dout[n, c, i, j], **CLOSE)
        assert all(dx[n, c, *pixel] == 0 for pixel in pixels if case.x[n, c, *pixel] < out[n, c, i, j])


@given(case=poolings())
def test_fast_equals_naive(case):
    out, _ = run("max_pool_naive", case.x, case.param)
    dout = case.dout(out)
    _, dx = run("max_pool_naive", case.x, case.param, dout)
    fast_out, fast_dx = run("max_pool_fast", case.x, case.param, dout)
    np.testing.assert_array_equal(fast_out, out)
    np.testing.assert_allclose(fast_dx, dx, **CLOSE)


@given(N=st.integers(1, 3), C=st.integers(1, 3), H=sides, W=sides, seed=seeds)
def test_windows_of_one_pixel_change_nothing(N, C, H, W, seed):
    x = images((N, C, H, W), seed, ties=False)
    param = {"pool_height": 1, "pool_width": 1, "stride": 1}
    for layer in WINDOWED:
        out, dx = run(layer, x, param, 2 * x)
        np.testing.assert_array_equal(out, x)
        np.testing.assert_array_equal(dx, 2 * x)


# --- what comes in ---

FORMS = {
    "a view with steps": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "a reversed view": lambda a: np.flip(np.flip(a, (0, 2)).copy(), (0, 2)),
    "channels last in memory": lambda a: np.moveaxis(np.moveaxis(a, 1, -1).copy(), -1, 1),
    "Fortran order": np.asfortranarray,
}


@every_layer
@pytest.mark.parametrize("form", FORMS)
def test_memory_layout_makes_no_difference(layer, form):
    x, param, dout = random_case((2, 3, 6, 7), (3, 2, 2))
    dout = dout if layer in WINDOWED else dout[:, :, 0, 0]
    expected_out, expected_dx = run(layer, x, param, dout)
    out, dx = run(layer, FORMS[form](x), param, FORMS[form](dout) if layer in WINDOWED else dout)
    np.testing.assert_allclose(out, expected_out, **CLOSE, strict=True)
    np.testing.assert_allclose(dx, expected_dx, **CLOSE, strict=True)


@every_layer
def test_arguments_may_be_read_only_and_stay_as_they_were(layer):
    x, param, dout = random_case((2, 3, 6, 7), (3, 2, 2))
    dout = dout if layer in WINDOWED else dout[:, :, 0, 0].copy()
    kept = x.copy(), dict(param), dout.copy()
    x.flags.writeable = dout.flags.writeable = False
    out, dx = run(layer, x, param, dout)
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(dout, kept[2])
    assert param == kept[1]
    assert out.flags.writeable
    assert dx.flags.writeable
    assert not any(np.shares_memory(result, argument) for result in (out, dx) for argument in (x, dout))


@every_layer
def test_whole_number_images(layer):
    x, param, dout = random_case((2, 3, 6, 7), (3, 2, 2))
    dout = dout if layer in WINDOWED else dout[:, :, 0, 0]
    whole = np.round(100 * x)
    expected_out, expected_dx = run(layer, whole, param, dout)
    out, dx = run(layer, whole.astype(int), param, dout)
    np.testing.assert_allclose(out, expected_out, **CLOSE)
    np.testing.assert_allclose(dx, expected_dx, **CLOSE, strict=True)  # strict: the gradient is not cut to integers


@every_layer
def test_single_precision_stays_close(layer):
    x, param, dout = random_case((2, 3, 6, 7), (3, 2, 2))
    dout = dout if layer in WINDOWED else dout[:, :, 0, 0]
    x, dout = x.astype(np.float32), dout.astype(np.float32)
    expected_out, expected_dx = run(layer, x.astype(float), param, dout.astype(float))
    out, dx = run(layer, x, param, dout)
    np.testing.assert_allclose(out, expected_out, rtol=1e-5, atol=1e-6)  # a few roundings of 6e-8
    np.testing.assert_allclose(dx, expected_dx, rtol=1e-5, atol=1e-6)


@every_windowed
def test_further_keys_do_no_harm(layer):
    x, param, dout = random_case((1, 2, 5, 5), (2, 2, 2))
    out, dx = run(layer, x, param | {"pad": 7, "mode": "test"}, dout)
    expected_out, expected_dx = run(layer, x, param, dout)
    np.testing.assert_array_equal(out, expected_out)
    np.testing.assert_array_equal(dx, expected_dx)


# --- the module ---


def test_questions():
    assert pooling.activations_discarded() == 75
    assert pooling.learnable_parameters() == 0
    assert pooling.two_by_two_pool_size() == loops.output_size(55, 2, 2)
    assert pooling.overlapping_pool_size() == loops.output_size(55, 3, 2)
    assert pooling.depth_after_pooling() == 96


def test_examples_in_docstrings():
    result = doctest.testmod(pooling)
    assert result.attempted > 10
    assert result.failed == 0


def test_all_is_every_public_function_and_the_model_answers():
    functions = {
        name
        for name, value in vars(pooling).items()
        if inspect.isfunction(value) and value.__module__ == pooling.__name__ and not name.startswith("_")
    }
    assert set(pooling.__all__) == functions | {"MODEL_ANSWERS"}
    assert all(inspect.getdoc(getattr(pooling, name)) for name in functions)
