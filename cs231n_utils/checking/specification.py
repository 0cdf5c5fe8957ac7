"""`show(function)`: an exercise's specification once more, with the shapes that the checks use."""

import html
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from cs231n_utils.checking import panel
from cs231n_utils.checking.calls import UNJUDGED
from cs231n_utils.checking.finding import Status
from cs231n_utils.checking.given import is_given
from cs231n_utils.checking.key import Case, ExerciseKey
from cs231n_utils.checking.sealed import is_sealed
from cs231n_utils.checking.values import Value

__all__ = ["to_html", "to_text"]

_LONGEST = 60  # characters of a value


def to_text(key: ExerciseKey, function: Callable[..., Any]) -> str:
    """The signature, the docstring, and each public case with its shapes."""
    head, specification = _said(key, function)
    cases = [f"  {label}\n    {given} → {back}" for label, given, back in _cases(key)]
    return "\n".join([head, "", specification, *(["", "The checks call it with:", *cases] if cases else [])])


def to_html(key: ExerciseKey, function: Callable[..., Any]) -> str:
    """The same as HTML."""
    head, specification = _said(key, function)
    look = "margin:6px 0 0;padding:0;white-space:pre-wrap;background:none;color:inherit"
    body = f"<b><code>{html.escape(head)}</code></b><pre class='check-code' style='{look}'>"
    body += f"{html.escape(specification)}</pre>"
    cases = list(_cases(key))
    rows = "".join(
        f"<tr style='background:none'>{''.join(f'<td style={_CELL!r}>{html.escape(text)}</td>' for text in row)}</tr>"
        for row in [("The checks call it with", "given", "back"), *cases]
    )
    table = f"<table class='check-list' style='{_TABLE}'>{rows}</table>" if cases else ""
    return panel.box(body + table, f"Specification of {key.name}", Status.NOT_IMPLEMENTED)


_TABLE = "border-collapse:collapse;margin:8px 0 0;font-size:inherit;color:inherit"
_CELL = "text-align:left;vertical-align:top;padding:1px 14px 1px 0;border:none"


def _said(key: ExerciseKey, function: Callable[..., Any]) -> tuple[str, str]:
    """The line that defines it, and what its docstring says."""
    try:
        signature = str(inspect.signature(function))
    except (TypeError, ValueError):
        signature = "(...)"
    written = inspect.getdoc(function)
    return (
        f"{key.name}{signature}",
        written or "This function has no docstring any more: look at its cell in a new copy.",
    )


def _cases(key: ExerciseKey) -> Iterator[tuple[str, str, str]]:
    """The label, the inputs and the results of each public case; nothing of a question, which takes nothing."""
    for case in key.cases:
        if case.inputs:
            yield case.label, _listed(_own_inputs(key, case)), _back(key, case)


def _own_inputs(key: ExerciseKey, case: Case) -> Mapping[str, Value]:
    """What the exercise's own function is given; a cache comes from the student's forward pass."""
    own = [call for call in key.plan(case) if call.function == key.name]
    names = dict.fromkeys(argument.rpartition("=")[2] for call in own for argument in call.arguments)
    return {name: case.inputs[name] for name in names if name in case.inputs}


def _back(key: ExerciseKey, case: Case) -> str:
    if case.expected["error"]:
        return f"raises {case.expected['error']['type']}"
    return _listed({name: value for name, value in case.expected["results"].items() if name != UNJUDGED})


def _listed(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} {_brief(value)}".strip() for name, value in values.items())


def _brief(value: Value) -> str:
    """An array's shape, and its dtype where it is not float64; a parameter itself; nothing of a number to be found."""
    if isinstance(value, np.ndarray):
        return f"{value.shape}" + ("" if value.dtype == np.float64 else f" of {value.dtype}")
    if is_sealed(value):
        return ""
    if is_given(value):
        return "a function"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_brief(entry)}" for name, entry in value.items()) + "}"
    return repr(value) if len(repr(value)) <= _LONGEST else f"a {type(value).__name__}"
