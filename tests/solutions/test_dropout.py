"""The references of notebook 06 against nested loops, recorded results of PyTorch, numeric gradients and properties."""

import doctest
import inspect
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n_utils.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from solutions import dropout
from tests.solutions import loops_dropout as loops

RECORDED = Path(__file__).parents[1] / "data" / "recorded" / "dropout.npz"

# Both sides compute in float64, with another order of additions and another exp.
CLOSE = {"rtol": 1e-12, "atol": 1e-12}
# Central differences with h = 1e-5: an error near h² = 1e-10 times a third derivative below 1, and rounding.
CLOSE_TO_NUMERIC = {"rtol": 0, "atol": 1e-9}

shapes = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
seeds = st.integers(0, 2**32 - 1)
probabilities = st.sampled_from([0.1, 0.25, 0.5, 0.8, 1.0])


def normal(shape, seed, spread=1.0):
    return spread * np.random.default_rng(seed).standard_normal(shape)


def train(p, **more):
    return {"mode": "train", "p": p} | more


# --- nested loops ---


@given(shape=shapes, seed=seeds, spread=st.sampled_from([1.0, 20.0, 500.0]))
def test_sigmoid_equals_nested_loops(shape, seed, spread):
    x, dout = normal(shape, seed, spread), normal(shape, seed + 1)
    out, cache = dropout.sigmoid_forward(x)
    np.testing.assert_allclose(out, loops.sigmoid(x), rtol=1e-12, atol=0, strict=True)
    np.testing.assert_allclose(
        dropout.sigmoid_backward(dout, cache), loops.sigmoid_backward(dout, x), **CLOSE, strict=True
    )


@given(N=st.integers(1, 6), C=st.integers(1, 6), seed=seeds, spread=st.sampled_from([0.0, 1.0, 30.0, 2000.0]))
def test_softmax_loss_equals_nested_loops(N, C, seed, spread):
    x, y = normal((N, C), seed, spread), np.random.default_rng(seed).integers(0, C, N)
    loss, dx = dropout.softmax_loss(x, y)
    expected_loss, expected_dx = loops.softmax_loss(x, y)
    assert type(loss) is float
    assert loss == pytest.approx(expected_loss, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(dx, expected_dx, **CLOSE, strict=True)


@given(shape=shapes, seed=seeds, p=probabilities)
def test_dropout_equals_nested_loops_on_its_own_mask(shape, seed, p):
    x, dout = 1 + np.random.default_rng(seed).random(shape), normal(shape, seed)
    out, cache = dropout.dropout_forward(x, train(p))
    mask = out != 0
    np.testing.assert_allclose(out, loops.dropout(x, mask, p), **CLOSE, strict=True)
    np.testing.assert_allclose(
        dropout.dropout_backward(dout, cache), loops.dropout(dout, mask, p), **CLOSE, strict=True
    )


# --- PyTorch ---


def recorded(layer):
    with np.load(RECORDED, allow_pickle=False) as file:
        names = sorted({name.split("/")[1] for name in file.files if name.startswith(f"{layer}/")})
        return {case: {what: file[f"{layer}/{case}/{what}"] for what in of(file, layer, case)} for case in names}


def of(file, layer, case):
    return [name.split("/")[2] for name in file.files if name.startswith(f"{layer}/{case}/")]


@pytest.mark.parametrize("case", recorded("sigmoid").values(), ids=recorded("sigmoid"))
def test_sigmoid_equals_pytorch(case):
    out, cache = dropout.sigmoid_forward(case["x"])
    np.testing.assert_allclose(out, case["out"], **CLOSE, strict=True)
    np.testing.assert_allclose(dropout.sigmoid_backward(case["dout"], cache), case["dx"], **CLOSE, strict=True)


@pytest.mark.parametrize("case", recorded("softmax").values(), ids=recorded("softmax"))
def test_softmax_loss_equals_pytorch(case):
    loss, dx = dropout.softmax_loss(case["x"], case["y"])
    np.testing.assert_allclose(loss, case["out"], **CLOSE)
    np.testing.assert_allclose(dx, case["dx"], **CLOSE, strict=True)


@pytest.mark.parametrize("case", recorded("dropout").values(), ids=recorded("dropout"))
def test_dropout_does_with_its_mask_what_pytorch_does_with_its_own(case):
    p, mask = float(case["keep"]), case["out"] != 0
    np.testing.assert_allclose(loops.dropout(case["x"], mask, p), case["out"], **CLOSE, strict=True)
    np.testing.assert_allclose(loops.dropout(case["dout"], mask, p), case["dx"], **CLOSE, strict=True)


# --- gradients ---


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 2, 2), (5,)])
def test_sigmoid_gradient(shape):
    x, dout = normal(shape, 0, 3.0), normal(shape, 1)
    _, cache = dropout.sigmoid_forward(x)
    numeric = eval_numerical_gradient_array(lambda x: dropout.sigmoid_forward(x)[0], x, dout)
    np.testing.assert_allclose(dropout.sigmoid_backward(dout, cache), numeric, **CLOSE_TO_NUMERIC)


@pytest.mark.parametrize(("N", "C"), [(4, 3), (1, 5), (3, 2)])
def test_softmax_loss_gradient(N, C):
    x, y = normal((N, C), 0), np.random.default_rng(1).integers(0, C, N)
    _, dx = dropout.softmax_loss(x, y)
    numeric = eval_numerical_gradient(lambda x: dropout.softmax_loss(x, y)[0], x)
    np.testing.assert_allclose(dx, numeric, **CLOSE_TO_NUMERIC)


@pytest.mark.parametrize("param", [train(0.6, seed=3), train(1.0, seed=3), {"mode": "test", "p": 0.6}])
def test_dropout_gradient(param):
    x, dout = normal((4, 5), 0), normal((4, 5), 1)
    _, cache = dropout.dropout_forward(x, param)
    numeric = eval_numerical_gradient_array(lambda x: dropout.dropout_forward(x, param)[0], x, dout)
    np.testing.assert_allclose(dropout.dropout_backward(dout, cache), numeric, **CLOSE_TO_NUMERIC)


# --- properties ---


@given(seed=seeds, offset=st.sampled_from([0.0, 5.0, -700.0, 1e6]))
def test_a_number_added_to_all_scores_changes_nothing(seed, offset):
    x, y = np.round(normal((4, 5), seed), 3), np.random.default_rng(seed).integers(0, 5, 4)
    loss, dx = dropout.softmax_loss(x, y)
    moved, moved_dx = dropout.softmax_loss(x + offset, y)
    assert moved == pytest.approx(loss, rel=1e-8)  # 1e6 leaves ten digits behind the point
    np.testing.assert_allclose(moved_dx, dx, rtol=0, atol=1e-8)
    np.testing.assert_allclose(dx.sum(axis=1), 0, atol=1e-12)


@given(seed=seeds)
def test_sigmoid_is_odd_about_one_half(seed):
    x = normal(20, seed, 5.0)
    np.testing.assert_allclose(dropout.sigmoid_forward(x)[0] + dropout.sigmoid_forward(-x)[0], 1, rtol=1e-14)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_share_kept_mean_and_variance(p):
    x = np.full((200, 500), 2.0)
    out, _ = dropout.dropout_forward(x, train(p, seed=0))
    n = x.size
    assert abs(np.mean(out != 0) - p) < 6 * math.sqrt(p * (1 - p) / n)
    assert abs(out.mean() - 2) < 6 * 2 * math.sqrt((1 - p) / p / n)
    np.testing.assert_allclose(out.var(), 4 * (1 - p) / p, rtol=0.05)


def test_seeds():
    x = normal((30, 20), 0)

    def masks(first, second):
        return [dropout.dropout_forward(x, param)[0] != 0 for param in (first, second)]

    one, other = masks(train(0.5, seed=7), train(0.5, seed=7))
    np.testing.assert_array_equal(one, other)
    for first, second in [(train(0.5, seed=0), train(0.5, seed=1)), (train(0.5), train(0.5))]:
        one, other = masks(first, second)
        assert np.any(one != other)


def test_test_mode_and_p_of_one_change_nothing():
    x, dout = normal((3, 4), 0), normal((3, 4), 1)
    for param in ({"mode": "test", "p": 0.3}, train(1.0), train(1)):
        out, cache = dropout.dropout_forward(x, param)
        np.testing.assert_array_equal(out, x)
        np.testing.assert_array_equal(dropout.dropout_backward(dout, cache), dout)


# --- what comes in ---


def test_arguments_may_be_read_only_and_stay_as_they_were():
    x, dout, y = normal((4, 3), 0), normal((4, 3), 1), np.array([0, 2, 1, 1])
    kept = x.copy(), dout.copy(), y.copy()
    for array in (x, dout, y):
        array.flags.writeable = False
    out, cache = dropout.sigmoid_forward(x)
    results = [out, dropout.sigmoid_backward(dout, cache), dropout.softmax_loss(x, y)[1]]
    for param in (train(0.5, seed=1), {"mode": "test", "p": 0.5}):
        before = dict(param)
        out, cache = dropout.dropout_forward(x, param)
        results += [out, dropout.dropout_backward(dout, cache)]
        assert param == before
    for array, copy in zip((x, dout, y), kept, strict=True):
        np.testing.assert_array_equal(array, copy)
        assert not any(np.shares_memory(array, result) for result in results)
    assert all(result.flags.writeable for result in results)


def test_out_may_be_changed_in_place_before_the_backward_pass():
    x, dout = normal((4, 3), 0), normal((4, 3), 1)
    for forward, backward in [
        (dropout.sigmoid_forward, dropout.sigmoid_backward),
        (lambda x: dropout.dropout_forward(x, train(0.5, seed=1)), dropout.dropout_backward),
    ]:
        _, cache = forward(x)
        expected = backward(dout, cache)
        out, cache = forward(x)
        out[:] = 0
        np.testing.assert_array_equal(backward(dout, cache), expected)


# --- the module ---


def test_questions():
    x = np.linspace(-9, 9, 18001)
    slope = dropout.sigmoid_backward(np.ones_like(x), dropout.sigmoid_forward(x)[1])
    assert dropout.largest_sigmoid_slope() == pytest.approx(slope.max())
    layers = dropout.layers_to_vanish()
    assert slope.max() ** layers < 1e-6 <= slope.max() ** (layers - 1)
    assert dropout.first_softmax_loss() == pytest.approx(dropout.softmax_loss(np.zeros((1, 100)), np.array([3]))[0])
    values = {float(dropout.dropout_forward(np.array([6.0]), train(0.75, seed=s))[0][0]) for s in range(20)}
    assert values == {0.0, dropout.kept_activation()}
    assert dropout.thinned_networks() == 2**12


def test_examples_in_docstrings():
    result = doctest.testmod(dropout)
    assert result.attempted > 10
    assert result.failed == 0


def test_all_is_every_public_function_and_the_model_answers():
    functions = {
        name
        for name, value in vars(dropout).items()
        if inspect.isfunction(value) and value.__module__ == dropout.__name__ and not name.startswith("_")
    }
    assert set(dropout.__all__) == functions | {"MODEL_ANSWERS"}
    assert all(inspect.getdoc(getattr(dropout, name)) for name in functions)
