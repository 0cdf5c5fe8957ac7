"""Answers of a wrong shape: which slip turns the right numbers into this shape?

Nothing is said unless the numbers bear it out: "the axes are in another order" means that in the right order every
entry is right.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from cs231n_utils.checking.around import Around
from cs231n_utils.checking.compare import wrong_entries
from cs231n_utils.checking.finding import Advice
from cs231n_utils.checking.key import Tolerance
from cs231n_utils.checking.location import axis_words

__all__ = ["shape_slips"]


class Right(Protocol):
    """Are these numbers right? Those of the whole answer, unless others are wanted."""

    def __call__(self, numbers: np.ndarray, wanted: np.ndarray = ...) -> bool: ...


MOST_AXES = 5  # of arrays whose axes are tried in every order, or summed over in every choice


def shape_slips(
    name: str, came: np.ndarray, want: np.ndarray, around: Around, tolerance: Tolerance
) -> Iterator[Advice]:
    """Explain why `came` has another shape than `want`: the most telling explanation first."""
    if max(came.ndim, want.ndim) > MOST_AXES or came.size == 0 or want.size == 0:
        return

    def right(numbers: np.ndarray, wanted: np.ndarray = want) -> bool:
        return numbers.shape == wanted.shape and not wrong_entries(numbers, wanted, tolerance).any()

    if came.size == want.size:
        yield from _rearranged(name, came, want, right)
    yield from _repeated(name, came, want, right)
    yield from _sums(name, came, want, right)
    if came.ndim == want.ndim:
        yield from _cut(name, came, want, right)
    if want.ndim == 1 and want.size > 1 and came.shape == want.shape * 2:
        yield Advice(
            None,
            f"{name} holds a number for each pair of entries",
            "Perhaps an array of shape (N,) met one of shape (N, 1): NumPy broadcasts both to (N, N). Print the shapes "
            "of the two sides, and give them the same.",
        )
    yield from _other_axes(name, came, want, around)


def _other_axes(name: str, came: np.ndarray, want: np.ndarray, around: Around) -> Iterator[Advice]:
    """By the shapes alone: is there a number for each image and row, where there should be one for each channel?"""
    x = around.arrays.get("x")
    if x is None or x.ndim < 2:
        return
    words = [_kept(x.shape, array.shape) for array in (came, want)]
    if None not in words:
        yield Advice(
            None,
            f"{name} has one number for each {words[0]}, not for each {words[1]}",
            "Over which axes is the sum, the mean or the maximum taken? The others are left.",
        )


def _kept(shape: Sequence[int], left: Sequence[int]) -> str | None:
    """Which axes of x are left in a shape, in words; None where that is not certain."""
    axes = axis_words("x", len(shape))
    choices = [
        chosen
        for chosen in itertools.combinations(range(len(shape)), len(left))
        if all(shape[axis] == side for axis, side in zip(chosen, left, strict=True))
    ]
    return _listed([axes[axis][0] for axis in choices[0]]) if left and len(choices) == 1 else None


def _rearranged(name: str, came: np.ndarray, want: np.ndarray, right: Right) -> Iterator[Advice]:
    if right(came.reshape(want.shape)) and _long(came) == _long(want):
        if came.ndim > want.ndim:
            yield Advice(
                None,
                f"{name} has an axis of length 1 too many",
                "The numbers are right. keepdims=True, or a slice such as x[:, 0:1], lets an axis of length 1 stand.",
            )
        elif came.ndim < want.ndim:
            yield Advice(
                None,
                f"{name} lacks an axis of length 1",
                "The numbers are right. An index takes its axis away; a slice, or keepdims=True, lets it stand.",
            )
    if came.ndim == want.ndim:
        orders = itertools.permutations(range(came.ndim))
        if any(right(came.transpose(order)) for order in orders):
            yield Advice(
                None,
                f"The axes of {name} are in another order",
                "The numbers are right. Write down what each axis stands for, and put them in order with transpose.",
            )
    if right(came.reshape(want.shape)) or right(came.reshape(want.shape, order="F")):
        yield Advice(
            None,
            f"{name} has the right numbers in another shape",
            "Nothing is missing and nothing is too much: reshape gives them the shape that is asked for.",
        )


def _sums(name: str, came: np.ndarray, want: np.ndarray, right: Right) -> Iterator[Advice]:
    """Is there a sum, or a mean, too few or too many?"""
    for axes, keepdims in _choices(came.ndim):
        words = _over(name, came.ndim, axes)
        with np.errstate(all="ignore"):
            total = came.sum(axis=axes, keepdims=keepdims, dtype=np.float64)
            mean = total / (came.size // total.size)
        if right(total):
            yield Advice(
                None,
                f"{name} is not summed over the {words}",
                f"Summed over the {words} the numbers are right. What acts on many entries gets all their gradients.",
            )
        elif right(mean):
            yield Advice(
                None, f"{name} is not averaged over the {words}", f"Their mean over the {words} is what is asked for."
            )
    for axes, keepdims in _choices(want.ndim):
        words = _over(name, want.ndim, axes)
        total = want.sum(axis=axes, keepdims=keepdims)
        for verb, numbers in (("summed", total), ("averaged", total / (want.size // total.size))):
            if right(came, numbers):
                yield Advice(
                    None,
                    f"{name} is {verb} over the {words}",
                    f"These are the right numbers, {verb} over the {words}: which axes are to be left?",
                )


def _choices(ndim: int) -> Iterator[tuple[tuple[int, ...], bool]]:
    for count in range(1, ndim + 1):
        for axes in itertools.combinations(range(ndim), count):
            yield axes, False
            yield axes, True


def _over(name: str, ndim: int, axes: Sequence[int]) -> str:
    return _listed([axis_words(name, ndim)[axis][1] for axis in axes])


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _repeated(name: str, came: np.ndarray, want: np.ndarray, right: Right) -> Iterator[Advice]:
    for axis in range(came.ndim):
        slices = np.moveaxis(came, axis, 0)
        if len(slices) > 1 and slices.shape[1:] == want.shape and all(right(piece) for piece in slices):
            yield Advice(
                None,
                f"{name} holds the right numbers several times",
                "An axis too many: each of its slices is the right answer. Where in your formula does it come in?",
            )


def _cut(name: str, came: np.ndarray, want: np.ndarray, right: Right) -> Iterator[Advice]:
    """Is a border missing, or left over?"""
    pairs = list(zip(came.shape, want.shape, strict=True))
    common = tuple(slice(min(sides)) for sides in pairs)
    ends = tuple(slice(-min(sides), None) for sides in pairs)
    if want[common].size < 2:
        return
    count = "How many fit in all? Count them on paper, for this case's shapes."
    for here, short, long in (
        (common, "ends too early", "goes on too far"),
        (ends, "begins too late", "begins too early"),
    ):
        if not right(came[here], want[here]):
            continue
        if all(c <= w for c, w in pairs):
            yield Advice(None, f"{name} {short}", f"What is there is right. {count}")
        elif all(c >= w for c, w in pairs):
            yield Advice(None, f"{name} {long}", f"What is asked for is there, and more. {count}")
    if all(c >= w and (c - w) % 2 == 0 for c, w in pairs):
        middle = tuple(slice((c - w) // 2, (c + w) // 2) for c, w in pairs)
        if right(came[middle]):
            yield Advice(
                None,
                f"{name} still has a border around it",
                "The middle is right. Was padding put on, and not taken off again?",
            )


def _long(array: np.ndarray) -> list[int]:
    return [side for side in array.shape if side != 1]
