"""Wrong numbers that are the right ones times, plus, or under something: a factor, a summand, a function.

Each explanation is held against every entry.
"""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from cs231n_utils.checking.around import Around
from cs231n_utils.checking.finding import Advice
from cs231n_utils.checking.location import axis_words

__all__ = ["Is", "alike", "scale_slips"]

FEWEST_FREE = 3  # numbers that a line through each group leaves to be right or wrong, at least

Is = Callable[[np.ndarray], bool]
"""Is the answer equal to these numbers?"""


def scale_slips(name: str, came: np.ndarray, is_: Is, want: np.ndarray, around: Around) -> Iterator[Advice]:
    """Explain how `came`, of which `is_` says whether it equals some numbers, is computed from `want`."""
    yield from _scaled(name, came, is_, want, around.sizes)
    yield from _functions(name, is_, want)
    yield from _factors(name, came, is_, want, around.arrays)
    yield from _per_index(name, came, is_, want)


def _scaled(name: str, came: np.ndarray, is_: Is, want: np.ndarray, sizes: Mapping[str, float]) -> Iterator[Advice]:
    """Is there one factor, or one summand, for all entries?"""
    if is_(-want):
        yield Advice(None, f"{name} has the wrong sign", "Everything but the sign is right. Which term is subtracted?")
        return
    square = float(np.sum(want * want))
    factor = float(np.sum(came * want)) / square if square > 0 else 0.0
    if factor and is_(factor * want):
        size, sign = abs(factor), ", and has the wrong sign" if factor < 0 else ""
        hint = (
            "Is a mean taken where a sum is asked for, or the other way round? Is something counted twice, or left out?"
        )
        for words in _names_of(size, sizes):
            yield Advice(None, f"{name} is {words}{sign}", hint)
        if _various(want):
            yield Advice(None, f"{name} is right but for one constant factor{sign}", hint)
    offset = float(np.mean(came - want))
    if is_(want + offset):
        hint = "Everything but one summand is right. Is something added once too often, or left out?"
        for number in (1, 2):
            if np.isclose(abs(offset), number, rtol=1e-6):
                yield Advice(None, f"{name} is {number} too {'large' if offset > 0 else 'small'}", hint)
        if _various(want):
            yield Advice(None, f"{name} is off by the same amount everywhere", hint)


def _names_of(factor: float, sizes: Mapping[str, float]) -> Iterator[str]:
    """A factor in words: two and a half are what they are, other numbers are looked for among the sizes."""

    def equal(number: float) -> bool:
        return bool(np.isclose(factor, number, rtol=1e-4))

    for whole, words in ((2.0, "twice too large"), (0.5, "half of what it should be")):
        if equal(whole):
            yield from (f"{words}, and {size} is 2" for size, number in sizes.items() if number == 2.0)
            yield words
    for size, number in sizes.items():
        if number > 0 and number not in (1.0, np.inf):
            if equal(number):
                yield f"{size} times what it should be"
            if equal(1 / number):
                yield f"divided by {size} once too often"
    if factor >= 2.5 and equal(round(factor)):
        yield f"{round(factor)} times what it should be"


def _functions(name: str, is_: Is, want: np.ndarray) -> Iterator[Advice]:
    for words, numbers in {
        "is the square of what it should be": want**2,
        "is the square root of what it should be": np.sqrt(want),
        "is 1 divided by what it should be": 1 / want,
        "is 1 divided by the square root of what it should be": 1 / np.sqrt(want),
        "is the logarithm of what it should be": np.log(want),
        "is the exponential of what it should be": np.exp(want),
    }.items():
        if np.isfinite(numbers).all() and is_(numbers):
            yield Advice(None, f"{name} {words}", "One step too many or too few, and the same for every entry.")


def _factors(
    name: str, came: np.ndarray, is_: Is, want: np.ndarray, arrays: Mapping[str, np.ndarray]
) -> Iterator[Advice]:
    """Is an input missing as a factor or a summand, or there once too often?"""
    for other, array in arrays.items():
        fitted = _fitted(array, want)
        if fitted is None:
            continue
        if alike(came * fitted, want):
            yield Advice(None, f"{name} lacks the factor {other}", f"Multiplied by {other}, each entry is right.")
        if is_(want * fitted):
            yield Advice(
                None, f"{name} has the factor {other} once too often", f"Divided by {other}, each entry is right."
            )
        if is_(want - fitted):
            yield Advice(None, f"{name} lacks the summand {other}", f"With {other} added, each entry is right.")
        if is_(want + fitted):
            yield Advice(None, f"{other} is added to {name} once too often", f"Without {other}, each entry is right.")
        size = float(np.sum(fitted * fitted))
        share = float(np.sum((came - want) * fitted)) / size if size > 0 else 0.0
        if _various(fitted) and is_(want + share * fitted):
            hint = f"What is wrong is {other} times one number. Is a term missing, too large, or of the wrong sign?"
            yield Advice(None, f"{name} is off by a multiple of {other}", hint)


def _fitted(array: np.ndarray, want: np.ndarray) -> np.ndarray | None:
    """An input as it meets the result: entry by entry, or one number for each channel or feature."""
    if array.ndim == 1 and want.ndim == 4 and array.shape[0] == want.shape[1]:
        array = array[:, None, None]
    if array.size < 2 or array.dtype.kind != "f":
        return None
    try:
        return np.broadcast_to(array, want.shape)
    except ValueError:
        return None


def _per_index(name: str, came: np.ndarray, is_: Is, want: np.ndarray) -> Iterator[Advice]:
    """Is there a factor, a summand, or both, for each channel, each feature, each example?"""
    for words, axes in _groups(name, want.ndim):
        others = tuple(axis for axis in range(want.ndim) if axis not in axes)
        count = math.prod(want.shape[axis] for axis in axes)
        if count < 2 or not all(
            _various(part) for part in np.moveaxis(want, axes, range(len(axes))).reshape(count, -1)
        ):
            continue
        mean, mean_came = want.mean(axis=others, keepdims=True), came.mean(axis=others, keepdims=True)
        factors = np.sum(came * want, axis=others, keepdims=True) / np.sum(want * want, axis=others, keepdims=True)
        if is_(factors * want):
            yield Advice(
                None,
                f"{name} is off by a factor of its own in each {words}",
                f"Within one {words} the proportions are right. By what is each {words} scaled?",
            )
        if is_(want + mean_came - mean):
            yield Advice(
                None,
                f"{name} is off by a summand of its own in each {words}",
                f"Within one {words} the differences are right. What is added to each {words}, or subtracted from it?",
            )
        spread = np.sum((want - mean) ** 2, axis=others, keepdims=True)
        factors = np.sum((came - mean_came) * (want - mean), axis=others, keepdims=True) / spread
        if want.size - 2 * count >= FEWEST_FREE and is_(factors * (want - mean) + mean_came):
            yield Advice(
                None,
                f"{name} is off by a factor and a summand of its own in each {words}",
                "All is right but for scale and shift. Look at what is subtracted, divided by, multiplied by and added "
                f"in each {words}.",
            )


def _groups(name: str, ndim: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What may have numbers of its own: an index of one axis, or a map."""
    axes = axis_words(name, ndim)
    if ndim > 1:
        yield from ((one, (axis,)) for axis, (one, _) in enumerate(axes))
    if ndim == 4:
        yield f"{axes[1][0]} of each {axes[0][0]}", (0, 1)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Are two arrays equal, measured by the largest entry?"""
    return bool(np.allclose(one, other, rtol=1e-5, atol=1e-7 * float(np.max(np.abs(other), initial=0.0))))


def _various(want: np.ndarray) -> bool:
    """Are there three numbers at least? Two points lie on a line, whatever they are."""
    return bool(np.unique(want.ravel()[:1000].round(12)).size >= 3)
