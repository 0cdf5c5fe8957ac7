"""The references of notebook 08 against nested loops, recorded results of PyTorch, numeric gradients and properties."""

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs231n_utils.layers import conv_backward, conv_forward
from solutions import convnet, spatial_batchnorm
from tests.solutions import loops_convnet as loops
from tests.solutions.strategies import seeds

RECORDED = Path(__file__).parents[1] / "data" / "recorded" / "convnet.npz"

# Both sides compute in float64 and add at most a hundred numbers of size about 1, in another order.
CLOSE = {"rtol": 1e-11, "atol": 1e-11}

NETWORKS = {  # as recorded: blocks, hidden, classes
    "two blocks": ([(3, 2, True), (4, 1, False)], [7], 4),
    "no hidden": ([(3, 1, True), (5, 1, True)], [], 3),
    "no block": ([], [6, 5], 3),
}
every_network = pytest.mark.parametrize("case", NETWORKS)


@st.composite
def stampings(draw):
    """x, w, b, stride and padding of a transposed convolution whose output is not empty."""
    N, F, C = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    H, W, HH, WW = (draw(st.integers(1, 4)) for _ in range(4))
    S = draw(st.integers(1, 4))
    shortest = min((H - 1) * S + HH, (W - 1) * S + WW)
    P = draw(st.integers(0, min(2, (shortest - 1) // 2)))
    rng = np.random.default_rng(draw(seeds))
    return rng.standard_normal((N, F, H, W)), rng.standard_normal((F, C, HH, WW)), rng.standard_normal(C), S, P


def transposed(x, w, b, S, P):
    return convnet.conv_transpose_forward(x, w, b, {"stride": S, "pad": P})


# --- nested loops ---


@given(case=stampings())
def test_transposed_convolution_equals_nested_loops(case):
    x, w, _, S, P = case
    out, cache = transposed(*case)
    np.testing.assert_allclose(out, loops.conv_transpose_forward(*case), **CLOSE, strict=True)
    dout = np.random.default_rng(0).standard_normal(out.shape)
    expected = loops.conv_transpose_backward(dout, x, w, S, P)
    for ours, theirs in zip(convnet.conv_transpose_backward(dout, cache), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **CLOSE, strict=True)


def weights(net):
    """Weights and biases in order of the layers."""
    pairs = [(net.params[name], net.params[name.removesuffix("w") + "b"]) for name in net.params if name[-2:] == "_w"]
    return [pair for pair in pairs if pair[0].ndim == 4], [pair for pair in pairs if pair[0].ndim == 2]


@every_network
def test_scores_equal_nested_loops(case):
    blocks, hidden, classes = NETWORKS[case]
    rng = np.random.default_rng(1)
    net = convnet.ConvNet((2, 6, 5), blocks, hidden, classes)
    for name, value in net.params.items():
        net.params[name] = rng.standard_normal(value.shape) / 2
    X = rng.standard_normal((2, 2, 6, 5))
    np.testing.assert_allclose(net.loss(X), loops.scores(X, blocks, *weights(net)), **CLOSE, strict=True)


# --- PyTorch ---


def recorded(kind):
    """{case: {what: array}}."""
    cases = {}
    with np.load(RECORDED, allow_pickle=False) as file:
        for name in file.files:
            which, case, what = name.split("/")
            if which == kind:
                cases.setdefault(case, {})[what] = file[name]
    return cases


@pytest.mark.parametrize("case", recorded("transposed"))
def test_transposed_convolution_equals_pytorch(case):
    r = recorded("transposed")[case]
    S, P = r["param"].tolist()
    out, cache = transposed(r["x"], r["w"], r["b"], S, P)
    np.testing.assert_allclose(out, r["out"], **CLOSE, strict=True)
    for ours, name in zip(convnet.conv_transpose_backward(r["dout"], cache), ("dx", "dw", "db"), strict=True):
        np.testing.assert_allclose(ours, r[name], **CLOSE, strict=True)


@every_network
def test_network_equals_pytorch(case):
    r = recorded("network")[case]
    net = convnet.ConvNet(r["X"].shape[1:], *NETWORKS[case])
    names = [name.removesuffix("_w") for name in net.params if name.endswith("_w")]
    for k, name in enumerate(names):
        net.params[f"{name}_w"], net.params[f"{name}_b"] = r[f"w{k}"], r[f"b{k}"]
    np.testing.assert_allclose(net.loss(r["X"]), r["scores"], **CLOSE, strict=True)
    loss, grads = net.loss(r["X"], r["y"])
    assert loss == pytest.approx(float(r["loss"]), rel=1e-12)
    for k, name in enumerate(names):
        np.testing.assert_allclose(grads[f"{name}_w"], r[f"dw{k}"], **CLOSE, strict=True)
        np.testing.assert_allclose(grads[f"{name}_b"], r[f"db{k}"], **CLOSE, strict=True)


def test_every_case_was_recorded():
    assert recorded("network").keys() == NETWORKS.keys()
    assert len(recorded("transposed")) == 6


# --- gradients ---


def network(normalization=None, seed=0):
    net = convnet.ConvNet((2, 6, 5), [(3, 2, True), (4, 1, False)], [6], 3, normalization, seed=seed)
    rng = np.random.default_rng(seed)
    for name, value in net.params.items():
        net.params[name] = value + 0.3 * rng.standard_normal(value.shape)
    return net, rng.standard_normal((4, 2, 6, 5)), rng.integers(0, 3, 4)


NORM = (spatial_batchnorm.spatial_batchnorm_forward, spatial_batchnorm.spatial_batchnorm_backward)


@pytest.mark.parametrize("normalization", [None, NORM], ids=["plain", "batch norm"])
def test_gradients_of_every_parameter(normalization):
    net, X, y = network(normalization)
    _, grads = net.loss(X, y)
    assert grads.keys() == net.params.keys()
    for name, value in net.params.items():
        direction = np.random.default_rng(1).standard_normal(value.shape)
        direction /= np.linalg.norm(direction)
        losses = []
        for step in (1e-6, -1e-6):
            net.params[name] = value + step * direction
            losses.append(net.loss(X, y)[0])
        net.params[name] = value
        # Central differences: the curvature adds 1e-12, rounding 1e-16 / 1e-6.
        assert np.sum(grads[name] * direction) == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-5, abs=1e-8)


# --- properties ---


@given(case=stampings())
def test_it_is_the_transpose_of_the_convolution(case):
    x, w, _, S, P = case
    param, F, C = {"stride": S, "pad": P}, w.shape[0], w.shape[1]
    out, _ = transposed(x, w, np.zeros(C), S, P)
    u = np.random.default_rng(0).standard_normal(out.shape)
    convolved, cache = conv_forward(u, w, np.zeros(F), param)
    assert np.sum(out * u) == pytest.approx(np.sum(x * convolved), rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(conv_backward(x, cache)[0], out, **CLOSE)


@given(case=stampings())
def test_size(case):
    x, w, _, S, P = case
    sides = [(side - 1) * S - 2 * P + filter_side for side, filter_side in zip(x.shape[2:], w.shape[2:], strict=True)]
    assert transposed(*case)[0].shape == (len(x), w.shape[1], *sides)


@given(case=stampings())
def test_transposed_convolution_is_linear(case):
    x, w, b, S, P = case
    out, _ = transposed(2 * x, w, b, S, P)
    np.testing.assert_allclose(out - b[:, None, None], 2 * (transposed(*case)[0] - b[:, None, None]), **CLOSE)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), classes=st.integers(2, 20))
def test_the_first_loss_is_near_the_logarithm_of_the_classes(seed, classes):
    net = convnet.ConvNet((1, 8, 8), [(4, 1, True)], [16], classes, seed=seed)
    rng = np.random.default_rng(seed)
    loss, _ = net.loss(rng.standard_normal((50, 1, 8, 8)), rng.integers(0, classes, 50))
    assert loss == pytest.approx(np.log(classes), rel=0.1)


def test_seeds():
    one, same, other = (convnet.ConvNet((1, 4, 4), [(2, 1, True)], [3], 2, seed=seed).params for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["conv1_1_w"], other["conv1_1_w"])


def test_images_do_not_influence_one_another():
    net, X, _ = network()
    np.testing.assert_allclose(net.loss(X[::-1])[::-1], net.loss(X), **CLOSE)
    np.testing.assert_allclose(net.loss(X[2:3]), net.loss(X)[2:3], **CLOSE)


def test_training_leaves_images_and_parameters_alone():
    net, X, y = network()
    kept = {name: value.copy() for name, value in net.params.items()}
    before = X.copy()
    net.loss(X, y)
    np.testing.assert_array_equal(X, before)
    assert all(np.array_equal(net.params[name], value) for name, value in kept.items())


def test_batch_norm_tests_with_running_statistics():
    net, X, y = network(NORM)
    for _ in range(3):
        net.loss(X, y)
    np.testing.assert_allclose(net.loss(X[:1]), net.loss(X)[:1], **CLOSE)


def test_arguments_of_transposed_convolution_stay_as_they_were():
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((2, 3, 2, 4)), rng.standard_normal((3, 2, 3, 2)), rng.standard_normal(2)
    x.flags.writeable = w.flags.writeable = b.flags.writeable = False
    param = {"stride": 2, "pad": 1, "mode": "test"}
    out, cache = convnet.conv_transpose_forward(x, w, b, param)
    dout = rng.standard_normal(out.shape)
    dout.flags.writeable = False
    convnet.conv_transpose_backward(dout, cache)
    assert param == {"stride": 2, "pad": 1, "mode": "test"}


# --- the module ---


def test_questions():
    net = convnet.ConvNet((3, 32, 32), [(32, 2, True), (64, 2, True)], [128], 10)
    assert convnet.small_vgg_parameters() == sum(value.size for value in net.params.values())
    assert convnet.side_after_three_pools() == 28 // 2 // 2 // 2
    assert convnet.first_loss_of_100_classes() == pytest.approx(np.log(100))
    out, _ = transposed(np.zeros((1, 1, 7, 7)), np.zeros((1, 1, 4, 4)), np.zeros(1), 2, 1)
    assert convnet.transposed_side() == out.shape[2]


def test_the_receptive_field_is_what_moves_an_output():
    net = convnet.ConvNet((1, 40, 40), [(2, 2, True), (2, 2, False)], [], 2)
    for name, value in net.params.items():
        net.params[name] = np.abs(value)  # no ReLU is shut
    seen = np.zeros((40, 40), dtype=bool)
    one = np.zeros((1, 1, 40, 40)) + 1e-3
    weights = np.zeros((2, 20, 20, 2))
    weights[:, 10, 10, :] = 1
    net.params["scores_w"] = weights.reshape(800, 2)
    at_rest = net.loss(one)
    for i in range(10, 32):
        for j in (20, 21):
            moved = one.copy()
            moved[0, 0, i, j] += 1
            seen[i, j] = not np.allclose(net.loss(moved), at_rest, rtol=1e-12, atol=0)
    assert seen.any(axis=1).sum() == convnet.receptive_field_side()


def test_examples_in_docstrings():
    result = doctest.testmod(convnet)
    assert result.attempted > 10
    assert result.failed == 0


def test_all_is_every_public_name_and_the_model_answers():
    names = {
        name
        for name, value in vars(convnet).items()
        if (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == convnet.__name__
    }
    assert set(convnet.__all__) == names | {"MODEL_ANSWERS"}
    assert all(inspect.getdoc(getattr(convnet, name)) for name in names)
