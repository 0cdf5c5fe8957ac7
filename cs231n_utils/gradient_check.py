"""Numeric gradients, and how far an analytic gradient is from them.

The numeric derivative is the central difference (f(x + h) - f(x - h)) / (2h): its truncation error falls with h², its
rounding error grows with 1/h, and h = 1e-5 is near the best of both in float64.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["directional_error", "eval_numerical_gradient", "eval_numerical_gradient_array", "rel_error"]


def rel_error(x: Any, y: Any) -> float:
    """The largest relative error between two arrays of the same shape.

    max |x - y| / max(1e-8, |x| + |y|), which is 0 where both are 0.

    Args:
        x, y: numbers or arrays of the same shape.

    Returns:
        A float between 0 and 1; NaN where an entry is NaN.

    Raises:
        ValueError: the shapes differ (broadcasting would hide a wrong shape).

    >>> rel_error(np.array([1.0, 0.0]), np.array([3.0, 0.0]))
    0.5
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape:
        raise ValueError(f"rel_error: x.shape = {x.shape}, y.shape = {y.shape}, expected equal shapes")
    if x.size == 0:
        return 0.0
    return float(np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))))


def eval_numerical_gradient(f: Callable[[np.ndarray], Any], x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """The gradient of a function that returns one number, by central differences.

    grad[i] = (f(x + h e_i) - f(x - h e_i)) / (2h)

    Args:
        f: takes an array of the shape of x, returns a number.
        x: the point, a float array of any shape; changed while this runs, the same to the bit afterwards.
        h: step.

    Returns:
        The gradient, of the shape of x.

    >>> x = np.array([1.0, -2.0])
    >>> eval_numerical_gradient(lambda x: np.sum(x**2), x).round(6)
    array([ 2., -4.])
    """
    return eval_numerical_gradient_array(f, x, np.float64(1.0), h=h)


def eval_numerical_gradient_array(
    f: Callable[[np.ndarray], Any], x: np.ndarray, df: Any, h: float = 1e-5
) -> np.ndarray:
    """The gradient of sum(f(x) * df) with respect to x, by central differences: what a backward pass must return.

    grad[i] = sum((f(x + h e_i) - f(x - h e_i)) * df) / (2h)

    Args:
        f: takes an array of the shape of x, returns an array.
        x: the point, a float array of any shape; changed while this runs, the same to the bit afterwards.
        df: upstream gradient, of the shape of f(x).
        h: step.

    Returns:
        The gradient, of the shape of x.

    >>> x = np.array([[1.0, 2.0]])
    >>> eval_numerical_gradient_array(lambda x: 3 * x, x, np.array([[1.0, 10.0]])).round(6)
    array([[ 3., 30.]])
    """
    _require_float("eval_numerical_gradient_array", x)
    grad = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        # Copies: f may return its own argument, or a view of it, which the next line would change.
        x[index] = kept + h
        above = np.array(f(x), dtype=float)
        x[index] = kept - h
        below = np.array(f(x), dtype=float)
        x[index] = kept  # the stored value: adding h and taking it away again would not give the same bits
        grad[index] = np.sum((above - below) * df) / (2 * h)
    return grad


def directional_error(
    f: Callable[[np.ndarray], Any], x: np.ndarray, dx: np.ndarray, df: Any, seed: int, h: float = 1e-5
) -> float:
    """The relative error of an analytic gradient along one random direction: two calls of f, however large x is.

    With u random of unit length: rel_error(sum((f(x + h u) - f(x - h u)) * df) / (2h), sum(dx * u)).

    Args:
        f: takes an array of the shape of x, returns an array.
        x: the point, a float array of any shape; not changed.
        dx: the analytic gradient of sum(f(x) * df), of the shape of x.
        df: upstream gradient, of the shape of f(x).
        seed: of the random direction.
        h: step.

    >>> x = np.array([1.0, 2.0, 3.0])
    >>> directional_error(lambda x: x**2, x, 2 * x, np.ones(3), seed=0) < 1e-8
    True
    >>> directional_error(lambda x: x**2, x, 2.1 * x, np.ones(3), seed=0) > 1e-2
    True
    """
    _require_float("directional_error", x)
    if np.shape(dx) != x.shape:
        raise ValueError(f"directional_error: dx.shape = {np.shape(dx)}, expected the shape of x, {x.shape}")
    u = np.random.default_rng(seed).standard_normal(x.shape)
    u /= np.linalg.norm(u)
    numeric = np.sum((np.asarray(f(x + h * u)) - np.asarray(f(x - h * u))) * df) / (2 * h)
    return rel_error(numeric, np.sum(dx * u))


def _require_float(name: str, x: Any) -> None:
    """Whole numbers cannot take a step of h: x[index] = 3 + 1e-5 would store 3."""
    if not isinstance(x, np.ndarray) or not np.issubdtype(x.dtype, np.floating):
        kind = f"x.dtype = {x.dtype}" if isinstance(x, np.ndarray) else f"x is a {type(x).__name__}"
        raise TypeError(f"{name}: {kind}, expected a float array; write np.array(x, dtype=float)")
