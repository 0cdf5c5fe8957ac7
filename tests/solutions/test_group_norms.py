"""The references of notebook 05 against nested loops, recorded results of PyTorch, numeric gradients and properties."""

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cs231n_utils.gradient_check import eval_numerical_gradient_array
from solutions import group_norms
from tests.solutions import loops_group_norms as loops
from tests.solutions.strategies import seeds

RECORDED = Path(__file__).parents[1] / "data" / "recorded" / "group_norms.npz"

# Both sides compute in float64, in another order. eps of 1e-5 and more and a spread near 1 amplify nothing.
CLOSE = {"rtol": 1e-10, "atol": 1e-10}
# Central differences with h = 1e-5 of a smooth function: h squared times a third derivative of size about 10.
CLOSE_TO_NUMERIC = {"rtol": 1e-6, "atol": 1e-7}

LAYERS = ("layernorm", "instancenorm", "spatial_groupnorm")
every_layer = pytest.mark.parametrize("layer", LAYERS)
SHAPES = {
    "layernorm": [(3, 5), (5, 3), (1, 6), (4, 1)],
    "instancenorm": [(2, 3, 4, 2), (1, 4, 2, 3), (3, 1, 3, 3), (2, 2, 1, 1)],
    "spatial_groupnorm": [(2, 6, 2, 3), (1, 4, 3, 2), (3, 2, 2, 2), (2, 6, 1, 1)],
}


def run(layer, x, gamma, beta, eps, G=None, dout=None):
    """Forward and, given dout, backward, with gamma and beta of shape (D,) or (C,). Gives out and the gradients."""
    param = {"eps": eps}
    if layer == "spatial_groupnorm":
        shape = (1, len(gamma), 1, 1)
        out, cache = group_norms.spatial_groupnorm_forward(x, gamma.reshape(shape), beta.reshape(shape), G, param)
        if dout is None:
            return out, None
        dx, dgamma, dbeta = group_norms.spatial_groupnorm_backward(dout, cache)
        assert dgamma.shape == dbeta.shape == shape
        return out, (dx, dgamma.ravel(), dbeta.ravel())
    out, cache = getattr(group_norms, f"{layer}_forward")(x, gamma, beta, param)
    return out, None if dout is None else getattr(group_norms, f"{layer}_backward")(dout, cache)


def kind(layer, C, G):
    """The same layer for the nested loops."""
    kinds = {
        "layernorm": lambda: loops.layer(C),
        "instancenorm": lambda: loops.instance(C),
        "spatial_groupnorm": lambda: loops.group(C, G),
    }
    return kinds[layer]()


def drawn(shape, seed):
    """x, gamma, beta, dout."""
    rng = np.random.default_rng(seed)
    C = shape[1]
    return (
        2 + 3 * rng.standard_normal(shape),
        rng.standard_normal(C),
        rng.standard_normal(C),
        rng.standard_normal(shape),
    )


@st.composite
def cases(draw, layer):
    """(shape, G, eps, seed); G divides C."""
    G = draw(st.integers(1, 3))
    C = G * draw(st.integers(1, 3))
    N, H, W = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    shape = (N, C) if layer == "layernorm" else (N, C, H, W)
    return shape, G, draw(st.sampled_from([1e-3, 0.1, 0.5])), draw(seeds)


# --- nested loops ---


@every_layer
@given(data=st.data())
def test_equals_nested_loops(layer, data):
    shape, G, eps, seed = data.draw(cases(layer))
    x, gamma, beta, dout = drawn(shape, seed)
    out, grads = run(layer, x, gamma, beta, eps, G, dout)
    np.testing.assert_allclose(out, loops.forward(x, gamma, beta, eps, kind(layer, shape[1], G)), **CLOSE, strict=True)
    expected = loops.backward(dout, x, gamma, eps, kind(layer, shape[1], G))
    # Where a pocket holds numbers that are nearly equal, 1/std is up to 30 and is cubed in the loops' chain rule.
    for came, want in zip(grads, expected, strict=True):
        np.testing.assert_allclose(came, want, rtol=1e-8, atol=1e-8, strict=True)


# --- PyTorch ---


def recorded_cases():
    with np.load(RECORDED, allow_pickle=False) as file:
        return sorted({name.rsplit("/", 1)[0] for name in file.files})


def test_every_layer_was_recorded():
    assert {case.split("/")[0] for case in recorded_cases()} == set(LAYERS)


@pytest.mark.parametrize("case", recorded_cases())
def test_equals_pytorch(case):
    with np.load(RECORDED, allow_pickle=False) as file:
        values = {name.rsplit("/", 1)[1]: file[name] for name in file.files if name.startswith(f"{case}/")}
    eps, G = values["settings"]
    inputs = (values[name] for name in ("x", "gamma", "beta"))
    out, grads = run(case.split("/")[0], *inputs, float(eps), int(G), values["dout"])
    np.testing.assert_allclose(out, values["out"], **CLOSE, strict=True)
    for came, name in zip(grads, ("dx", "dgamma", "dbeta"), strict=True):
        np.testing.assert_allclose(came, values[name], **CLOSE, strict=True)


# --- gradients ---


@pytest.mark.parametrize(("layer", "shape"), [(layer, shape) for layer in LAYERS for shape in SHAPES[layer]])
def test_gradients(layer, shape):
    x, gamma, beta, dout = drawn(shape, seed=0)
    G = 2 if shape[1] % 2 == 0 else 1
    _, grads = run(layer, x, gamma, beta, 0.1, G, dout)
    numeric = [
        eval_numerical_gradient_array(lambda x: run(layer, x, gamma, beta, 0.1, G)[0], x, dout),
        eval_numerical_gradient_array(lambda gamma: run(layer, x, gamma, beta, 0.1, G)[0], gamma, dout),
        eval_numerical_gradient_array(lambda beta: run(layer, x, gamma, beta, 0.1, G)[0], beta, dout),
    ]
    for came, want in zip(grads, numeric, strict=True):
        np.testing.assert_allclose(came, want, **CLOSE_TO_NUMERIC)


# --- properties ---


@pytest.mark.parametrize(
    ("layer", "axes"), [("layernorm", 1), ("instancenorm", (2, 3)), ("spatial_groupnorm", (1, 2, 3))]
)
def test_normalized_output_has_mean_beta_and_standard_deviation_gamma(layer, axes):
    shape = SHAPES[layer][0]
    x, *_ = drawn(shape, seed=1)
    gamma, beta = np.full(shape[1], 1.7), np.full(shape[1], -0.3)
    out, _ = run(layer, x, gamma, beta, 0.0, G=1)
    np.testing.assert_allclose(out.mean(axis=axes), -0.3, **CLOSE)
    np.testing.assert_allclose(out.std(axis=axes), 1.7, **CLOSE)


@given(data=st.data())
def test_as_many_groups_as_channels_is_instance_norm(data):
    shape, _, eps, seed = data.draw(cases("instancenorm"))
    x, gamma, beta, dout = drawn(shape, seed)
    out, grads = run("spatial_groupnorm", x, gamma, beta, eps, shape[1], dout)
    expected_out, expected = run("instancenorm", x, gamma, beta, eps, dout=dout)
    np.testing.assert_allclose(out, expected_out, **CLOSE)
    for came, want in zip(grads, expected, strict=True):
        np.testing.assert_allclose(came, want, rtol=1e-8, atol=1e-8)


@given(data=st.data())
def test_one_group_is_layer_norm_of_the_flattened_image(data):
    shape, _, eps, seed = data.draw(cases("spatial_groupnorm"))
    x, gamma, beta, _ = drawn(shape, seed)
    out, _ = run("spatial_groupnorm", x, gamma, beta, eps, G=1)
    pixels = shape[2] * shape[3]
    flat, _ = run("layernorm", x.reshape(shape[0], -1), np.repeat(gamma, pixels), np.repeat(beta, pixels), eps)
    np.testing.assert_allclose(out, flat.reshape(shape), **CLOSE)


@every_layer
@given(data=st.data())
def test_examples_do_not_see_one_another(layer, data):
    shape, G, eps, seed = data.draw(cases(layer))
    x, gamma, beta, dout = drawn(shape, seed)
    out, (dx, dgamma, dbeta) = run(layer, x, gamma, beta, eps, G, dout)
    singly = [run(layer, x[n : n + 1], gamma, beta, eps, G, dout[n : n + 1]) for n in range(shape[0])]
    np.testing.assert_allclose(out, np.concatenate([out for out, _ in singly]), **CLOSE)
    np.testing.assert_allclose(dx, np.concatenate([grads[0] for _, grads in singly]), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(dgamma, sum(grads[1] for _, grads in singly), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(dbeta, sum(grads[2] for _, grads in singly), **CLOSE)


@every_layer
@given(data=st.data(), factor=st.floats(0.1, 10), offset=st.floats(-5, 5))
def test_contrast_and_brightness_of_an_example_make_no_difference(layer, data, factor, offset):
    shape, G, _, seed = data.draw(cases(layer))
    x, gamma, beta, _ = drawn(shape, seed)
    assume(np.prod(shape[1:]) >= 2)
    # eps would make a difference: scaled along with the variance, it does not.
    plain, _ = run(layer, x, gamma, beta, 0.01, G)
    changed, _ = run(layer, factor * x + offset, gamma, beta, 0.01 * factor**2, G)
    np.testing.assert_allclose(changed, plain, rtol=1e-8, atol=1e-8)


@every_layer
@given(data=st.data())
def test_the_gradient_can_neither_shift_nor_stretch_a_pocket(layer, data):
    shape, G, _, seed = data.draw(cases(layer))
    x, gamma, beta, dout = drawn(shape, seed)
    _, (dx, _, _) = run(layer, x, gamma, beta, 0.1, G, dout)
    np.testing.assert_allclose(dx.sum(axis=tuple(range(1, len(shape)))), 0, atol=1e-9)


# --- what comes in ---


def test_groups_that_do_not_divide_the_channels():
    x, gamma = np.zeros((2, 6, 2, 2)), np.ones((1, 6, 1, 1))
    for G in (4, 5, 7, 12):
        with pytest.raises(ValueError, match=f"6 channels cannot be split into {G} groups"):
            group_norms.spatial_groupnorm_forward(x, gamma, gamma, G, {})


@every_layer
def test_eps_is_1e_5_where_it_is_not_given(layer):
    x, gamma, beta, _ = drawn(SHAPES[layer][0], seed=0)
    x *= 0.01  # so that 1e-5 can be seen
    if layer == "spatial_groupnorm":
        out, _ = group_norms.spatial_groupnorm_forward(x, gamma.reshape(1, -1, 1, 1), beta.reshape(1, -1, 1, 1), 2, {})
    else:
        out, _ = getattr(group_norms, f"{layer}_forward")(x, gamma, beta, {})
    np.testing.assert_allclose(out, run(layer, x, gamma, beta, 1e-5, 2)[0], **CLOSE)


@every_layer
def test_a_mode_from_another_layer_and_further_keys_do_no_harm(layer):
    x, gamma, beta, _ = drawn(SHAPES[layer][0], seed=0)
    param = {"eps": 0.2, "mode": "test", "running_mean": np.ones(len(gamma)), "momentum": 0.5}
    kept = dict(param)
    if layer == "spatial_groupnorm":
        shape = (1, -1, 1, 1)
        out, _ = group_norms.spatial_groupnorm_forward(x, gamma.reshape(shape), beta.reshape(shape), 2, param)
    else:
        out, _ = getattr(group_norms, f"{layer}_forward")(x, gamma, beta, param)
    np.testing.assert_array_equal(out, run(layer, x, gamma, beta, 0.2, 2)[0])
    assert param == kept


FORMS = {
    "a view with steps": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "channels last in memory": lambda a: np.moveaxis(np.moveaxis(a, 1, -1).copy(), -1, 1),
    "Fortran order": np.asfortranarray,
    "single precision": lambda a: a.astype(np.float32),
}


@every_layer
@pytest.mark.parametrize("form", FORMS)
def test_memory_layout_and_precision_make_no_difference(layer, form):
    x, gamma, beta, dout = drawn(SHAPES[layer][0], seed=3)
    expected_out, expected = run(layer, x, gamma, beta, 0.1, 2, dout)
    out, grads = run(layer, FORMS[form](x), gamma, beta, 0.1, 2, FORMS[form](dout))
    tolerance = {"rtol": 1e-5, "atol": 1e-5} if form == "single precision" else CLOSE
    np.testing.assert_allclose(out, expected_out, **tolerance)
    for came, want in zip(grads, expected, strict=True):
        np.testing.assert_allclose(came, want, **tolerance)


@every_layer
def test_arguments_may_be_read_only_and_stay_as_they_were(layer):
    x, gamma, beta, dout = arrays = drawn(SHAPES[layer][0], seed=0)
    kept = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    out, grads = run(layer, x, gamma, beta, 0.1, 2, dout)
    for array, before in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(array, before)
    for result in (out, *grads):
        assert result.flags.writeable
        assert not any(np.shares_memory(result, array) for array in arrays)


# --- the module ---


def test_questions_about_one_minibatch():
    shape, G = (8, 12, 6, 6), 3
    x, *_ = drawn(shape, seed=0)
    assert group_norms.batchnorm_means() == x.mean(axis=(0, 2, 3)).size
    assert group_norms.groupnorm_means() == x.reshape(8, G, -1).mean(axis=2).size
    assert group_norms.layernorm_stored_statistics() == 0


def test_questions_about_groups():
    x, gamma, beta, _ = drawn((2, 12, 3, 3), seed=0)
    same, _ = run("spatial_groupnorm", x, gamma, beta, 0.1, group_norms.groups_of_instance_norm())
    np.testing.assert_allclose(same, run("instancenorm", x, gamma, beta, 0.1)[0], **CLOSE)
    one, _ = run("spatial_groupnorm", x, np.ones(12), np.zeros(12), 0.0, group_norms.groups_of_layer_norm())
    np.testing.assert_allclose(one.mean(axis=(1, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(one.std(axis=(1, 2, 3)), 1, **CLOSE)


def test_question_about_one_pixel():
    x, *_ = drawn((3, 2, 1, 1), seed=0)
    out, _ = run("instancenorm", x, np.full(2, 2.0), np.full(2, 5.0), 1e-5)
    np.testing.assert_array_equal(out, group_norms.instancenorm_of_one_pixel())


def test_examples_in_docstrings():
    result = doctest.testmod(group_norms)
    assert result.attempted > 10
    assert result.failed == 0


def test_all_is_every_public_function():
    functions = {
        name
        for name, value in vars(group_norms).items()
        if inspect.isfunction(value) and value.__module__ == group_norms.__name__ and not name.startswith("_")
    }
    assert set(group_norms.__all__) == functions
    assert all(inspect.getdoc(getattr(group_norms, name)) for name in functions)
