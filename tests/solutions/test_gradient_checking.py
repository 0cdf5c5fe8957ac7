"""The references of notebook 01 against loops, PyTorch's automatic differentiation, and properties."""

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs231n_utils import gradient_check as toolkit
from cs231n_utils.checking.given import GIVEN
from solutions import gradient_checking as reference
from tests.solutions import loops_gradient_checking as loops

RECORDED = Path(__file__).parents[1] / "data" / "recorded" / "gradient_checking.npz"

# Central differences with h = 1e-5: h² f''' / 6 is about 1e-10, and rounding about 1e-16 · |f| / h = 1e-11 · |f|.
NUMERIC = {"rtol": 1e-8, "atol": 1e-8}

FUNCTIONS = {
    "cubes": lambda x: np.sum(x**3 - 2 * x),
    "log of sum of exponentials": lambda x: np.logaddexp.reduce(x, axis=1).sum(),
    "tanh": np.tanh,
    "products": lambda x: x[:, 1:] * x[:, :-1],
    "sines": lambda x: np.sin(2 * x).sum(axis=0),
}

numbers = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=8)
seeds = st.integers(0, 2**32 - 1)


# --- loops ---


@given(numbers)
def test_rel_error_equals_loops(pairs):
    x, y = np.array(pairs).T
    error = reference.rel_error(x, y)
    assert type(error) is float
    assert error == pytest.approx(loops.rel_error(x.tolist(), y.tolist()), rel=1e-12, abs=0)
    assert error == toolkit.rel_error(x, y)


@given(seeds, st.sampled_from([1e-3, 1e-5]))
def test_gradient_equals_loops(seed, h):
    x = np.random.default_rng(seed).standard_normal(5)

    def polynomial(values):
        return sum((k + 1) * value**3 for k, value in enumerate(values)) + values[0] * values[-1]

    expected = loops.gradient(polynomial, x.tolist(), h)
    np.testing.assert_allclose(reference.eval_numerical_gradient(polynomial, x, h=h), expected, **NUMERIC)


# --- PyTorch ---


@pytest.mark.parametrize("name", FUNCTIONS)
def test_equals_automatic_differentiation(name):
    with np.load(RECORDED, allow_pickle=False) as file:
        x, df, dx = (file[f"{name}/{what}"] for what in ("x", "df", "dx"))
    f = FUNCTIONS[name]
    np.testing.assert_allclose(reference.eval_numerical_gradient_array(f, x, df), dx, **NUMERIC)
    if df.ndim == 0:
        np.testing.assert_allclose(reference.eval_numerical_gradient(f, x), dx, **NUMERIC)
    for seed in range(3):
        assert reference.directional_error(f, x, dx, df, seed) < 1e-7
        assert reference.directional_error(f, x, 1.001 * dx, df, seed) == pytest.approx(0.001 / 2.001, rel=1e-3)


# --- properties ---


@given(seed=seeds, h=st.floats(1e-9, 1e-2))
def test_x_comes_back_to_the_bit(seed, h):
    x = np.random.default_rng(seed).standard_normal((2, 3)) * 10.0 ** np.arange(-3, 3).reshape(2, 3)
    before = x.copy()
    reference.eval_numerical_gradient(lambda x: float(x.sum()), x, h=h)
    reference.eval_numerical_gradient_array(lambda x: x, x, np.ones_like(x), h=h)
    reference.directional_error(lambda x: x, x, x, np.ones_like(x), 0)
    assert x.tobytes() == before.tobytes()


def test_a_function_that_returns_its_argument():
    x, df = np.random.default_rng(0).standard_normal((2, 3, 2))
    np.testing.assert_allclose(reference.eval_numerical_gradient_array(lambda x: x, x, df), df, **NUMERIC)
    np.testing.assert_allclose(reference.eval_numerical_gradient_array(lambda x: x.T, x, df.T), df, **NUMERIC)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("steep", (2, 3)), ("cubes", (4,)), ("neighbours", (3, 4)), ("constant", (2, 2)), ("squares", (1, 2, 3))],
)
def test_given_functions_stay_away_from_their_argument(name, shape):
    x = np.random.default_rng(0).standard_normal(shape)
    before = x.copy()
    x.flags.writeable = False
    GIVEN[name](x)
    np.testing.assert_array_equal(x, before)
    for nonsense in ([1.0], np.zeros(shape, dtype=int)):
        with pytest.raises(TypeError, match="f takes an array of floats"):
            GIVEN[name](nonsense)


def test_the_direction_has_unit_length():
    seen = []

    def f(x):
        seen.append(x.copy())
        return x

    x = np.zeros((5, 4))
    reference.directional_error(f, x, x, np.ones_like(x), seed=3)
    assert [loops.length((point / 1e-5).ravel().tolist()) for point in seen] == pytest.approx([1, 1])
    np.testing.assert_allclose(seen[0], -seen[1])


def test_directions_follow_the_seed():
    x, dx = np.ones(6), np.arange(6.0)
    errors = [reference.directional_error(lambda x: x**2, x, dx, np.ones(6), seed) for seed in (0, 0, 1)]
    assert errors[0] == errors[1] != errors[2]


# --- the module ---


def test_questions():
    assert reference.error_of_factor_two() == pytest.approx(reference.rel_error(np.array([2.0]), np.array([1.0])))
    errors = [abs((np.exp(h) - np.exp(-h)) / (2 * h) - 1) for h in (1e-2, 1e-3)]
    assert reference.error_of_smaller_step() == pytest.approx(errors[0] / errors[1], rel=1e-3)
    calls = []
    reference.eval_numerical_gradient(lambda w: calls.append(1) or 0.0, np.zeros((10, 3)))
    assert len(calls) * 1000 / 3 == reference.calls_of_f()
    kink = reference.eval_numerical_gradient(lambda x: np.maximum(x, 0).sum(), np.zeros(1))
    assert kink[0] == reference.slope_at_the_kink()


def test_examples_in_docstrings():
    result = doctest.testmod(reference)
    assert result.attempted >= 8
    assert result.failed == 0


def test_all_is_every_public_function_and_the_model_answers():
    functions = {
        name
        for name, value in vars(reference).items()
        if inspect.isfunction(value) and value.__module__ == reference.__name__ and not name.startswith("_")
    }
    assert set(reference.__all__) == functions | {"MODEL_ANSWERS"}
    assert all(inspect.getdoc(getattr(reference, name)) for name in functions)
