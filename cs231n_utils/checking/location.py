"""Where the wrong entries of an array lie: in words, and as a small map.

Words are said only where they are exactly true: "all of channel 2" means every entry of it, and no other.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from cs231n_utils.checking.values import Value

__all__ = ["Maps", "axis_words", "maps_of", "where"]

Rows = tuple[tuple[float, ...], ...]

LARGEST_MAP = 12  # rows and columns
FEWEST_OF_A_SIGN = 3  # wrong entries; with fewer, that they have a sign in common is chance
DIGITS = 5  # of a map's numbers: enough to see a difference, and findings stay small

Axis = tuple[str, str]
"""What one index and several indices of an axis are called."""

IMAGES: Axis = ("image", "images")
CHANNELS: Axis = ("channel", "channels")
ROWS: Axis = ("row", "rows")
COLUMNS: Axis = ("column", "columns")
FILTERS: Axis = ("filter", "filters")
EXAMPLES: Axis = ("example", "examples")
FEATURES: Axis = ("feature", "features")
ENTRIES: Axis = ("entry", "entries")


@dataclass(frozen=True)
class Maps:
    """Two axes of an array around its first wrong entry: what was expected there, and what came.

    `name` is the slice, such as out[0, 2]; `row` and `column` are the indices of the map's first entry in it. An entry
    that is right, within the tolerance, is the same number in both; one that is wrong is not.
    """

    name: str
    expected: Rows
    came: Rows
    row: int = 0
    column: int = 0

    def to_value(self) -> Value:
        """This map as JSON, which knows no NaN and no infinity: they become "nan" and "inf"."""
        return asdict(self) | {"expected": _to_json(self.expected), "came": _to_json(self.came)}

    @classmethod
    def from_value(cls, value: Value) -> "Maps":
        """Read what `to_value` wrote."""
        return cls(**{**value, "expected": _from_json(value["expected"]), "came": _from_json(value["came"])})


def maps_of(name: str, came: np.ndarray, want: np.ndarray, wrong: np.ndarray) -> Maps | None:
    """The last two axes around the first wrong entry; None where there is no such map."""
    if want.ndim < 2 or not wrong.any():
        return None
    first = [int(i) for i in np.argwhere(wrong)[0]]
    outer = tuple(first[:-2])
    corner = [max(0, min(i - LARGEST_MAP // 2, side - LARGEST_MAP)) for i, side in zip(first, want.shape, strict=True)]
    row, column = corner[-2:]
    window = (slice(row, row + LARGEST_MAP), slice(column, column + LARGEST_MAP))
    title = f"{name}[{', '.join(map(str, outer))}]" if outer else name
    triples = zip(want[outer][window], came[outer][window], wrong[outer][window], strict=True)
    pairs = [[_pair(*entry) for entry in zip(*rows, strict=True)] for rows in triples]
    expected, given = (tuple(tuple(pair[side] for pair in row) for row in pairs) for side in (0, 1))
    return Maps(title, expected, given, row, column)


def where(name: str, wrong: np.ndarray, signs: Mapping[str, np.ndarray]) -> str:
    """Say where the wrong entries lie, and how many of how many they are.

    Args:
        name: of the array; filters are spoken of otherwise than images.
        wrong: mask of the wrong entries, of any shape.
        signs: arrays whose sign may decide where an entry is wrong, by what is said of it: "x is", "out should be".
            Only those of equal shape count.
    """
    count, size = int(wrong.sum()), wrong.size
    if wrong.ndim == 0 or size == 1 or count == 0:
        return ""
    if count == size:
        return f"everywhere: all {size} entries are wrong"
    sign = _by_sign(wrong, signs) if count >= FEWEST_OF_A_SIGN else None
    words = sign or _pattern(wrong, axis_words(name, wrong.ndim)) or _bounds(name, wrong)
    return f"{words}: {count} of {size} entries {'is' if count == 1 else 'are'} wrong"


def axis_words(name: str, ndim: int) -> list[Axis]:
    """What the axes of an array of this name are called."""
    own = name.lstrip("d")
    kernel = own.startswith(("w", "layers", "head"))
    if ndim == 4:
        return [FILTERS if kernel else IMAGES, CHANNELS, ROWS, COLUMNS]
    if ndim == 2:
        return [ROWS, COLUMNS] if kernel or own.startswith("grad") else [EXAMPLES, FEATURES]
    if ndim < 2:
        return [ENTRIES] * ndim
    outer = [(f"axis-{i} index", f"axis-{i} indices") for i in range(ndim - 2)]
    return [*outer, ROWS, COLUMNS]


def _pattern(wrong: np.ndarray, axes: Sequence[Axis]) -> str | None:
    """The wrong entries as some indices of each axis, or as all but such a block."""
    chosen = _block(wrong)
    if chosen is not None:
        return _words(chosen, wrong.shape, axes)
    rest = _block(~wrong)
    if rest is None:
        return None
    slabs = [
        (axis, np.setdiff1d(np.arange(side), indices))
        for axis, (indices, side) in enumerate(zip(rest, wrong.shape, strict=True))
        if len(indices) < side
    ]
    if wrong.ndim > 2 and [axis for axis, _ in slabs] == [wrong.ndim - 2, wrong.ndim - 1]:
        sides = [wrong.shape[axis] for axis, _ in slabs]
        if all(np.array_equal(slab, [0, side - 1]) for (_, slab), side in zip(slabs, sides, strict=True)):
            return "the border of every map"
    parts = [_indices(slab, wrong.shape[axis], axes[axis]) for axis, slab in slabs]
    if len(parts) == 2 and all(parts):
        return f"{parts[0]} and {parts[1]}{_of_each(wrong.ndim, [axis for axis, _ in slabs])}"
    inside = _words(rest, wrong.shape, axes)
    return f"everywhere but in {inside}" if inside else None


def _block(mask: np.ndarray) -> list[np.ndarray] | None:
    """The indices on each axis, where the mask is exactly all combinations of them."""
    others = [tuple(a for a in range(mask.ndim) if a != axis) for axis in range(mask.ndim)]
    indices = [np.flatnonzero(mask.any(axis=other)) for other in others]
    return indices if math.prod(map(len, indices)) == int(mask.sum()) else None


def _words(chosen: Sequence[np.ndarray], shape: Sequence[int], axes: Sequence[Axis]) -> str | None:
    """A block in words: the innermost axis first, as in "the last row of channel 2"."""
    bound = [axis for axis in range(len(shape)) if len(chosen[axis]) < shape[axis]]
    parts = [_indices(chosen[axis], shape[axis], axes[axis]) for axis in reversed(bound)]
    if not all(parts):
        return None
    words = " of ".join(part for part in parts if part)
    if len(bound) == len(shape):
        return words
    if len(shape) == 2 or max(bound) < len(shape) - 2:  # whole maps, examples or features
        return f"all of {words}"
    return f"{words}{_of_each(len(shape), bound)}"


def _of_each(ndim: int, bound: Sequence[int]) -> str:
    """ "of every map", where nothing is said of the axes before the last two."""
    return " of every map" if ndim > 2 and min(bound) >= ndim - 2 else ""


def _indices(indices: np.ndarray, side: int, axis: Axis) -> str | None:
    """Some indices of an axis in words; None where there are no short ones."""
    one, many = axis
    count, first, last = len(indices), int(indices[0]), int(indices[-1])
    spatial = axis in (ROWS, COLUMNS)
    if count == 1:
        if spatial and side > 2 and first in (0, side - 1):
            return f"the {'first' if first == 0 else 'last'} {one}"
        return f"{one} {first}"
    if side > 3 and np.array_equal(indices, np.arange(first, side, 2)) and first < 2:
        return f"every second {one} (from {one} {first} on)"
    rest = np.setdiff1d(np.arange(side), indices)
    if len(rest) == 1 and 0 < rest[0] < side - 1:
        return f"all {many} but {one} {rest[0]}"
    if np.array_equal(indices, [0, side - 1]):
        return f"the first and the last {one}"
    if last - first + 1 == count:
        if last == side - 1:
            return f"the last {count} {many}"
        return f"the first {count} {many}" if first == 0 else f"the {many} {first} to {last}"
    if count <= 4:
        return f"the {many} {', '.join(map(str, indices[:-1]))} and {last}"
    return None


def _by_sign(wrong: np.ndarray, signs: Mapping[str, np.ndarray]) -> str | None:
    for name, array in signs.items():
        if array.shape == wrong.shape:
            for words, mask in (("negative", array < 0), ("positive", array > 0), ("zero", array == 0)):
                if np.array_equal(mask, wrong):
                    return f"exactly where {name} {words}"
    return None


def _bounds(name: str, wrong: np.ndarray) -> str:
    """No pattern: at least which indices of an axis hold all that is wrong, if that is one."""
    for axis, words in enumerate(axis_words(name, wrong.ndim)):
        others = tuple(a for a in range(wrong.ndim) if a != axis)
        indices = np.flatnonzero(wrong.any(axis=others))
        if len(indices) == 1 and wrong.shape[axis] > 1:
            return f"in {words[0]} {indices[0]} only"
    return "in various places"


def _pair(want: float, came: float, wrong: bool) -> tuple[float, float]:
    """The numbers of one entry in a map: equal where the entry is right, within the tolerance, and nowhere else."""
    short = [_number(f"{float(number):.{DIGITS}g}") for number in (want, came)]
    if not wrong:
        return short[0], short[0]
    return (short[0], short[1]) if short[0] != short[1] else (float(want), float(came))


def _to_json(rows: Rows) -> Value:
    return [[number if math.isfinite(number) else str(number) for number in row] for row in rows]


def _from_json(rows: Value) -> Rows:
    return tuple(tuple(_number(number) for number in row) for row in rows)


def _number(number: Value) -> float:
    """A float; NaN is always the same object, so that two maps with NaN in the same places are equal."""
    return math.nan if math.isnan(float(number)) else float(number)
