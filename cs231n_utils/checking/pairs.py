"""Two known mistakes in one result: what each adds to the right numbers, or multiplies them by, comes together.

Where one leaves gamma out and the other beta, both together leave out both. A result that is the right one and both
changes, in every entry, shows both mistakes. It must do so on two cases, and no other two may do it as well.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from cs231n_utils.checking.compare import Difference, wrong_entries
from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.values import Value

__all__ = ["Wrong", "pairs"]

Wrong = dict[tuple[int, str], Difference]
"""What is wrong, by number of the case and name of the result."""

Pair = tuple[int, int]

SAMPLE = 64  # entries that are compared for all pairs; the rest only where these agree
LARGEST = 20_000
FEWEST_CASES = 2
FEWEST_NUMBERS = 4


def pairs(
    wrong: Wrong, values: Mapping[int, Sequence[Mapping[str, Value]]], ids: Sequence[str], tolerance: Tolerance
) -> dict[tuple[int, str], Pair]:
    """For each wrong result the two mistakes that explain it together, by their numbers.

    Args:
        wrong: what is to be explained.
        values: for each case, what each mistake gives, by name.
        ids: of the mistakes; several are variants of one, and have its id.
        tolerance: the exercise's.
    """
    found = {
        (i, name): {
            frozenset(ids[number] for number in pair): pair
            for pair in _explaining(difference, [given.get(name) for given in values[i]], tolerance)
        }
        for (i, name), difference in wrong.items()
    }
    chosen: dict[tuple[int, str], Pair] = {}
    for name in {name for _, name in wrong}:
        places = [place for place in found if place[1] == name and found[place]]
        common = set.intersection(*(set(found[place]) for place in places)) if places else set()
        if len(places) >= FEWEST_CASES and len(common) == 1:
            (named,) = common
            chosen |= {place: found[place][named] for place in places}
    return chosen


def _explaining(difference: Difference, given: Sequence[Value], tolerance: Tolerance) -> Iterator[Pair]:
    """The pairs of mistakes whose changes, both together, make this of the right numbers."""
    came, want = difference.came, difference.want
    if not _is_array_like(came, want) or not FEWEST_NUMBERS <= want.size <= LARGEST:
        return
    numbers = [number for number, value in enumerate(given) if _is_array_like(value, want)]
    if len(numbers) < 2:
        return
    mistaken = np.array([given[number] for number in numbers], dtype=np.float64)
    flat = mistaken.reshape(len(numbers), -1)[:, :SAMPLE]
    came, want = np.asarray(came, dtype=np.float64), np.asarray(want, dtype=np.float64)
    few, right = came.ravel()[:SAMPLE], want.ravel()[:SAMPLE]
    loose = tolerance.absolute + 4 * tolerance.relative * np.abs(right)
    with np.errstate(all="ignore"):
        together = flat[:, None] + flat[None] - right
        product = flat[:, None] * flat[None] / right
        close = (np.abs(together - few) <= loose).all(axis=2) | (np.abs(product - few) <= loose).all(axis=2)
        for one, two in itertools.combinations(range(len(numbers)), 2):
            if close[one, two]:
                sums = mistaken[one] + mistaken[two] - want, mistaken[one] * mistaken[two] / want
                changed = all(wrong_entries(mistaken[m], want, tolerance).any() for m in (one, two))
                if changed and any(not wrong_entries(came, numbers_, tolerance).any() for numbers_ in sums):
                    yield numbers[one], numbers[two]


def _is_array_like(value: Value, want: Value) -> bool:
    """Two arrays of real, finite numbers and of one shape."""
    return all(
        isinstance(array, np.ndarray) and array.dtype.kind in "iuf" and bool(np.isfinite(array).all())
        for array in (value, want)
    ) and bool(value.shape == want.shape)
