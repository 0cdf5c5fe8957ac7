"""Notebook 01, gradient checking: what is graded, on which inputs, for how many points, with which mistakes."""

from collections.abc import Callable, Iterator

import numpy as np

import solutions.gradient_checking
from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, question
from autograder.exercises.mistakes.gradient_checking import MISTAKES
from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.given import GIVEN, given
from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.values import Value

__all__ = ["ASSIGNMENT"]

# Central differences of these functions err by 1e-9 at most. A one-sided one errs by 1e-4 on the steep ones. float32
# keeps seven digits of the result.
NUMERIC = Tolerance(1e-6, 1e-7, "central differences with h = 1e-5 are right to nine digits, float32 keeps seven")

RATIO = Tolerance(1e-5, 1e-6, "a ratio of differences of numbers near 1")

DEFAULT_STEP = 1e-5


def _away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of both signs from 0.3 to 1.2: neither they nor the gradients of the given functions are nearly 0."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.2, shape)


def _rel_error_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    def case(label: str, x: Value, y: Value, public: bool = True) -> CaseInputs:
        return CaseInputs(label, {"x": np.asarray(x, dtype=float), "y": np.asarray(y, dtype=float)}, public)

    yield case("two vectors", [1.0, 2.0, -3.0], [1.0, 2.2, -3.1])
    yield case("large numbers", [1000.0, 2000.0], [1000.5, 2001.0])
    yield case("both gradients vanish", [0.0, 0.0], [0.0, 0.0])
    yield case("one gradient vanishes", [0.0, 1.0], [0.5, 1.0])
    yield case("opposite signs", [1.0, -2.0], [-1.0, 2.5])
    yield case("hardly more than noise", [1e-10, 1.0], [-1e-10, 1.01])
    yield case("equal arrays", rng.standard_normal((2, 3)), np.zeros((2, 3)), public=False)
    same = rng.standard_normal((3, 4))
    yield case("the very same numbers", same, same.copy())
    for shape in ((3, 4), (2, 3, 2, 2), (1,), (5,)):
        x = _away_from_zero(rng, shape)
        y = x * (1 + 0.3 * rng.standard_normal(shape))
        yield case(f"shape {shape}", x, y, public=shape == (3, 4))
    x = _away_from_zero(rng, (4, 3))
    y = x.copy()
    y[2, 1] *= 1.5
    yield case("one wrong entry", x, y)
    yield case("x in Fortran order", np.asfortranarray(rng.standard_normal((3, 4))), rng.standard_normal((3, 4)), False)


# label, function, shape of x, step (None: not given, so the default), public
NUMBERS: tuple[tuple[str, str, tuple[int, ...], float | None, bool], ...] = (
    ("10 times the sum of squares, 6 numbers", "steep", (6,), None, True),
    ("sum of x³ − 2x, 2×3", "cubes", (2, 3), None, True),
    ("products of neighbours, 3×4", "neighbours", (3, 4), None, True),
    ("a constant function", "constant", (2, 2), None, True),
    ("h = 1e-4, by keyword", "steep", (2, 3), 1e-4, True),
    ("rounds to hundredths, h = 0.08", "staircase", (2, 2), 0.08, True),
    ("10 times the sum of squares, four axes", "steep", (2, 1, 3, 2), None, False),
    ("sum of x³ − 2x, one number", "cubes", (1,), None, False),
    ("products of neighbours, 2×5, h = 1e-6", "neighbours", (2, 5), 1e-6, False),
    ("10 times the sum of squares, Fortran order", "steep", (3, 4), None, False),
)


def _point(rng: np.random.Generator, function: str, shape: tuple[int, ...]) -> np.ndarray:
    if function == "staircase":
        return np.round(_away_from_zero(rng, shape), 2)
    if function == "near_ones":
        return np.ones(shape)
    if function == "cubes":  # 3x² - 2 is not near 0 from 1.1 on
        return rng.choice([-1.0, 1.0], shape) * rng.uniform(1.1, 1.6, shape)
    return _away_from_zero(rng, shape)


def _gradient_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    name = "eval_numerical_gradient"
    for label, function, shape, h, public in NUMBERS:
        x = _point(rng, function, shape)
        x = np.asfortranarray(x) if "Fortran" in label else x
        inputs = {"f": given(function), "x": x} | ({"h": h} if h else {})
        calls = None if h else (Call(name, ("f", "x"), ("grad",)),)
        yield CaseInputs(label, inputs, public, calls=calls)


ARRAYS: tuple[tuple[str, str, tuple[int, ...], float | None, bool], ...] = (
    ("5 x², 2×3", "squares", (2, 3), None, True),
    ("x M, from 3×4 to 3×2", "mixed", (3, 4), None, True),
    ("returns its argument itself", "itself", (2, 3), None, True),
    ("sums of sin 2x, from 4×3 to 3", "column_sums_of_sines", (4, 3), None, True),
    ("h = 1e-4, by keyword", "squares", (5,), 1e-4, True),
    ("5 x², four axes", "squares", (2, 1, 2, 3), None, False),
    ("x M, one row, h = 1e-6", "mixed", (1, 5), 1e-6, False),
    ("returns its argument itself, one axis", "itself", (4,), 1e-5, False),
)


def _df(rng: np.random.Generator, function: str, x: np.ndarray) -> np.ndarray:
    return _away_from_zero(rng, np.shape(GIVEN[function](x)))


def _array_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    name = "eval_numerical_gradient_array"
    for label, function, shape, h, public in ARRAYS:
        x = _point(rng, function, shape)
        inputs = {"f": given(function), "x": x, "df": _df(rng, function, x)} | ({"h": h} if h else {})
        calls = None if h else (Call(name, ("f", "x", "df"), ("grad",)),)
        yield CaseInputs(label, inputs, public, calls=calls)


def _analytic(function: str, x: np.ndarray, df: np.ndarray) -> np.ndarray:
    """The right gradient, exactly."""
    columns = x.shape[-1]
    gradients: dict[str, Callable[[], np.ndarray]] = {
        "squares": lambda: 10 * x * df,
        "near_ones": lambda: 2 * x * np.arange(1.0, x.size + 1).reshape(x.shape) * df,
        "column_sums_of_sines": lambda: 2 * np.cos(2 * x) * df,
        "mixed": lambda: df @ (np.arange(2.0 * columns).reshape(columns, 2) / 4 - 1).T,
    }
    return np.asarray(gradients[function]())


# label, function, shape, by what the right gradient is multiplied, seeds, public
DIRECTIONS: tuple[tuple[str, str, tuple[int, ...], float, tuple[int, int], bool], ...] = (
    ("dx is right, 5 x²", "squares", (3, 4), 1.0, (0, 1), True),
    ("dx is right, x M", "mixed", (3, 4), 1.0, (3, 4), True),
    ("dx is 10 % too large", "squares", (2, 5), 1.1, (0, 0), True),
    ("dx is twice too large", "column_sums_of_sines", (4, 3), 2.0, (5, 6), True),
    ("dx has the wrong sign", "squares", (6,), -1.0, (1, 2), True),
    ("dx is 0", "mixed", (2, 3), 0.0, (2, 3), True),
    ("f is NaN where a step is longer than 3e-5", "near_ones", (10, 10), 1.0, (7, 8), True),
    ("dx is 0.1 % too small", "squares", (4, 4), 0.999, (9, 10), False),
    ("dx is right, sums of sin 2x", "column_sums_of_sines", (5, 2), 1.0, (11, 11), False),
    ("f is NaN where a step is longer than 3e-5, one axis", "near_ones", (200,), 1.2, (12, 13), False),
)


def _directional_cases(rng: np.random.Generator) -> Iterator[CaseInputs]:
    judges = {"error": "direction_error", "error2": "direction_error2"}

    def inputs(
        function: str, x: np.ndarray, df: np.ndarray, dx: np.ndarray, seeds: tuple[int, int]
    ) -> dict[str, Value]:
        return {"f": given(function), "x": x, "dx": dx, "df": df, "seed": seeds[0], "seed2": seeds[1]}

    for label, function, shape, factor, seeds, public in DIRECTIONS:
        x = _point(rng, function, shape)
        df = _df(rng, function, x)
        dx = factor * _analytic(function, x, df)
        yield CaseInputs(label, inputs(function, x, df, dx, seeds), public, judges=judges)
    zeros = np.zeros((2, 2))
    none = inputs("constant", _away_from_zero(rng, (2, 2)), np.asarray(1.0), zeros, (0, 1))
    yield CaseInputs("both gradients vanish", none, public=True, judges=judges)
    for label, seeds, public in (
        ("entries of dx are off, equal seeds", (4, 4), True),
        ("entries of dx are off, different seeds", (4, 5), True),
        ("entries of dx are off, seeds 0 and 6", (0, 6), False),
    ):
        x = _point(rng, "squares", (3, 4))
        df = _df(rng, "squares", x)
        dx = _analytic("squares", x, df) * (1 + rng.uniform(0.2, 0.6, x.shape))
        yield CaseInputs(label, inputs("squares", x, df, dx, seeds), public, judges=judges)


ASSIGNMENT = Assignment(
    "01_gradient_checking",
    solutions.gradient_checking,
    (
        Exercise(
            "rel_error",
            3.0,
            (Call("rel_error", ("x", "y"), ("error",)),),
            _rel_error_cases,
            RATIO,
            mistakes=MISTAKES["rel_error"],
        ),
        question(
            "error_of_factor_two",
            ("absolute_error", "That is not relative", "|x − y| / (|x| + |y|), with x = 2y.", "1"),
            (
                "divided_by_one_only",
                "Both gradients stand in the denominator",
                "|x| + |y| with x = 2y is 3 |y|.",
                "0.5",
            ),
            (
                "whole_number_percent",
                "A number from 0 to 1 is asked for",
                "The check does not count percent.",
                "100 / 3",
            ),
        ),
        Exercise(
            "eval_numerical_gradient",
            5.0,
            (Call("eval_numerical_gradient", ("f", "x", "h=h"), ("grad",)),),
            _gradient_cases,
            NUMERIC,
            mistakes=MISTAKES["eval_numerical_gradient"],
        ),
        question(
            "calls_of_f",
            ("called_once", "Two sides, two calls", "f(x + h) and f(x − h) for each entry.", "10000"),
            ("one_call_more", "That is the one-sided way", "f(x + h) and f(x − h) for each entry.", "10001"),
            ("one_direction", "That is one direction only", "Each of the 10,000 entries is moved by itself.", "2"),
        ),
        question(
            "error_of_smaller_step",
            (
                "one_sided_rule",
                "That is so for a one-sided difference",
                "With which power of h does it fall here?",
                "10",
            ),
            ("not_divided_but_left", "Divided by what number, is the question", "The error falls with h².", "0.01"),
            ("cubed", "One power too many", "The error falls with h².", "1000"),
        ),
        Exercise(
            "eval_numerical_gradient_array",
            5.0,
            (Call("eval_numerical_gradient_array", ("f", "x", "df", "h=h"), ("grad",)),),
            _array_cases,
            NUMERIC,
            mistakes=MISTAKES["eval_numerical_gradient_array"],
        ),
        question(
            "slope_at_the_kink",
            ("slope_to_the_right", "That is the slope on the right", "Put x = h and x = −h into max(0, x).", "1"),
            ("slope_to_the_left", "That is the slope on the left", "Put x = h and x = −h into max(0, x).", "0"),
        ),
        Exercise(
            "directional_error",
            4.0,
            (
                Call("directional_error", ("f", "x", "dx", "df", "seed"), ("error",)),
                Call("directional_error", ("f", "x", "dx", "df", "seed2"), ("error2",)),
            ),
            _directional_cases,
            RATIO,
            mistakes=MISTAKES["directional_error"],
        ),
    ),
)
