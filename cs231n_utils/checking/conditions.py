"""Right on some cases and wrong on others: what have all the wrong ones in common that none of the right ones has?"""

from collections.abc import Iterator, Sequence

import numpy as np

from cs231n_utils.checking.around import settings_of
from cs231n_utils.checking.finding import Advice
from cs231n_utils.checking.key import Case
from cs231n_utils.checking.values import Value

__all__ = ["condition"]

FEWEST_RIGHT = 2
MOST_WORDS = 2  # more that the wrong cases have in common is chance rather than reason


def condition(right: Sequence[Case], wrong: Sequence[Case]) -> Advice | None:
    """Say what exactly the wrong cases have, if that is one thing or two: a parameter's value, a mode, a shape."""
    if len(right) < FEWEST_RIGHT or not wrong:
        return None
    for words in (list(_by_settings(right, wrong)), list(_by_arrays(right, wrong))):
        if 0 < len(words) <= (MOST_WORDS if len(wrong) > 1 else 1):
            return Advice(
                None,
                f"Right but for the cases {' and '.join(words)}",
                "All other cases are right. Where in your code does this make a difference, and where should it?",
            )
    return None


def _by_settings(right: Sequence[Case], wrong: Sequence[Case]) -> Iterator[str]:
    """Parameters, and the part of the exercise: single values that a case has or has not."""
    if len({case.part for case in wrong}) == 1 and wrong[0].part not in {case.part for case in right}:
        yield f"about {wrong[0].part}"
        return
    settings = {case.label: settings_of(case.inputs) for case in (*right, *wrong)}
    for name in dict.fromkeys(name for values in settings.values() for name in values if "seed" not in name):
        good = [settings[case.label].get(name) for case in right]
        bad = [settings[case.label].get(name) for case in wrong]
        words = _difference(name, good, bad)
        if words:
            yield words


def _difference(name: str, good: Sequence[Value], bad: Sequence[Value]) -> str | None:
    """What tells the bad values from the good ones, in words, if something does. None stands for a value not given."""
    if any(value in good for value in bad):
        return None
    if all(value is None for value in bad):
        return f"without {name}"
    if all(value is None for value in good):
        return f"with {name}"
    if all(value == bad[0] for value in bad):
        return f"with {name} {bad[0]!r}"
    if all(value == good[0] for value in good):
        return f"with another {name} than {good[0]!r}"
    return None


def _by_arrays(right: Sequence[Case], wrong: Sequence[Case]) -> Iterator[str]:
    """What the arrays are like: how many, of which type, how they lie in memory."""
    good, bad = [_traits(case) for case in right], [_traits(case) for case in wrong]
    for trait in dict.fromkeys(trait for traits in bad for trait in traits):
        if all(trait in traits for traits in bad) and not any(trait in traits for traits in good):
            yield trait


def _traits(case: Case) -> set[str]:
    x = case.inputs.get("x")
    if not isinstance(x, np.ndarray) or x.ndim < 2:
        return set()
    one = "image" if x.ndim == 4 else "example"
    held = {
        f"of a single {one}": x.shape[0] == 1,
        f"of more than one {one}": x.shape[0] > 1,
        "of a single channel": x.ndim == 4 and x.shape[1] == 1,
        "of a single feature": x.ndim == 2 and x.shape[1] == 1,
        "of maps that are not square": x.ndim == 4 and x.shape[2] != x.shape[3],
        "of square maps": x.ndim == 4 and x.shape[2] == x.shape[3],
        "of whole numbers": x.dtype.kind in "iu",
        f"of {x.dtype}": x.dtype in (np.float32, np.float16),
        "in Fortran order": x.flags.f_contiguous and not x.flags.c_contiguous,
        "of negative numbers only": bool((x < 0).all()),
        "of numbers that are all the same": x.size > 1 and bool((x == x.flat[0]).all()),
    }
    numbers = {name: value for name, value in settings_of(case.inputs).items() if type(value) is int}
    if numbers.keys() >= {"pool_height", "pool_width", "stride"}:
        sides = numbers["pool_height"], numbers["pool_width"]
        held |= {
            "with windows that are not square": sides[0] != sides[1],
            "with overlapping windows": numbers["stride"] < max(sides),
            "with gaps between the windows": numbers["stride"] > min(sides),
        }
        left = [(side - window) % numbers["stride"] for side, window in zip(x.shape[2:], sides, strict=False)]
        held["with pixels left over"] = any(left)
    return {trait for trait, holds in held.items() if holds}
