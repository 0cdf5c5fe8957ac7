"""Reference solutions of notebook 01, gradient checking.

The numeric derivative is the central difference (f(x + h) - f(x - h)) / (2h).
"""

from collections.abc import Callable

import numpy as np

__all__ = [
    "MODEL_ANSWERS",
    "calls_of_f",
    "directional_error",
    "error_of_factor_two",
    "error_of_smaller_step",
    "eval_numerical_gradient",
    "eval_numerical_gradient_array",
    "rel_error",
    "slope_at_the_kink",
]


def rel_error(x: np.ndarray, y: np.ndarray) -> float:
    """The largest relative error between two arrays: one number that says how much they differ.

    max over all entries of |x - y| / max(1e-8, |x| + |y|)

    Where both are 0 the error is 0; the 1e-8 sees to that, and it keeps two numbers that are
    hardly more than rounding noise from counting as totally different.

    Args:
        x, y: arrays of the same shape, any.

    Returns:
        One number: 0 where all entries are equal, at most 1.

    >>> float(rel_error(np.array([1.0, 0.0]), np.array([3.0, 0.0])))
    0.5
    """
    # BEGIN SOLUTION
    return float(np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))))
    # END SOLUTION


def eval_numerical_gradient(
    f: Callable[[np.ndarray], float], x: np.ndarray, h: float = 1e-5
) -> np.ndarray:
    """The gradient of a function that returns one number, by central differences.

    For each entry of x by itself, the others left as they are:

        grad[i] = (f(x with x[i] + h) - f(x with x[i] - h)) / (2h)

    You may change x while your function runs. When it returns, x must be what it was, to the
    last bit. (x[i] + h - h is not always x[i] in floating point.)

    Args:
        f: takes an array of the shape of x, returns one number.
        x: the point, an array of floats of any shape.
        h: step.

    Returns:
        The gradient, an array of the shape of x.

    >>> x = np.array([1.0, -2.0])
    >>> eval_numerical_gradient(lambda x: np.sum(x**2), x).round(6)
    array([ 2., -4.])
    """
    # BEGIN SOLUTION
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = float(f(x))
        x[index] = kept - h
        below = float(f(x))
        x[index] = kept
        grad[index] = (above - below) / (2 * h)
    return grad
    # END SOLUTION


def eval_numerical_gradient_array(
    f: Callable[[np.ndarray], np.ndarray], x: np.ndarray, df: np.ndarray, h: float = 1e-5
) -> np.ndarray:
    """What a backward pass must return: the gradient of sum(f(x) * df), by central differences.

    grad[i] = sum((f(x with x[i] + h) - f(x with x[i] - h)) * df) / (2h)

    As with eval_numerical_gradient, x is the same to the last bit afterwards. Beware: f may
    return its own argument, or a view of it, which changes when you change x. Copy what you
    want to keep.

    Args:
        f: takes an array of the shape of x, returns an array (of any shape).
        x: the point, an array of floats of any shape.
        df: upstream gradient, of the shape of f(x).
        h: step.

    Returns:
        The gradient, an array of the shape of x.

    >>> x = np.array([[1.0, 2.0]])
    >>> eval_numerical_gradient_array(lambda x: 3 * x, x, np.array([[1.0, 10.0]])).round(6)
    array([[ 3., 30.]])
    """
    # BEGIN SOLUTION
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = np.array(f(x))
        x[index] = kept - h
        below = np.array(f(x))
        x[index] = kept
        grad[index] = np.sum((above - below) * df) / (2 * h)
    return grad
    # END SOLUTION


def directional_error(
    f: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    dx: np.ndarray,
    df: np.ndarray,
    seed: int,
) -> float:
    """Check an analytic gradient along one random direction: two calls of f, for any size of x.

    Draw a direction u of x's shape, random, and of length 1 (the root of the sum of its squares
    is 1). Along it the derivative of sum(f(x) * df) is

        numeric:  sum((f(x + h u) - f(x - h u)) * df) / (2h),  with h = 1e-5
        analytic: sum(dx * u)

    Return the relative error of these two numbers, as rel_error has it.

    Args:
        f: takes an array of the shape of x, returns an array (of any shape).
        x: the point, an array of floats of any shape; left as it is.
        dx: the analytic gradient that is to be checked, of the shape of x.
        df: upstream gradient, of the shape of f(x).
        seed: of the direction: equal seeds give equal directions, others other ones.

    Returns:
        One number from 0 to 1.

    >>> x = np.array([1.0, 2.0, 3.0])
    >>> error = directional_error(lambda x: x**2, x, 2.2 * x, np.ones(3), seed=0)
    >>> round(float(error), 4)  # 10 % too large: 0.2 / (2 + 2.2)
    0.0476
    """
    # BEGIN SOLUTION
    u = np.random.default_rng(seed).standard_normal(x.shape)
    u = u / np.linalg.norm(u)
    h = 1e-5
    difference = np.asarray(f(x + h * u)) - np.asarray(f(x - h * u))
    numeric = np.sum(difference * df) / (2 * h)
    analytic = np.sum(dx * u)
    return float(abs(numeric - analytic) / max(1e-8, abs(numeric) + abs(analytic)))
    # END SOLUTION


def error_of_factor_two() -> float:
    """An analytic gradient is exactly twice the right one. What is its relative error?"""
    # BEGIN SOLUTION
    return 1 / 3  # |2 - 1| / (2 + 1)
    # END SOLUTION


def error_of_smaller_step() -> float:
    """For a central difference h is made 10 times smaller, and rounding does not matter yet.

    By what number is the error divided?
    """
    # BEGIN SOLUTION
    return 100  # the truncation error falls with h**2
    # END SOLUTION


def calls_of_f() -> int:
    """How often does eval_numerical_gradient call f for a weight matrix of 1000 × 10?"""
    # BEGIN SOLUTION
    return 20000  # twice for every entry
    # END SOLUTION


def slope_at_the_kink() -> float:
    """What does the central difference say is the slope of ReLU, max(0, x), at x = 0?"""
    # BEGIN SOLUTION
    return 0.5  # (h - 0) / (2h), whatever h is
    # END SOLUTION


MODEL_ANSWERS: dict[str, str] = {}
"""Model answers and rubrics of the questions that a person grades, by grade_id."""
