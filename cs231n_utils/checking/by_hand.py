"""The smallest case that fails, as a few lines of Python to paste into a cell and try by hand."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from cs231n_utils.checking.calls import UNJUDGED, Call
from cs231n_utils.checking.finding import Finding, Status
from cs231n_utils.checking.given import is_given
from cs231n_utils.checking.key import Case, ExerciseKey
from cs231n_utils.checking.sealed import is_sealed
from cs231n_utils.checking.values import Value

__all__ = ["smallest_failing", "snippet"]

_LARGEST = 400  # numbers that are written out, of all inputs together; more are taken from the answer key
_MOST_SHOWN = 100  # numbers of an expected result


def smallest_failing(key: ExerciseKey, findings: Sequence[Finding]) -> Case | None:
    """Of the cases that failed the one with the fewest numbers; None where there is nothing to try, as for questions.

    A case that is wrong goes before one that is only remarked upon.
    """
    fine = (Status.PASSED, Status.NOT_IMPLEMENTED)
    failed = [
        (finding.status == Status.REMARK, _count(case.inputs), number)
        for number, (case, finding) in enumerate(zip(key.cases, findings, strict=True))
        if finding.status not in fine and case.inputs
    ]
    return key.cases[min(failed)[-1]] if failed else None


def snippet(key: ExerciseKey, case: Case) -> str:
    """A case as code: its inputs, the calls, and what is expected, as comments."""
    calls = key.plan(case)
    large = _count(case.inputs) > _LARGEST
    lines = [f"# {key.name}: {case.label}"]
    if large:
        lines += [f"inputs = check.inputs({key.name}, {case.label!r})"]
    if any(call.via for call in calls):
        lines.append("from cs231n_utils.checking.probes import PROBES  # makes an object of your class and uses it")
    if any(map(is_given, case.inputs.values())):
        lines.append("from cs231n_utils.checking.given import GIVEN")
    for name, value in case.inputs.items():
        lines.append(
            f"{name} = inputs[{name!r}]" if large and not is_given(value) else f"{name} = {_source(name, value)}"
        )
    for call in calls:
        for name, entries in call.set.items():
            lines.append(f"{name}.update({entries!r})")
        lines.append(_call(call))
    if case.expected["error"]:
        return "\n".join([*lines, f"# expected: {case.expected['error']['type']} is raised"])
    shown = [name for name in dict.fromkeys(name for call in calls for name in call.returns) if name != UNJUDGED]
    lines += [line for name in shown for line in _expected(name, case)]
    return "\n".join(lines)


def _call(call: Call) -> str:
    function, arguments = call.function, call.arguments
    if call.via:
        function, arguments = f"PROBES[{call.via!r}]", (call.function, *arguments)
    return f"{', '.join(call.returns)} = {function}({', '.join(arguments)})"


def _expected(name: str, case: Case) -> Iterable[str]:
    """Print a result, and say below what it should be."""
    if name not in case.expected["results"]:
        return
    want = case.expected["results"][name]
    yield f"print({name})"
    if is_sealed(want):
        return
    if name in case.judges:
        yield "# expected: there is more than one right answer here"
        return
    text = str(want) if _count(want) <= _MOST_SHOWN else _outline(want)
    first, *rest = text.splitlines() or [""]
    yield f"# expected: {first}"
    yield from (f"#           {line}".rstrip() for line in rest)


def _outline(value: Value) -> str:
    """A large value, without its numbers."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return f"[{', '.join(map(_outline, value))}]" if isinstance(value, list) else f"a {type(value).__name__}"


def _source(name: str, value: Value) -> str:
    """A plain value as Python source that gives the same value again, to the bit."""
    if is_given(value):
        return f"GIVEN[{value['given']!r}]"
    if name.endswith("shape") and isinstance(value, list):
        return repr(tuple(value))
    return _literal(value, f"{name} = np.array(")


def _literal(value: Value, before: str = "") -> str:
    if isinstance(value, np.ndarray):
        if value.size == 0:
            return f"np.zeros({value.shape}, dtype={value.dtype.name!r})"
        dtype = "" if value.dtype in (np.float64, np.int64, np.bool_) else f", dtype={value.dtype.name!r}"
        return f"np.array({_numbers(value, before)}{dtype})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_literal(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _numbers(array: np.ndarray, before: str) -> str:
    """Nested lists with all digits, the rows one below the other."""
    text = np.array2string(
        array, separator=", ", prefix=before, floatmode="unique", suppress_small=False,
        max_line_width=10**6, threshold=_LARGEST + 1,
    )  # fmt: skip
    return re.sub(r"\b(nan|inf)\b", r"np.\1", text)


def _count(value: Any) -> int:
    """How many numbers are in a value."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, Mapping):
        return sum(map(_count, value.values()))
    return sum(map(_count, value)) if isinstance(value, list) else 1
