"""Is this answer right, and if not, what is the first thing that is wrong with it?

Checks go from the coarse to the fine, as the data-apis array-api-tests do: was an error raised, what type came back,
which shape, which dtype, which values, and were the arguments left alone. Every message has the one form

    out.shape = (2, 3), expected (2, 4)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from cs231n_utils.checking.calls import NOT_PLAIN, Record
from cs231n_utils.checking.given import is_given
from cs231n_utils.checking.judges import FINGERPRINTS, JUDGES
from cs231n_utils.checking.key import Case, Tolerance
from cs231n_utils.checking.sealed import is_sealed, opens
from cs231n_utils.checking.values import Value

__all__ = [
    "Difference",
    "Kind",
    "agrees",
    "difference",
    "differences",
    "fingerprinted",
    "last_digits_changed",
    "leaves",
    "value_difference",
    "wrong_entries",
]


class Kind(StrEnum):
    """What kind of difference: whether what came can be held against what was wanted, number by number."""

    VALUE = "value"  # a result, or an argument that the function is to change
    ARGUMENT = "argument"  # an argument that was to be left as it was
    OTHER = "other"  # an error, or a result of which more than one is right


@dataclass(frozen=True)
class Difference:
    """One value that is wrong: its name, what to say of it, what came and what was wanted."""

    name: str
    message: str
    kind: Kind = Kind.OTHER
    came: Value = None
    want: Value = None


def difference(case: Case, record: Record, tolerance: Tolerance) -> str | None:
    """Say the first thing that is wrong with a record, or None where the answer is right."""
    return next((difference.message for difference in differences(case, record, tolerance)), None)


def agrees(one: Record, other: Record, tolerance: Tolerance) -> bool:
    """Do two records say the same? Serves to recognise a known mistake, which may also be one that raises.

    Errors are the same with the same message only: there are a hundred ways to a ValueError.
    """
    if bool(one["error"]) != bool(other["error"]):
        return False
    if one["error"]:
        return all(one["error"][part] == other["error"][part] for part in ("type", "message"))
    wanted = one["results"] | {f"argument {name}": value for name, value in one["arguments"].items()}
    came = other["results"] | {f"argument {name}": value for name, value in other["arguments"].items()}
    return all(name in came and value_difference(name, came[name], wanted[name], tolerance) is None for name in wanted)


def last_digits_changed(case: Case, record: Record) -> list[str]:
    """The arguments that are not the same to the bit, where the function is handed over a function and takes steps.

    Who takes steps changes x in place, by right. A rounding that stays behind would go on into the next step.
    """
    if not any(map(is_given, case.inputs.values())):
        return []
    wanted = {name: want for name, want in case.expected["arguments"].items() if isinstance(want, np.ndarray)}
    return [name for name, want in wanted.items() if not np.array_equal(record["arguments"].get(name), want)]


def fingerprinted(case: Case, record: Record) -> Record:
    """Where chance decides, the fingerprint of an answer in place of the answer; the record itself elsewhere."""
    names = [judge for judge in case.judges.values() if judge in FINGERPRINTS]
    if not names:
        return record
    if record["error"]:
        return {"results": {}, "arguments": {}, "error": record["error"]}
    fingerprint = FINGERPRINTS[names[0]](case.inputs, record["results"], record["arguments"])
    return {"results": {"fingerprint": fingerprint}, "arguments": {}, "error": None}


def differences(case: Case, record: Record, tolerance: Tolerance) -> Iterator[Difference]:
    """Everything that is wrong with a record, the coarse before the fine; nothing where the answer is right."""
    expected, error = case.expected, record["error"]
    if expected["error"]:
        wanted = expected["error"]["type"]
        if error is None:
            yield Difference("", f"nothing was raised, expected {_article(wanted)}")
        elif wanted not in error["bases"]:
            yield Difference("", f"{error['type']} was raised ({error['message']}), expected {_article(wanted)}")
        return
    judgeable = True  # a judge looks at several results, and relies on those before its own
    for name, want in expected["results"].items():
        came = record["results"].get(name)
        judge = case.judges.get(name)
        if judge is None:
            found = list(_value_differences(name, came, want, tolerance))
        else:
            message = value_difference(name, came, want, tolerance, values=False)
            if message is None and judgeable:
                message = JUDGES[judge](case.inputs, record["results"], tolerance)
            found = [] if message is None else [Difference(name, message)]
        judgeable = judgeable and not found
        yield from found
    for name, want in expected["arguments"].items():
        yield from _argument_differences(name, record["arguments"].get(name), case.inputs[name], want)
    for name in last_digits_changed(case, record):
        message = f"{name} has changed in its last digits after the call: put back the number that was there"
        yield Difference(name, message)


def _value_differences(name: str, came: Value, want: Value, tolerance: Tolerance) -> Iterator[Difference]:
    for leaf, value, wanted in leaves(name, came, want):
        message = _leaf_difference(leaf, value, wanted, tolerance, values=True)
        if message is not None:
            yield Difference(leaf, message, Kind.VALUE, value, wanted)


def leaves(name: str, came: Value, want: Value) -> Iterator[tuple[str, Value, Value]]:
    """The single values of lists and dictionaries, those that came beside those that are wanted, each with its name.

    Further keys that came do no harm.
    """
    if is_sealed(want):
        yield name, came, want
    elif isinstance(want, list) and isinstance(came, list) and len(came) == len(want):
        for i, (value, wanted) in enumerate(zip(came, want, strict=True)):
            yield from leaves(f"{name}[{i}]", value, wanted)
    elif isinstance(want, dict) and NOT_PLAIN not in want and isinstance(came, dict):
        for key, wanted in want.items():
            yield from leaves(f"{name}[{key!r}]", came.get(key), wanted)
    else:
        yield name, came, want


def value_difference(name: str, came: Value, want: Value, tolerance: Tolerance, values: bool = True) -> str | None:
    """Compare one value with what was expected: type, shape, dtype and, unless `values` is False, the numbers."""
    messages = (_leaf_difference(*leaf, tolerance, values) for leaf in leaves(name, came, want))
    return next((message for message in messages if message is not None), None)


def _leaf_difference(name: str, came: Value, want: Value, tolerance: Tolerance, values: bool) -> str | None:
    """The same of a value that `leaves` gives."""
    if is_sealed(want):
        return None if opens(want, came) else f"{name} = {_short(came)} is not the answer"
    if isinstance(want, bool | int) and not isinstance(came, bool):
        return _integer_difference(name, came, int(want))
    if isinstance(want, float | np.ndarray):
        return _array_difference(name, came, np.asarray(want), tolerance, values)
    if isinstance(want, list):
        return f"{name} = {_short(came)}, expected {len(want)} values"
    return None if type(came) is type(want) and came == want else f"{name} = {_short(came)}, expected {_short(want)}"


def _integer_difference(name: str, came: Value, want: int) -> str | None:
    if isinstance(came, np.ndarray) and came.ndim == 0 and came.dtype.kind in "iu":
        came = int(came)
    if isinstance(came, np.ndarray) and came.ndim == 0 and came.dtype.kind == "f":
        came = float(came)
    if type(came) is int:
        return None if came == want else f"{name} = {came}, expected {want}"
    if isinstance(came, float) and came == want:
        return f"{name} = {came}, a float, expected the int {want}: // divides and rounds down"
    return f"{name} = {_short(came)}, expected the int {want}"


def _array_difference(name: str, came: Value, want: np.ndarray, tolerance: Tolerance, values: bool) -> str | None:
    if want.ndim == 0 and type(came) in (int, float):
        came = np.asarray(came)
    if not isinstance(came, np.ndarray):
        return f"{name} is {_kind(came)}, expected a NumPy array of shape {want.shape}"
    if came.shape != want.shape:
        return f"{name}.shape = {came.shape}, expected {want.shape}"
    if came.dtype.kind not in "biuf":
        return f"{name}.dtype = {came.dtype}, expected {want.dtype}"
    if not values:
        return None
    wrong = np.argwhere(wrong_entries(came, want, tolerance))
    if len(wrong) == 0:
        return None
    first = tuple(int(i) for i in wrong[0])
    place = f"{name}[{', '.join(map(str, first))}]" if first else name
    many = f" ({len(wrong)} of {want.size} entries are wrong)" if want.size > 1 else ""
    return f"{place} = {_digits(came[first], want[first])}, expected {_digits(want[first], came[first])}{many}"


def wrong_entries(came: np.ndarray, want: np.ndarray, tolerance: Tolerance) -> np.ndarray:
    """Which entries of two real arrays of equal shape differ by more than the tolerance."""
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(np.subtract(came, want, dtype=np.float64))  # float64: booleans and bytes subtract badly
        close = (distance <= tolerance.absolute + tolerance.relative * np.abs(want)) & np.isfinite(want)
        close |= (came == want) | np.isnan(came) & np.isnan(want)  # a known mistake may well answer infinity or NaN
    return np.asarray(~close)


def _argument_differences(name: str, after: Value, before: Value, want: Value) -> Iterator[Difference]:
    """Arguments are left as they were, but for what the reference changes too; further keys do no harm."""
    if isinstance(want, dict) and isinstance(after, dict):
        for key, value in want.items():
            yield from _argument_differences(f"{name}[{key!r}]", after.get(key), before.get(key), value)
        return
    exact = Tolerance(1e-5, 1e-6, "running statistics are computed; everything else must be the very same")
    message = value_difference(name, after, want, exact)
    if message is None:
        return
    if value_difference(name, want, before, exact) is not None:
        yield Difference(name, f"{message} after the call", Kind.VALUE, after, want)
    else:
        yield Difference(name, f"{name} was changed by the call: work on a copy of it", Kind.ARGUMENT, after, want)


def _kind(value: Value) -> str:
    if value is None:
        return "None"
    if isinstance(value, dict) and NOT_PLAIN in value:
        return f"a value of type {str(value[NOT_PLAIN])[:80]}"
    return f"{_article(type(value).__name__)}"


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiouAEIOU" else f"a {noun}"


def _short(value: Value) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.item():.6g}" if value.ndim == 0 else f"an array of shape {value.shape}"
    if isinstance(value, dict) and NOT_PLAIN in value:
        return _kind(value)
    if isinstance(value, list | dict) and (len(value) > 10 or any(map(_has_parts, _items(value)))):
        return f"{_kind(value)} of {len(value)} values"
    return repr(value)[:80]


def _items(value: Value) -> Iterable[Value]:
    return value.values() if isinstance(value, dict) else value


def _has_parts(value: Value) -> bool:
    """To write all of it would take long, and nobody would read it."""
    return isinstance(value, np.ndarray | list | dict)


def _digits(value: Any, other: Any) -> str:
    """As many digits as are needed to see the difference."""
    for digits in (4, 7, 10):
        if f"{value:.{digits}g}" != f"{other:.{digits}g}":
            return f"{value:.{digits}g}"
    return repr(float(value))
