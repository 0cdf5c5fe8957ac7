"""Wrong numbers in the right shape: which slip turns the right numbers into these?

Each explanation is held against every entry. Nothing is said that is not so, whatever its cause may be.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cs231n_utils.checking.around import Around
from cs231n_utils.checking.compare import wrong_entries
from cs231n_utils.checking.finding import Advice
from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.location import axis_words
from cs231n_utils.checking.scale_slips import Is, alike, scale_slips

__all__ = ["value_slips"]

MOST_AXES = 5  # of arrays whose axes are tried in every order
NEARLY = 0.01  # of the largest entry
STRICT = 1e-4  # likewise


def value_slips(
    name: str, came: np.ndarray, want: np.ndarray, around: Around, tolerance: Tolerance
) -> Iterator[Advice]:
    """Explain why `came` has other numbers than `want`, which has the same shape: the most telling first."""
    wanted = np.asarray(want, dtype=np.float64)
    if not np.isfinite(wanted).all():
        return
    came_as_floats = np.asarray(came, dtype=np.float64)
    if not np.isfinite(came_as_floats).all():
        yield _not_finite(name, came_as_floats)
        return
    came = came_as_floats

    # Where all numbers are small, the tolerance must be too: else anything would explain anything.
    strict = replace(tolerance, absolute=min(tolerance.absolute, STRICT * float(np.max(np.abs(wanted), initial=0.0))))

    with np.errstate(over="ignore"):
        worst = int(np.abs(came - wanted).argmax())
    there = came.flat[worst]

    def is_(numbers: np.ndarray) -> bool:
        if numbers.shape != came.shape:
            return False
        number = numbers.flat[worst]  # most explanations fail at one entry already, which is quick to see
        if not abs(there - number) <= strict.absolute + strict.relative * abs(number):
            return False
        return not wrong_entries(came, numbers, strict).any()

    if not came.any():
        yield Advice(
            None,
            f"{name} is zero{' everywhere' if want.ndim else ''}",
            "Is the result written into what is returned, and does the loop run at all?",
        )
        if want.ndim:
            return
    with np.errstate(all="ignore"):
        yield from _inputs(name, is_, around)
        yield from _rounded(name, is_, wanted)
        yield from _moved(name, came, is_, wanted)
        yield from _clipped(name, is_, wanted)
        yield from _unwritten(name, came, wrong_entries(came, wanted, tolerance))
        yield from scale_slips(name, came, is_, wanted, around)
        yield from _copied(name, is_, wanted)
        yield from _nearly(name, came, wanted)


def _not_finite(name: str, came: np.ndarray) -> Advice:
    if np.isnan(came).any():
        return Advice(
            None,
            f"{name} holds NaN, which is no number",
            "NaN comes from 0 / 0, from inf - inf, from the root or logarithm of a negative number, and goes on "
            "into all that is computed from it. Print what goes into your divisions and roots.",
        )
    return Advice(
        None,
        f"{name} holds infinite numbers",
        "They come from a division by 0, from the logarithm of 0, or from exp of a large number. Print what goes in.",
    )


def _inputs(name: str, is_: Is, around: Around) -> Iterator[Advice]:
    """Is it an input, as it came?"""
    for other, array in around.arrays.items():
        if array.ndim > 0 and is_(np.asarray(array, dtype=np.float64)):
            if other == name:
                yield Advice(None, f"{name} is as it was before the call", "Where is its new value written to?")
                continue
            what = "the upstream gradient dout" if other == "dout" else other
            yield Advice(None, f"{name} is {what}, unchanged", "Is the result returned, or what it is computed from?")


def _rounded(name: str, is_: Is, want: np.ndarray) -> Iterator[Advice]:
    if any(is_(function(want)) for function in (np.trunc, np.floor, np.rint)):
        yield Advice(
            None,
            f"{name} has lost all that stands behind the decimal point",
            "An array of integers rounds what is written into it, and // rounds down. Which dtype has your array?",
        )


def _moved(name: str, came: np.ndarray, is_: Is, want: np.ndarray) -> Iterator[Advice]:
    """Are the numbers right, and only in wrong places?"""
    axes = axis_words(name, want.ndim)
    orders = list(itertools.permutations(range(want.ndim)))[1:] if want.ndim <= MOST_AXES else []
    if any(is_(want.transpose(order)) for order in orders):
        yield Advice(
            None,
            f"The axes of {name} are in another order",
            "The numbers are right. Write down what each axis stands for, and put them in order with transpose.",
        )
    if any(is_(want.transpose(order).reshape(want.shape)) for order in orders):
        yield Advice(
            None,
            f"{name} was reshaped where its axes had to be exchanged",
            "The numbers are right, in wrong places: reshape keeps the numbers in order, transpose does not.",
        )
    for axis, (one, many) in enumerate(axes):
        if is_(np.flip(want, axis)):
            yield Advice(
                None, f"{name} has its {many} in reverse order", f"The first {one} stands where the last belongs."
            )
        if want.shape[axis] > 2:
            ahead, behind = _slice(axis, slice(1, None)), _slice(axis, slice(None, -1))
            others = tuple(a for a in range(want.ndim) if a != axis)
            changes = (
                (want[ahead] != want[behind]).any(axis=others).all()
            )  # else a repeated row looks like a shifted one
            shift = {"late": (came[ahead], want[behind]), "early": (came[behind], want[ahead])}
            for word, (here, there) in shift.items():
                if alike(here, there) and changes:
                    yield Advice(
                        None,
                        f"{name} is shifted: each {one} comes one too {word}",
                        "Look at where the loop begins, and at the index that is written to.",
                    )
    if want.ndim >= 2 and is_(np.flip(want, (-2, -1))):
        _, rows = axes[-2]
        _, columns = axes[-1]
        yield Advice(
            None,
            f"{name} has its {rows} and {columns} in reverse order",
            "A convolution flips its filter, and a correlation does not. Where is yours turned round?",
        )
    if want.ndim and alike(np.sort(came, axis=None), np.sort(want, axis=None)):
        yield Advice(
            None,
            f"{name} holds the right numbers in wrong places",
            "Everything that is needed is computed. Look at indices, at the order of the axes, and at reshape.",
        )


def _copied(name: str, is_: Is, want: np.ndarray) -> Iterator[Advice]:
    """Does every image, channel ... get what one of them should get?"""
    if want.ndim < 2:
        return
    for axis, (one, many) in enumerate(axis_words(name, want.ndim)):
        for index in {0, want.shape[axis] - 1} if want.shape[axis] > 1 else ():
            if is_(np.broadcast_to(want.take([index], axis=axis), want.shape)):
                yield Advice(
                    None,
                    f"All {many} of {name} are what {one} {index} should be",
                    "Does the loop's index stand everywhere where it belongs?",
                )


def _clipped(name: str, is_: Is, want: np.ndarray) -> Iterator[Advice]:
    for words, numbers in (
        ("has lost its minus signs", np.abs(want)),
        ("has zeros in place of negative numbers", np.maximum(want, 0)),
    ):
        if is_(numbers):
            yield Advice(None, f"{name} {words}", "All else is right. Which step treats negative numbers otherwise?")


def _unwritten(name: str, came: np.ndarray, wrong: np.ndarray) -> Iterator[Advice]:
    if not wrong.all() and came.size > 3 and not came[wrong].any():
        yield Advice(
            None,
            f"The wrong entries of {name} are all 0",
            "All the others are right. Which entries does your code write to, and does it reach all of them?",
        )


def _nearly(name: str, came: np.ndarray, want: np.ndarray) -> Iterator[Advice]:
    if np.max(np.abs(came - want)) <= NEARLY * np.max(np.abs(want)):
        yield Advice(
            None,
            f"{name} is nearly right",
            "No entry is off by more than a hundredth of the largest. Perhaps a small number such as eps stands in "
            "another place, or numbers were rounded on the way.",
        )


def _slice(axis: int, part: slice) -> tuple[slice, ...]:
    return (slice(None),) * axis + (part,)
