"""The references of notebook 03 against nested loops, recorded results of PyTorch, numeric gradients and properties."""

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutions import batchnorm
from solutions.batchnorm import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    fold_batchnorm,
    population_statistics,
)
from tests.solutions import loops_batchnorm as loops
from tests.solutions.strategies import seeds

RECORDED = Path(__file__).parents[1] / "data" / "recorded" / "batchnorm.npz"

# Both sides compute in float64; the numbers are of size 1 to 10, and eps keeps the division mild.
CLOSE = {"rtol": 1e-9, "atol": 1e-10}
# Central differences with h = 1e-5: the error is about h² times a third derivative, which eps = 0.1 keeps below 100.
CLOSE_TO_NUMERIC = {"rtol": 1e-6, "atol": 1e-7}

BACKWARD = {"step by step": batchnorm_backward, "by one formula": batchnorm_backward_alt}
every_backward = pytest.mark.parametrize("backward", BACKWARD.values(), ids=BACKWARD)
counts = st.integers(1, 6)
eps_values = st.sampled_from([0.1, 0.3, 0.5])


def random_layer(N, D, seed):
    """x, gamma, beta and dout."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((N, D)) * rng.uniform(0.5, 3, D) + rng.uniform(-4, 4, D)
    return x, rng.uniform(0.5, 2, D) * rng.choice([-1, 1], D), rng.standard_normal(D), rng.standard_normal((N, D))


def train(x, gamma, beta, **param):
    return batchnorm_forward(x, gamma, beta, {"mode": "train", **param})


# --- nested loops ---


@given(N=counts, D=counts, seed=seeds, eps=eps_values, momentum=st.sampled_from([0, 0.6, 0.9, 1]))
def test_forward_equals_nested_loops(N, D, seed, eps, momentum):
    x, gamma, beta, before = random_layer(N, D, seed)
    param = {
        "mode": "train",
        "eps": eps,
        "momentum": momentum,
        "running_mean": before[0],
        "running_var": before[0] ** 2,
    }
    mean, var = loops.statistics(x)
    out, _ = batchnorm_forward(x, gamma, beta, param)
    np.testing.assert_allclose(out, loops.forward(x, gamma, beta, mean, var, eps), **CLOSE, strict=True)
    running_mean, running_var = np.zeros(D), np.zeros(D)
    for d in range(D):
        running_mean[d] = momentum * before[0, d] + (1 - momentum) * mean[d]
        running_var[d] = momentum * before[0, d] ** 2 + (1 - momentum) * var[d]
    np.testing.assert_allclose(param["running_mean"], running_mean, **CLOSE, strict=True)
    np.testing.assert_allclose(param["running_var"], running_var, **CLOSE, strict=True)
    tested, _ = batchnorm_forward(x, gamma, beta, param | {"mode": "test"})
    expected = loops.forward(x, gamma, beta, running_mean, running_var, eps)
    np.testing.assert_allclose(tested, expected, **CLOSE, strict=True)


@every_backward
@given(N=counts, D=counts, seed=seeds, eps=eps_values)
def test_backward_equals_nested_loops(backward, N, D, seed, eps):
    x, gamma, beta, dout = random_layer(N, D, seed)
    _, cache = train(x, gamma, beta, eps=eps)
    for came, expected in zip(backward(dout, cache), loops.backward(dout, x, gamma, eps), strict=True):
        np.testing.assert_allclose(came, expected, **CLOSE, strict=True)


@given(K=counts, m=st.integers(2, 6), D=counts, seed=seeds)
def test_population_equals_nested_loops(K, m, D, seed):
    batches = [random_layer(m, D, [seed, k])[0] for k in range(K)]
    for came, expected in zip(population_statistics(batches), loops.population(batches), strict=True):
        np.testing.assert_allclose(came, expected, **CLOSE, strict=True)


# --- PyTorch ---


def recorded_cases():
    with np.load(RECORDED, allow_pickle=False) as file:
        return sorted({name.split("/")[0] for name in file.files})


def test_cases_were_recorded():
    assert len(recorded_cases()) == 6


@every_backward
@pytest.mark.parametrize("case", recorded_cases())
def test_equals_pytorch(case, backward):
    with np.load(RECORDED, allow_pickle=False) as file:
        known = {name.split("/")[1]: file[name] for name in file.files if name.startswith(f"{case}/")}
    eps, momentum = known["param"].tolist()
    statistics = {name: known[name] for name in ("running_mean", "running_var")}
    param = {"mode": "train", "eps": eps, "momentum": momentum} | statistics
    layer = known["gamma"], known["beta"]
    out, cache = batchnorm_forward(known["x"], *layer, param)
    out_test, _ = batchnorm_forward(known["x"], *layer, param | {"mode": "test"})
    dx, dgamma, dbeta = backward(known["dout"], cache)
    ours = {"out": out, "out_test": out_test, "dx": dx, "dgamma": dgamma, "dbeta": dbeta}
    ours |= {"new_mean": param["running_mean"], "new_var": param["running_var"]}
    for name, value in ours.items():
        np.testing.assert_allclose(value, known[name], **CLOSE, strict=True, err_msg=name)


# --- gradients ---


def numeric_gradient(f, x, dout, h=1e-5):
    """The gradient of sum(f(x) * dout) by central differences."""
    grad = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        grad[index] = np.sum((f(x + step) - f(x - step)) * dout) / (2 * h)
    return grad


@every_backward
@pytest.mark.parametrize(("N", "D"), [(4, 3), (3, 5), (2, 2), (1, 3), (6, 1)])
def test_gradients(backward, N, D):
    x, gamma, beta, dout = random_layer(N, D, seed=0)
    _, cache = train(x, gamma, beta, eps=0.1)
    dx, dgamma, dbeta = backward(dout, cache)
    at = {
        "dx": (dx, x, lambda value: train(value, gamma, beta, eps=0.1)[0]),
        "dgamma": (dgamma, gamma, lambda value: train(x, value, beta, eps=0.1)[0]),
        "dbeta": (dbeta, beta, lambda value: train(x, gamma, value, eps=0.1)[0]),
    }
    for name, (came, value, f) in at.items():
        expected = numeric_gradient(f, value, dout)
        np.testing.assert_allclose(came, expected, **CLOSE_TO_NUMERIC, strict=True, err_msg=name)


# --- properties ---


@given(N=st.integers(2, 20), D=counts, seed=seeds)
def test_output_has_mean_beta_and_standard_deviation_gamma(N, D, seed):
    x, gamma, beta, _ = random_layer(N, D, seed)
    out, _ = train(x, gamma, beta, eps=1e-12)
    np.testing.assert_allclose(out.mean(axis=0), beta, atol=1e-9)
    # eps takes eps / (2 σ²) from the deviation; two examples may lie within 1e-3 of one another
    np.testing.assert_allclose(out.std(axis=0), np.abs(gamma), rtol=1e-5)


@given(N=st.integers(2, 8), D=counts, seed=seeds)
def test_shift_and_scale_of_the_input_make_no_difference(N, D, seed):
    x, gamma, beta, _ = random_layer(N, D, seed)
    out, _ = train(x, gamma, beta, eps=0.25)
    scaled, _ = train(4 * x - 3, gamma, beta, eps=4.0)  # eps is scaled along with the variance
    np.testing.assert_allclose(scaled, out, **CLOSE)


@every_backward
@given(N=counts, D=counts, seed=seeds)
def test_gradient_has_no_mean_and_nearly_nothing_along_the_output(backward, N, D, seed):
    x, gamma, beta, dout = random_layer(N, D, seed)
    _, cache = train(x, gamma, beta, eps=0.1)
    dx, dgamma, _ = backward(dout, cache)
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-10)
    # Along x - mean the output moves by eps / (var + eps) only of what it would without normalization.
    var = x.var(axis=0)
    along = (dx * (x - x.mean(axis=0))).sum(axis=0)
    np.testing.assert_allclose(along, gamma * dgamma * 0.1 / (var + 0.1), **CLOSE)


@given(N=counts, D=counts, M=counts, seed=seeds)
def test_a_bias_in_front_makes_no_difference(N, D, M, seed):
    x, _, _, _ = random_layer(N, D, seed)
    rng = np.random.default_rng(seed)
    w, b = rng.standard_normal((D, M)), rng.standard_normal(M)
    out, _ = train(x @ w, np.ones(M), np.zeros(M), eps=0.1)
    biased, cache = train(x @ w + b, np.ones(M), np.zeros(M), eps=0.1)
    np.testing.assert_allclose(biased, out, **CLOSE)
    dx, _, _ = batchnorm_backward(rng.standard_normal((N, M)), cache)
    np.testing.assert_allclose(dx.sum(axis=0), batchnorm.gradient_of_the_bias(), atol=1e-10)


@given(N=st.integers(2, 8), D=counts, seed=seeds)
def test_an_examples_neighbours_do_not_matter_at_test_time(N, D, seed):
    x, gamma, beta, statistics = random_layer(N, D, seed)
    param = {"mode": "test", "running_mean": statistics[0], "running_var": statistics[1] ** 2}
    together, _ = batchnorm_forward(x, gamma, beta, param)
    alone = [batchnorm_forward(row[None], gamma, beta, param)[0][0] for row in x]
    np.testing.assert_array_equal(together, alone)


def test_both_ways_back_agree():
    x, gamma, beta, dout = random_layer(50, 20, seed=1)
    _, cache = train(x, gamma, beta)
    for one, other in zip(batchnorm_backward(dout, cache), batchnorm_backward_alt(dout, cache), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_the_population_variance_is_unbiased():
    rng = np.random.default_rng(0)
    batches = 3 + 2 * rng.standard_normal((20_000, 4, 1))
    mean, var = population_statistics(list(batches))
    # standard errors: 2 / √80000 = 0.007 and 4 · √(2 / 60000) = 0.023; three of each
    assert mean[0] == pytest.approx(3, abs=0.022)
    assert var[0] == pytest.approx(4, abs=0.07)
    assert batches.var(axis=1).mean() == pytest.approx(3, abs=0.07)  # biased: (m - 1) / m of it


@given(N=counts, D=counts, M=counts, seed=seeds, eps=eps_values)
def test_a_folded_layer_does_the_work_of_both(N, D, M, seed, eps):
    x, _, _, _ = random_layer(N, D, seed)
    rng = np.random.default_rng(seed)
    w, b, gamma, beta, mean = (rng.standard_normal(shape) for shape in ((D, M), M, M, M, M))
    var = rng.uniform(0, 2, M)
    param = {"mode": "test", "eps": eps, "running_mean": mean, "running_var": var}
    expected, _ = batchnorm_forward(x @ w + b, gamma, beta, param)
    folded_w, folded_b = fold_batchnorm(w, b, gamma, beta, mean, var, eps)
    assert (folded_w.shape, folded_b.shape) == ((D, M), (M,))
    np.testing.assert_allclose(x @ folded_w + folded_b, expected, **CLOSE)


# --- what comes in ---


@pytest.mark.parametrize("mode", ["Train", "eval", "", None, 0])
def test_unknown_modes(mode):
    param = {"mode": mode}
    with pytest.raises(ValueError, match="expected 'train' or 'test'"):
        batchnorm_forward(np.zeros((2, 3)), np.ones(3), np.zeros(3), param)
    assert param == {"mode": mode}


def test_defaults():
    x, gamma, beta, _ = random_layer(5, 3, seed=0)
    param = {"mode": "train"}
    out, _ = batchnorm_forward(x, gamma, beta, param)
    expected, _ = train(x, gamma, beta, eps=1e-5)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_allclose(param["running_mean"], 0.1 * x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(param["running_var"], 0.1 * x.var(axis=0), rtol=1e-12)
    tested, _ = batchnorm_forward(x, gamma, beta, {"mode": "test"})
    np.testing.assert_allclose(tested, gamma * x / np.sqrt(1e-5) + beta, rtol=1e-12)


@pytest.mark.parametrize("mode", ["train", "test"])
def test_arguments_may_be_read_only_and_stay_as_they_were(mode):
    x, gamma, beta, dout = random_layer(4, 3, seed=0)
    statistics = {"running_mean": beta + 1, "running_var": gamma**2}
    arrays = [x, gamma, beta, dout, *statistics.values()]
    kept = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    param = {"mode": mode, "eps": 0.2, "momentum": 0.5, "more": "keys"} | statistics
    out, cache = batchnorm_forward(x, gamma, beta, param)
    results = [out]
    if mode == "train":
        results += [*batchnorm_backward(dout, cache), *batchnorm_backward_alt(dout, cache)]
    for array, before in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(array, before)
    assert all(result.flags.writeable for result in results)
    assert not any(np.shares_memory(result, array) for result in results for array in arrays)
    assert (param["mode"], param["eps"], param["momentum"], param["more"]) == (mode, 0.2, 0.5, "keys")
    assert (param["running_mean"] is statistics["running_mean"]) == (mode == "test")


@every_backward
def test_memory_layout_and_single_precision(backward):
    x, gamma, beta, dout = random_layer(6, 4, seed=0)
    out, cache = train(x, gamma, beta, eps=0.1)
    expected = out, *backward(dout, cache)
    out, cache = train(np.asfortranarray(x), gamma, beta, eps=0.1)
    for came, want in zip((out, *backward(np.asfortranarray(dout), cache)), expected, strict=True):
        np.testing.assert_allclose(came, want, **CLOSE, strict=True)
    x, gamma, beta, dout = (array.astype(np.float32) for array in (x, gamma, beta, dout))
    out, cache = train(x, gamma, beta, eps=0.1)
    for came, want in zip((out, *backward(dout, cache)), expected, strict=True):
        assert came.dtype == np.float32
        np.testing.assert_allclose(came, want, rtol=1e-5, atol=1e-5)  # a few roundings of 6e-8 of numbers up to 10


# --- the module ---


def test_questions():
    batch = np.array([0.7, 1.1, 1.8, 2.15, 2.5])
    assert (batch.mean(), batch.var()) == (pytest.approx(1.65), pytest.approx(0.44))
    out, _ = train(batch[:, None], np.array([2.0]), np.array([-1.0]), eps=1e-8)
    assert batchnorm.normalized_by_hand() == pytest.approx(out[4, 0], rel=1e-12)
    x = np.random.default_rng(0).standard_normal((100, 1)) * 5 + 10
    out, _ = train(x, np.array([3.0]), np.array([-2.0]))
    assert batchnorm.output_mean() == pytest.approx(out.mean())
    assert batchnorm.output_standard_deviation() == pytest.approx(out.std(), rel=1e-6)
    assert batchnorm.batchnorm_parameters() == 2 * 100
    param, steps = {"mode": "train"}, 0
    while param.get("running_mean", 0) <= 0.9:
        batchnorm_forward(np.ones((2, 1)), np.ones(1), np.zeros(1), param)
        steps += 1
    assert batchnorm.steps_to_ninety_percent() == steps


def test_examples_in_docstrings():
    result = doctest.testmod(batchnorm)
    assert result.attempted > 10
    assert result.failed == 0


def test_all_is_every_public_function_and_the_model_answers():
    functions = {
        name
        for name, value in vars(batchnorm).items()
        if inspect.isfunction(value) and value.__module__ == batchnorm.__name__ and not name.startswith("_")
    }
    assert set(batchnorm.__all__) == functions | {"MODEL_ANSWERS"}
    assert all(inspect.getdoc(getattr(batchnorm, name)) for name in functions)
