"""What there is around a result: the case's other arrays, and its sizes and parameters by name.

So that a factor of 4 can be called N.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs231n_utils.checking.key import Case
from cs231n_utils.checking.values import Value

__all__ = ["Around", "settings_of"]

GIVEN_KEY = "given"  # of inputs that are functions: see given.py
LETTERS = {"x": {4: ("N", "C", "H", "W"), 2: ("N", "D")}, "w": {4: ("F", "C", "HH", "WW"), 2: ("D", "M")}}
PRODUCTS = (("H", "W"), ("N", "H", "W"), ("C", "H", "W"), ("HH", "WW"), ("N", "C"), ("N", "D"), ("D", "M"))


@dataclass(frozen=True)
class Around:
    """What else there is in a case: its arrays, and its sizes and parameters by name."""

    arrays: Mapping[str, np.ndarray]
    sizes: Mapping[str, float]

    @classmethod
    def of(cls, case: Case) -> "Around":
        """All that there is in this case."""
        return cls(_arrays_of(case.inputs), _sizes_of(case.inputs))


def _arrays_of(inputs: Mapping[str, Value]) -> dict[str, np.ndarray]:
    """All arrays of real numbers among a case's inputs, those in dictionaries and lists too."""
    return {
        name: value for name, value in _leaves(inputs) if isinstance(value, np.ndarray) and value.dtype.kind in "fiu"
    }


def settings_of(inputs: Mapping[str, Value]) -> dict[str, Value]:
    """All single numbers and words among a case's inputs, each by the last part of its name: stride, eps, mode."""
    found = {_key(name): value for name, value in _leaves(inputs) if isinstance(value, int | float | str)}
    return {name: value for name, value in found.items() if name.isidentifier() and name != GIVEN_KEY}


def _sizes_of(inputs: Mapping[str, Value]) -> dict[str, float]:
    """What a constant factor may be: the lengths of axes, products of them, parameters."""
    sizes: dict[str, float] = {}
    for name, letters in LETTERS.items():
        array = inputs.get(name)
        if isinstance(array, np.ndarray) and array.ndim in letters:
            sizes |= dict(zip(letters[array.ndim], map(float, array.shape), strict=True))
    x = inputs.get("x")
    if isinstance(x, np.ndarray) and x.ndim > 1:
        sizes["N"] = float(x.shape[0])
    for product in PRODUCTS:
        if sizes.keys() >= set(product):
            sizes[" · ".join(product)] = math.prod(sizes[letter] for letter in product)
    settings = settings_of(inputs).items()
    numbers = {name: float(value) for name, value in settings if type(value) in (int, float)}
    if numbers.keys() >= {"pool_height", "pool_width"}:
        sizes["pool_height · pool_width"] = numbers["pool_height"] * numbers["pool_width"]
    sizes |= numbers
    for name in ("momentum", "p"):
        if name in numbers:
            sizes[f"1 - {name}"] = 1 - numbers[name]
    if sizes.get("N", 0) > 1:
        sizes["N / (N - 1)"] = sizes["N"] / (sizes["N"] - 1)
    dout = inputs.get("dout")
    if isinstance(dout, np.ndarray) and dout.ndim == 4:
        sizes["the number of windows"] = float(dout.shape[2] * dout.shape[3])
    return sizes


def _leaves(inputs: Mapping[Any, Value], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for key, value in inputs.items():
        name = f"{prefix}[{key!r}]" if prefix else str(key)
        if isinstance(value, list):
            value = dict(enumerate(value))
        if isinstance(value, dict):
            yield from _leaves(value, name)
        else:
            yield name, value


def _key(name: str) -> str:
    return name.rpartition("[")[2].strip("]'")
