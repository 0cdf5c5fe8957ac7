"""The references of notebook 07 against nested loops, recorded results of PyTorch, numeric gradients and properties."""

import doctest
import inspect
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n_utils import layers as given_layers
from solutions import fc_as_conv as ours
from tests.solutions import loops_fc_as_conv as loops
from tests.solutions.strategies import seeds, sides

RECORDED = Path(__file__).parents[1] / "data" / "recorded" / "fc_as_conv.npz"

# Both sides compute in float64 and add at most a few hundred products of size about 1, in another order.
CLOSE = {"rtol": 1e-11, "atol": 1e-11}
# Central differences with h = 1e-4 of a function that is linear in each argument: only rounding is left, 1e-16 / 1e-4.
CLOSE_TO_NUMERIC = {"rtol": 0, "atol": 1e-9}

numbers = st.integers(1, 3)


def affine(x, w, b, param, dout=None):
    out, cache = ours.affine_forward(x, w, b)
    return out, None if dout is None else ours.affine_backward(dout, cache)


def conv(x, w, b, param, dout=None):
    out, cache = ours.conv_forward_naive(x, w, b, param)
    return out, None if dout is None else ours.conv_backward_naive(dout, cache)


def conv1x1(x, w, b, param, dout=None):
    out, cache = ours.conv1x1_forward(x, w, b)
    return out, None if dout is None else ours.conv1x1_backward(dout, cache)


LAYERS = {"affine": affine, "conv": conv, "conv1x1": conv1x1}
SHAPES = {
    "affine": ((3, 2, 3, 4), (24, 5)),
    "conv": ((2, 3, 6, 5), (4, 3, 3, 2)),
    "conv1x1": ((2, 3, 4, 5), (4, 3, 1, 1)),
}
PARAM = {"stride": 2, "pad": 1}
every_layer = pytest.mark.parametrize("layer", LAYERS)


def random_case(layer, seed=0):
    """x, w, b and a dout."""
    rng = np.random.default_rng(seed)
    x, w = (rng.standard_normal(shape) for shape in SHAPES[layer])
    b = rng.standard_normal(w.shape[1] if layer == "affine" else w.shape[0])
    return x, w, b, rng.standard_normal(LAYERS[layer](x, w, b, PARAM)[0].shape)


def assert_close(results, expected, **tolerance):
    for result, want in zip(results, expected, strict=True):
        np.testing.assert_allclose(result, want, strict=True, **tolerance)


# --- nested loops ---


@given(N=numbers, C=numbers, H=sides, W=sides, M=numbers, seed=seeds)
def test_affine_equals_nested_loops(N, C, H, W, M, seed):
    rng = np.random.default_rng(seed)
    x, w, b = rng.standard_normal((N, C, H, W)), rng.standard_normal((C * H * W, M)), rng.standard_normal(M)
    dout = rng.standard_normal((N, M))
    out, gradients = affine(x, w, b, None, dout)
    assert_close([out], [loops.affine_forward(x, w, b)], **CLOSE)
    assert_close(gradients, loops.affine_backward(dout, x, w, b), **CLOSE)


@st.composite
def convolutions(draw):
    """x, w, b, stride, pad and a generator for further arrays: any small convolution whose filter fits."""
    P = draw(st.integers(0, 2))
    H, W = draw(sides), draw(sides)
    HH, WW = draw(st.integers(1, min(4, H + 2 * P))), draw(st.integers(1, min(4, W + 2 * P)))
    N, C, F = draw(st.integers(1, 2)), draw(numbers), draw(numbers)
    rng = np.random.default_rng(draw(seeds))
    x, w, b = rng.standard_normal((N, C, H, W)), rng.standard_normal((F, C, HH, WW)), rng.standard_normal(F)
    return x, w, b, draw(st.integers(1, 4)), P, rng


@given(case=convolutions())
def test_convolution_equals_nested_loops_and_the_given_layer(case):
    x, w, b, S, P, rng = case
    expected = loops.conv_forward(x, w, b, S, P)
    dout = rng.standard_normal(expected.shape)
    expected_gradients = loops.conv_backward(dout, x, w, b, S, P)
    out, gradients = conv(x, w, b, {"stride": S, "pad": P}, dout)
    assert_close([out], [expected], **CLOSE)
    assert_close(gradients, expected_gradients, **CLOSE)
    out, cache = given_layers.conv_forward(x, w, b, {"stride": S, "pad": P})
    assert_close([out, *given_layers.conv_backward(dout, cache)], [expected, *expected_gradients], **CLOSE)


@given(N=numbers, C=numbers, H=sides, W=sides, F=numbers, seed=seeds)
def test_conv1x1_equals_nested_loops_and_an_affine_layer_at_every_pixel(N, C, H, W, F, seed):
    rng = np.random.default_rng(seed)
    x, w, b = rng.standard_normal((N, C, H, W)), rng.standard_normal((F, C, 1, 1)), rng.standard_normal(F)
    dout = rng.standard_normal((N, F, H, W))
    out, gradients = conv1x1(x, w, b, None, dout)
    assert_close([out], [loops.conv_forward(x, w, b, 1, 0)], **CLOSE)
    assert_close(gradients, loops.conv_backward(dout, x, w, b, 1, 0), **CLOSE)
    pixels, _ = ours.affine_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), w[:, :, 0, 0].T, b)
    np.testing.assert_allclose(out, pixels.reshape(N, H, W, F).transpose(0, 3, 1, 2), **CLOSE)


@given(C=numbers, H=sides, W=sides, M=numbers)
def test_conversions_equal_nested_loops(C, H, W, M):
    w, b = np.arange(C * H * W * M).reshape(C * H * W, M), np.arange(M)
    filters, b_conv = ours.fc_to_conv(w, b, (C, H, W))
    np.testing.assert_array_equal(filters, loops.fc_to_conv(w, (C, H, W)))
    np.testing.assert_array_equal(b_conv, b)
    back, b_back = ours.conv_to_fc(filters, b_conv)
    np.testing.assert_array_equal(back, loops.conv_to_fc(filters))
    np.testing.assert_array_equal(back, w)
    np.testing.assert_array_equal(b_back, b)


# --- PyTorch ---


def recorded_cases():
    with np.load(RECORDED, allow_pickle=False) as file:
        return sorted({name.rsplit("/", 1)[0] for name in file.files})


@pytest.mark.parametrize("case", recorded_cases())
def test_equals_pytorch(case):
    with np.load(RECORDED, allow_pickle=False) as file:
        values = {name.rsplit("/", 1)[1]: file[name] for name in file.files if name.startswith(f"{case}/")}
    layer = case.split("/")[0]
    param = dict(zip(("stride", "pad"), values["param"].tolist(), strict=True)) if layer == "conv" else None
    arguments = values["x"], values["w"], values["b"], param, values["dout"]
    expected = [values[name] for name in ("out", "dx", "dw", "db")]
    for call in [LAYERS[layer], *([conv1x1] if case == "conv/one pixel" else [])]:
        out, gradients = call(*arguments)
        assert_close([out, *gradients], expected, **CLOSE)


def test_a_map_as_large_as_the_filter_was_recorded():
    """PyTorch's convolution with filters as large as the map equals our affine layer, and the other way round."""
    with np.load(RECORDED, allow_pickle=False) as file:
        x, w, b, out = (file[f"conv/as large as the map/{name}"] for name in ("x", "w", "b", "out"))
    result, _ = ours.affine_forward(x, *ours.conv_to_fc(w, b))
    np.testing.assert_allclose(result, out[:, :, 0, 0], **CLOSE)


# --- gradients ---


@every_layer
@pytest.mark.parametrize("which", [0, 1, 2])
def test_gradient(layer, which):
    x, w, b, dout = random_case(layer)
    arguments = [x, w, b]
    gradient = LAYERS[layer](x, w, b, PARAM, dout)[1][which]
    numeric, h = np.zeros_like(gradient), 1e-4
    for index in np.ndindex(gradient.shape):
        outs = []
        for step in (h, -h):
            moved = [a.copy() for a in arguments]
            moved[which][index] += step
            outs.append(LAYERS[layer](*moved, PARAM)[0])
        numeric[index] = np.sum((outs[0] - outs[1]) * dout) / (2 * h)
    np.testing.assert_allclose(gradient, numeric, **CLOSE_TO_NUMERIC)


# --- properties ---


def run_head(x, head):
    """Affine layers with ReLUs between them."""
    for number, (w, b) in enumerate(head):
        x, _ = ours.affine_forward(x if number == 0 else np.maximum(x, 0), w, b)
    return x


def run_convolutions(x, layers):
    """Convolutions with ReLUs between them."""
    for number, (w, b) in enumerate(layers):
        x, _ = given_layers.conv_forward(x if number == 0 else np.maximum(x, 0), w, b, {"stride": 1, "pad": 0})
    return x


@given(
    C=numbers, H=sides, W=sides, down=st.integers(0, 3), right=st.integers(0, 3), depth=st.integers(1, 3), seed=seeds
)
def test_a_converted_head_on_a_larger_map_equals_all_crops(C, H, W, down, right, depth, seed):
    rng = np.random.default_rng(seed)
    sizes = [C * H * W, *rng.integers(1, 6, depth)]
    head = [(rng.standard_normal((D, M)), rng.standard_normal(M)) for D, M in pairwise(sizes)]
    x = rng.standard_normal((2, C, H + down, W + right))
    layers = ours.convify_head(head, (C, H, W))
    assert [w.shape for w, _ in layers] == [
        (M, *shape) for M, shape in zip(sizes[1:], [(C, H, W), *((M, 1, 1) for M in sizes[1:])], strict=False)
    ]
    out = run_convolutions(x, layers)
    assert out.shape == (2, sizes[-1], down + 1, right + 1)
    for i, j in np.ndindex(down + 1, right + 1):
        np.testing.assert_allclose(out[:, :, i, j], run_head(x[:, :, i : i + H, j : j + W], head), **CLOSE)


def test_a_head_with_another_reshape_would_not():
    """The same numbers in another order: reshape without the transpose is another layer."""
    rng = np.random.default_rng(0)
    w, b, x = rng.standard_normal((12, 5)), rng.standard_normal(5), rng.standard_normal((1, 2, 2, 3))
    wrong, _ = ours.conv_forward_naive(x, w.reshape(5, 2, 2, 3), b, {"stride": 1, "pad": 0})
    assert np.abs(wrong.ravel() - ours.affine_forward(x, w, b)[0].ravel()).max() > 0.1


@given(case=convolutions())
def test_backward_is_the_adjoint_of_forward(case):
    """<conv(x), dout> = <x, dx> for b = 0, and likewise for w."""
    x, w, b, S, P, rng = case
    out, _ = conv(x, w, 0 * b, {"stride": S, "pad": P})
    dout = rng.standard_normal(out.shape)
    _, (dx, dw, _) = conv(x, w, 0 * b, {"stride": S, "pad": P}, dout)
    np.testing.assert_allclose([np.sum(x * dx), np.sum(w * dw)], [np.sum(out * dout)] * 2, **CLOSE)


@pytest.mark.parametrize("shape", [(1, 2, 3), (7, 1, 2), (2, 3, 3)])
def test_fc_to_conv_refuses_another_map(shape):
    with pytest.raises(ValueError, match="rows"):
        ours.fc_to_conv(np.zeros((12, 5)), np.zeros(5), shape)


# --- what comes in ---


@every_layer
def test_memory_layout_makes_no_difference(layer):
    x, w, b, dout = random_case(layer)
    expected_out, expected = LAYERS[layer](x, w, b, PARAM, dout)
    out, gradients = LAYERS[layer](np.asfortranarray(x), np.asfortranarray(w), b, PARAM, np.asfortranarray(dout))
    assert_close([out, *gradients], [expected_out, *expected], **CLOSE)


@every_layer
def test_arguments_may_be_read_only_and_stay_as_they_were(layer):
    arguments = random_case(layer)
    kept = [a.copy() for a in arguments]
    for a in arguments:
        a.flags.writeable = False
    x, w, b, dout = arguments
    out, gradients = LAYERS[layer](x, w, b, PARAM, dout)
    assert_close(arguments, kept, rtol=0)
    assert all(result.flags.writeable for result in (out, *gradients))
    assert not any(np.shares_memory(result, argument) for result in (out, *gradients) for argument in arguments)


@every_layer
def test_whole_numbers(layer):
    x, w, b, dout = (np.round(10 * a) for a in random_case(layer))
    dout = dout / 8
    expected_out, expected = LAYERS[layer](x, w, b, PARAM, dout)
    out, gradients = LAYERS[layer](x.astype(int), w.astype(int), b.astype(int), PARAM, dout)
    np.testing.assert_allclose(out, expected_out, **CLOSE)
    assert_close(gradients, expected, **CLOSE)  # strict: the gradients are not cut to integers


def test_further_keys_do_no_harm():
    x, w, b, dout = random_case("conv")
    out, gradients = conv(x, w, b, PARAM | {"mode": "test"}, dout)
    expected_out, expected = conv(x, w, b, PARAM, dout)
    assert_close([out, *gradients], [expected_out, *expected], rtol=0)


# --- the module ---


def test_questions():
    """Counted on arrays, where that is cheap, and against the published numbers where it is not."""
    narrow, work, widen = np.empty((64, 256, 1, 1)), np.empty((64, 64, 3, 3)), np.empty((256, 64, 1, 1))
    assert ours.bottleneck_parameters() == sum(w.size + len(w) for w in (narrow, work, widen))
    side = 224
    for _ in range(5):
        side = loops.output_size(side, 2, 2, 0)
    assert ours.fc6_kernel_side() == side == 7
    assert [ours.fc6_parameters(), ours.fc7_parameters(), ours.fc8_parameters()] == [102_764_544, 16_781_312, 4_097_000]
    side = 384
    for _ in range(5):
        side = loops.output_size(side, 2, 2, 0)
    assert side == 12
    assert ours.score_map_side() == loops.output_size(side, 7, 1, 0) == 6
    assert ours.pixels_between_windows() == (384 - 224) / (6 - 1)
    assert ours.trunk_work_saved() == 12.25


def test_examples_in_docstrings():
    result = doctest.testmod(ours)
    assert result.attempted > 10
    assert result.failed == 0


def test_all_is_every_public_function():
    functions = {
        name
        for name, value in vars(ours).items()
        if inspect.isfunction(value) and value.__module__ == ours.__name__ and not name.startswith("_")
    }
    assert set(ours.__all__) == functions
    assert all(inspect.getdoc(getattr(ours, name)) for name in functions)
