"""A progress bar that needs no browser widgets, and can be switched off (also by the environment: TQDM_DISABLE=1)."""

from collections.abc import Iterable
from typing import Any

__all__ = ["progress_bar"]


def progress_bar(items: Iterable[Any], description: str, unit: str = "it", shown: bool = True) -> Any:
    """tqdm's plain text bar around items, which leaves nothing behind when it is through.

    Args:
        items: what to go through.
        description: what is being done, in a word or two.
        unit: what one item is.
        shown: False for silence.

    >>> [n for n in progress_bar([1, 2], "counting", shown=False)]
    [1, 2]
    """
    from tqdm import tqdm

    keywords = {"desc": description, "unit": unit, "leave": False, "mininterval": 0.3, "dynamic_ncols": True}
    if not shown:  # said only then: a given `disable` would overrule the environment
        keywords["disable"] = True
    return tqdm(items, **keywords)
