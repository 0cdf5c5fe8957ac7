"""Functions that are inputs: a case names one as {"given": "cubes"}, and the student's function gets the function.

Each takes one array and leaves it alone; some return a number, others an array. They look at their argument: some work
for one shape only, and `near_ones` sees how far the argument has moved.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from cs231n_utils.checking.values import Value

__all__ = ["GIVEN", "Function", "given", "is_given"]

Function = Callable[[np.ndarray], Any]

_KEY = "given"


def given(name: str) -> Value:
    """The plain value that stands for a given function among a case's inputs."""
    if name not in GIVEN:
        raise LookupError(f"there is no given function {name!r}; there are: {', '.join(GIVEN)}")
    return {_KEY: name}


def is_given(value: Value) -> bool:
    """Does this plain value stand for a function?"""
    return isinstance(value, dict) and value.keys() == {_KEY} and value[_KEY] in GIVEN


def _float_array(x: np.ndarray) -> np.ndarray:
    """Refuse what no caller should hand over: lists, whole numbers."""
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        kind = f"an array of {x.dtype}" if isinstance(x, np.ndarray) else type(x).__name__
        raise TypeError(f"f takes an array of floats, and was called with {kind}")
    return x


def steep(x: np.ndarray) -> Any:
    """10 times the sum of squares: curved so strongly that a one-sided difference is seen to be off."""
    return 10.0 * np.sum(_float_array(x) ** 2)


def cubes(x: np.ndarray) -> Any:
    """The sum of x³ - 2x, as a Python float."""
    return float(np.sum(_float_array(x) ** 3 - 2.0 * x))


def neighbours(x: np.ndarray) -> Any:
    """Products of neighbours in a row, for arrays of two axes only; as a 0-d array."""
    if _float_array(x).ndim != 2:
        raise ValueError(f"f takes an array of shape (rows, columns), and was called with shape {x.shape}")
    return np.asarray(np.sum(x[:, 1:] * x[:, :-1]))


def constant(x: np.ndarray) -> Any:
    """3, whatever x is."""
    _float_array(x)
    return 3.0


def staircase(x: np.ndarray) -> Any:
    """The sum of x, each entry rounded to a hundredth: flat for small steps, and straight for steps of hundredths."""
    return np.sum(np.round(_float_array(x), 2))


def near_ones(x: np.ndarray) -> Any:
    """The squares of x, weighted by 1, 2, 3 ...; NaN where x is further from an array of ones than 3e-5."""
    if np.linalg.norm(_float_array(x) - 1.0) > 3e-5:
        return np.full(x.shape, np.nan)
    return x**2 * np.arange(1.0, x.size + 1).reshape(x.shape)


def squares(x: np.ndarray) -> Any:
    """5 x², entry by entry."""
    return 5.0 * _float_array(x) ** 2


def itself(x: np.ndarray) -> Any:
    """The argument itself, no copy: it changes when the caller changes x."""
    return _float_array(x)


def mixed(x: np.ndarray) -> Any:
    """x M with a fixed matrix M: from shape (rows, columns) to (rows, 2)."""
    columns = _float_array(x).shape[-1]
    return x @ (np.arange(2.0 * columns).reshape(columns, 2) / 4 - 1)


def column_sums_of_sines(x: np.ndarray) -> Any:
    """The sums of sin(2x) over the first axis: fewer numbers come out than go in."""
    return np.sin(2.0 * _float_array(x)).sum(axis=0)


GIVEN: dict[str, Function] = {
    function.__name__: function
    for function in (
        steep,
        cubes,
        neighbours,
        constant,
        staircase,
        near_ones,
        squares,
        itself,
        mixed,
        column_sums_of_sines,
    )
}
"""By name."""
