"""The references of notebook 04 against nested loops, recorded results of PyTorch, numeric gradients and properties."""

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n_utils.gradient_check import eval_numerical_gradient_array
from solutions import batchnorm, spatial_batchnorm
from solutions.spatial_batchnorm import spatial_batchnorm_backward, spatial_batchnorm_forward
from tests.solutions import loops_spatial_batchnorm as loops
from tests.solutions.strategies import seeds

RECORDED = Path(__file__).parents[1] / "data" / "recorded" / "spatial_batchnorm.npz"

# Both sides compute in float64, in another order; eps of 1e-5 and more and a spread near 1 amplify nothing.
CLOSE = {"rtol": 1e-10, "atol": 1e-10}
# Few numbers may lie near one another: 1/std is up to 30 then, and is cubed in the loops' chain rule.
CLOSE_GRADIENT = {"rtol": 1e-8, "atol": 1e-8}
# Central differences with h = 1e-5 of a smooth function: h squared times a third derivative of size about 10.
CLOSE_TO_NUMERIC = {"rtol": 1e-6, "atol": 1e-7}


def drawn(shape, seed=0):
    """x, gamma, beta, dout."""
    rng = np.random.default_rng(seed)
    C = shape[1]
    return (
        2 + 3 * rng.standard_normal(shape),
        rng.standard_normal(C),
        rng.standard_normal(C),
        rng.standard_normal(shape),
    )


def train(x, gamma, beta, dout=None, **settings):
    """(out, gradients or None, bn_param afterwards) of training mode."""
    bn_param = {"mode": "train"} | settings
    out, cache = spatial_batchnorm_forward(x, gamma, beta, bn_param)
    return out, None if dout is None else spatial_batchnorm_backward(dout, cache), bn_param


shapes = st.tuples(*(st.integers(1, 3) for _ in range(4)))
every_shape = pytest.mark.parametrize("shape", [(2, 3, 4, 2), (1, 4, 2, 3), (3, 1, 3, 3), (4, 2, 1, 1)])


@given(shape=shapes, eps=st.sampled_from([1e-3, 0.1, 0.5]), seed=seeds)
def test_equals_nested_loops(shape, eps, seed):
    x, gamma, beta, dout = drawn(shape, seed)
    out, grads, _ = train(x, gamma, beta, dout, eps=eps)
    np.testing.assert_allclose(out, loops.forward(x, gamma, beta, eps), **CLOSE, strict=True)
    for came, want in zip(grads, loops.backward(dout, x, gamma, eps), strict=True):
        np.testing.assert_allclose(came, want, **CLOSE_GRADIENT, strict=True)


@given(shape=shapes, eps=st.sampled_from([1e-3, 0.1, 0.5]), seed=seeds)
def test_test_mode_equals_nested_loops(shape, eps, seed):
    x, gamma, beta, _ = drawn(shape, seed)
    rng = np.random.default_rng(seed + 1)
    mean, var = rng.standard_normal(shape[1]), rng.uniform(0.5, 2, shape[1])
    bn_param = {"mode": "test", "eps": eps, "running_mean": mean, "running_var": var}
    kept = dict(bn_param)
    out, _ = spatial_batchnorm_forward(x, gamma, beta, bn_param)
    np.testing.assert_allclose(out, loops.forward(x, gamma, beta, eps, (mean, var)), **CLOSE, strict=True)
    assert bn_param == kept


def recorded_cases():
    with np.load(RECORDED, allow_pickle=False) as file:
        return sorted({name.split("/")[0] for name in file.files})


@pytest.mark.parametrize("case", recorded_cases())
def test_equals_pytorch(case):
    with np.load(RECORDED, allow_pickle=False) as file:
        kept = {name.split("/")[1]: file[name] for name in file.files if name.startswith(f"{case}/")}
    eps, arguments = float(kept["eps"]), [kept[name] for name in ("x", "gamma", "beta")]
    out, grads, _ = train(*arguments, kept["dout"], eps=eps)
    np.testing.assert_allclose(out, kept["out"], **CLOSE, strict=True)
    for came, name in zip(grads, ("dx", "dgamma", "dbeta"), strict=True):
        np.testing.assert_allclose(came, kept[name], **CLOSE, strict=True)
    bn_param = {"mode": "test", "eps": eps, "running_mean": kept["mean"], "running_var": kept["var"]}
    np.testing.assert_allclose(spatial_batchnorm_forward(*arguments, bn_param)[0], kept["test_out"], **CLOSE)


@every_shape
def test_gradients(shape):
    x, gamma, beta, dout = drawn(shape)
    _, grads, _ = train(x, gamma, beta, dout, eps=0.1)
    numeric = [
        eval_numerical_gradient_array(lambda x: train(x, gamma, beta, eps=0.1)[0], x, dout),
        eval_numerical_gradient_array(lambda gamma: train(x, gamma, beta, eps=0.1)[0], gamma, dout),
        eval_numerical_gradient_array(lambda beta: train(x, gamma, beta, eps=0.1)[0], beta, dout),
    ]
    for came, want in zip(grads, numeric, strict=True):
        np.testing.assert_allclose(came, want, **CLOSE_TO_NUMERIC)


# --- properties ---


def test_channels_have_mean_beta_and_standard_deviation_gamma():
    x, _, beta, _ = drawn((4, 3, 5, 6))
    gamma = np.array([0.5, 1.0, 3.0])
    out, _, _ = train(x, gamma, beta, eps=0.0)
    np.testing.assert_allclose(out.mean(axis=(0, 2, 3)), beta, **CLOSE)
    np.testing.assert_allclose(out.std(axis=(0, 2, 3)), gamma, **CLOSE)


@given(shape=shapes, seed=seeds)
def test_is_batch_norm_of_the_pixels_as_samples(shape, seed):
    x, gamma, beta, dout = drawn(shape, seed)
    C = shape[1]

    def rows(images):
        return images.transpose(0, 2, 3, 1).reshape(-1, C)

    out, (dx, dgamma, dbeta), bn_param = train(x, gamma, beta, dout, eps=0.1, momentum=0.7)
    other_param = {"mode": "train", "eps": 0.1, "momentum": 0.7}
    other_out, cache = batchnorm.batchnorm_forward(rows(x), gamma, beta, other_param)
    other_dx, other_dgamma, other_dbeta = batchnorm.batchnorm_backward(rows(dout), cache)
    np.testing.assert_allclose(rows(out), other_out, **CLOSE)
    np.testing.assert_allclose(rows(dx), other_dx, **CLOSE_GRADIENT)
    np.testing.assert_allclose(dgamma, other_dgamma, **CLOSE_GRADIENT)
    np.testing.assert_allclose(dbeta, other_dbeta, **CLOSE)
    for name in ("running_mean", "running_var"):
        np.testing.assert_allclose(bn_param[name], other_param[name], **CLOSE)


@given(shape=shapes, seed=seeds)
def test_shuffled_pixels_and_images_give_shuffled_results(shape, seed):
    x, gamma, beta, _ = drawn(shape, seed)
    rng = np.random.default_rng(seed)
    images, rows = rng.permutation(shape[0]), rng.permutation(shape[2])
    out, _, _ = train(x, gamma, beta, eps=0.1)
    shuffled, _, _ = train(x[images][:, :, rows], gamma, beta, eps=0.1)
    np.testing.assert_allclose(shuffled, out[images][:, :, rows], **CLOSE)


def test_running_statistics_are_averages_with_momentum():
    x, gamma, beta, _ = drawn((3, 2, 4, 3))
    _, _, bn_param = train(x, gamma, beta, momentum=0.6, running_mean=np.ones(2), running_var=np.full(2, 5.0))
    np.testing.assert_allclose(bn_param["running_mean"], 0.6 + 0.4 * x.mean(axis=(0, 2, 3)), **CLOSE)
    np.testing.assert_allclose(bn_param["running_var"], 3.0 + 0.4 * x.var(axis=(0, 2, 3)), **CLOSE)
    _, _, fresh = train(x, gamma, beta)
    np.testing.assert_allclose(fresh["running_mean"], 0.1 * x.mean(axis=(0, 2, 3)), **CLOSE)


@pytest.mark.parametrize("mode", ["Train", "eval", "", None])
def test_unknown_modes(mode):
    x, gamma, beta, _ = drawn((1, 2, 2, 2))
    with pytest.raises(ValueError, match="expected 'train' or 'test'"):
        spatial_batchnorm_forward(x, gamma, beta, {"mode": mode})


FORMS = {
    "a view with steps": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "channels last in memory": lambda a: np.moveaxis(np.moveaxis(a, 1, -1).copy(), -1, 1),
    "Fortran order": np.asfortranarray,
    "single precision": lambda a: a.astype(np.float32),
}


@pytest.mark.parametrize("form", FORMS)
def test_memory_layout_and_precision_make_no_difference(form):
    x, gamma, beta, dout = drawn((2, 3, 4, 5))
    out, grads, _ = train(x, gamma, beta, dout, eps=0.1)
    other_out, other_grads, _ = train(FORMS[form](x), gamma, beta, FORMS[form](dout), eps=0.1)
    tolerance = {"rtol": 1e-5, "atol": 1e-5} if form == "single precision" else CLOSE
    for came, want in zip((other_out, *other_grads), (out, *grads), strict=True):
        np.testing.assert_allclose(came, want, **tolerance)


def test_arguments_may_be_read_only_and_stay_as_they_were():
    arrays = drawn((2, 3, 4, 5))
    kept = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    out, grads, _ = train(*arrays)
    for array, before in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(array, before)
    for result in (out, *grads):
        assert not any(np.shares_memory(result, array) for array in arrays)


# --- counting ---


@given(C=st.integers(1, 64), H=st.integers(1, 64), W=st.integers(1, 64))
def test_parameter_count_is_the_size_of_gamma_and_beta(C, H, W):
    assert spatial_batchnorm.batchnorm_parameter_count(C, H, W, True) == 2 * np.zeros(C).size
    assert spatial_batchnorm.batchnorm_parameter_count(C, H, W, False) == 2 * np.zeros((C, H, W)).size
    assert type(spatial_batchnorm.batchnorm_parameter_count(C, H, W, False)) is int


def test_questions():
    count = spatial_batchnorm.batchnorm_parameter_count
    assert spatial_batchnorm.parameters_per_activation() == count(10, 32, 32, per_channel=False) == 20480
    assert spatial_batchnorm.parameters_per_channel() == count(10, 32, 32, per_channel=True) == 20
    assert spatial_batchnorm.samples_per_channel() == np.zeros((8, 10, 32, 32))[:, 0].size


def test_examples_in_docstrings():
    result = doctest.testmod(spatial_batchnorm)
    assert result.attempted > 10
    assert result.failed == 0


def test_all_is_every_public_function():
    functions = {
        name
        for name, value in vars(spatial_batchnorm).items()
        if inspect.isfunction(value) and value.__module__ == spatial_batchnorm.__name__ and not name.startswith("_")
    }
    assert set(spatial_batchnorm.__all__) == functions
