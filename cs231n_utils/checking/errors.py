"""An error inside a student's function, as text: the student's own lines, and what the arrays were like at the last.

It is collected where the student's code runs, and looks only at what cannot act: the shape and dtype of genuine NumPy
arrays, genuine numbers, and the lengths of genuine containers. No student's `__repr__` is called, and no frame is kept.
"""

import os
import re
import sysconfig
import traceback
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import FrameType
from typing import Any

import numpy as np

from cs231n_utils.checking.values import Value

__all__ = ["checked_error", "describe_error", "own_lines"]

_LONGEST_MESSAGE = 2000  # characters
_LONGEST_LINE = 200
_LONGEST_LOCAL = 100
_MOST_LINES = 5
_MOST_LOCALS = 8
_MOST_BASES = 50


def describe_error(problem: BaseException, function: str) -> Value:
    """What went wrong, as a plain value.

    Args:
        problem: what was raised, with its traceback.
        function: the function that was called.

    Returns:
        The error's type and its bases, its message, the function, the last of the student's own lines, and `locals`:
        what the last of them found in its variables.
    """
    try:
        message = str(problem)
    except Exception:  # a student's exception class may do anything here
        message = ""
    own = [(frame, number) for frame, number in traceback.walk_tb(problem.__traceback__) if not _is_library(frame)]
    own = own[-_MOST_LINES:]
    lines = [
        {"in": line.name, "number": line.lineno or 0, "text": (line.line or "").strip()[:_LONGEST_LINE]}
        for line in traceback.StackSummary.extract(iter(own))
    ]
    return {
        "type": type(problem).__name__,
        "bases": [base.__name__ for base in type(problem).__mro__][:_MOST_BASES],
        "message": message[:_LONGEST_MESSAGE],
        "function": function,
        "lines": lines,
        "locals": _described(own[-1][0].f_locals, str(lines[-1]["text"])) if own else [],
    }


def checked_error(error: Mapping[str, Value]) -> Value:
    """An error that came from elsewhere, as bounded text: whoever made it may have written anything."""
    return {name: str(error.get(name, ""))[:_LONGEST_MESSAGE] for name in ("type", "message", "function")} | {
        "bases": [str(base)[:_LONGEST_LINE] for base in _items(error.get("bases"))[:_MOST_BASES]],
        "lines": [_texts(line, ("in", "number", "text")) for line in _dicts(error.get("lines"))[:_MOST_LINES]],
        "locals": [_texts(local, ("name", "is")) for local in _dicts(error.get("locals"))[:_MOST_LOCALS]],
    }


def own_lines(error: Value) -> tuple[str, ...]:
    """An error's lines to read: where it happened, from the outside in, and then the variables of the last line."""
    places = [f"line {line['number']}, in {line['in']}: {line['text']}" for line in error["lines"] if line["text"]]
    variables = "; ".join(f"{local['name']}: {local['is']}" for local in error.get("locals", []))
    return (*places, variables) if places and variables else tuple(places)


def _described(variables: Mapping[str, Any], line: str) -> list[dict[str, str]]:
    """Those of a frame's variables that the failing line names, in its order, and then the other arrays."""
    named = [name for name in re.findall(r"[^\W\d]\w*", line) if name in variables]
    arrays = [name for name, value in variables.items() if type(value) is np.ndarray]
    said = {name: _said(variables[name]) for name in dict.fromkeys([*named, *arrays])}
    return [{"name": name[:_LONGEST_LOCAL], "is": text} for name, text in said.items() if text][:_MOST_LOCALS]


_NUMBERS = (bool, int, float, np.bool_, *np.sctypeDict.values())


def _said(value: Any) -> str:
    """What a variable holds, in a few words; nothing of what is not known to be harmless."""
    kind = type(value)
    if kind is np.ndarray:
        return f"shape {value.shape}, {value.dtype}"[:_LONGEST_LOCAL] if value.dtype.names is None else ""
    if value is None:
        return "None"
    if kind is int:
        return str(value) if abs(value) < 10**15 else "a huge int"
    if kind in (bool, float) or (kind in _NUMBERS and issubclass(kind, np.bool_ | np.number)):
        return f"{value} ({kind.__name__})" if kind not in (bool, float) else str(value)
    if kind in (tuple, list):
        whole = all(type(item) is int and abs(item) < 10**9 for item in value[:6])
        return str(value) if whole and len(value) <= 6 else f"a {kind.__name__} of {len(value)}"
    return "a str" if kind is str else "a dict" if kind is dict else ""


def _texts(entry: Mapping[str, Value], names: Iterable[str]) -> dict[str, str]:
    return {name: str(entry.get(name, ""))[:_LONGEST_LINE] for name in names}


def _items(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _dicts(value: Value) -> list[dict[str, Value]]:
    return [item for item in _items(value) if isinstance(item, dict)]


_LIBRARIES = tuple(
    os.path.realpath(path) + os.sep
    for path in {*sysconfig.get_paths().values(), os.path.dirname(os.path.dirname(__file__))}
)


def _is_library(frame: FrameType) -> bool:
    return _is_library_file(frame.f_code.co_filename)


@lru_cache(maxsize=1024)
def _is_library_file(filename: str) -> bool:
    return filename.startswith("<frozen") or os.path.realpath(filename).startswith(_LIBRARIES)
