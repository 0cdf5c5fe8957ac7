"""How an exercise is called: in the student's own notebook by `check`, and in the sandbox when it is graded.

An exercise's *call plan* is a list of calls. Each names a function, the arguments it gets (inputs of the case, or
results of an earlier call) and the names of what it returns. A backward pass, for one, is judged by

    Call("max_pool_forward_naive", ("x", "pool_param"), ("out", "cache")),
    Call("max_pool_backward_naive", ("dout", "cache"), ("dx",)),

so that it is given the student's own cache, which nobody looks into. A function that remembers things from call to call
does so in a dictionary of its arguments. Batch normalization is trained for two steps and then tested by

    Call("batchnorm_forward", ("x", "gamma", "beta", "bn_param"), ("out", "cache")),
    Call("batchnorm_forward", ("x2", "gamma", "beta", "bn_param"), ("out2", "cache")),
    Call("batchnorm_forward", ("x3", "gamma", "beta", "bn_param"), ("out3", "cache"), {"bn_param": {"mode": "test"}}),

where the third call finds in bn_param whatever the student's function left there, but for the mode. An argument may go
by keyword ("h=h"), and an input may be a function (see given.py):

    Call("eval_numerical_gradient", ("f", "x", "h=h"), ("grad",)), on {"f": {"given": "cubes"}, "x": ..., "h": 1e-5}

A class is judged by what its objects do. A call `via` a probe lets the probe make an object, use it, and answer:

    Call("ConvNet", ("input_shape", "blocks", "hidden", "num_classes", "X"), ("shapes", "scores"), via="model_scores"),

What comes back is a *record*, a plain value: the results, the arguments as they are afterwards, and the error if there
was one.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from cs231n_utils.checking.errors import checked_error, describe_error
from cs231n_utils.checking.given import GIVEN, is_given
from cs231n_utils.checking.probes import PROBES
from cs231n_utils.checking.values import Value, ValueFormatError

__all__ = ["NOT_PLAIN", "UNJUDGED", "Call", "Record", "checked_record", "handed_over", "plain", "run"]

UNJUDGED = "cache"
"""The name of results that are handed on and never looked at."""

NOT_PLAIN = "__not_plain__"
"""{NOT_PLAIN: "Tensor"} stands in a record for a value of a type that is not plain."""

Record = dict[str, Value]


@dataclass(frozen=True)
class Call:
    """One call of a function of the student's: arguments by name of the input or of an earlier result.

    "h=step" hands over what is called step by the keyword h.
    """

    function: str
    arguments: tuple[str, ...] = ()
    returns: tuple[str, ...] = ("answer",)
    set: dict[str, dict[str, Value]] = field(default_factory=dict)
    """Before the call, change these entries of dictionaries among the inputs: {"bn_param": {"mode": "test"}}."""
    via: str = ""
    """A probe (see probes.py) that gets the student's function and the arguments, and makes plain values of it."""

    @classmethod
    def from_value(cls, value: Value) -> "Call":
        """Read what dataclasses.asdict made of a call."""
        return cls(
            value["function"],
            tuple(value["arguments"]),
            tuple(value["returns"]),
            value.get("set", {}),
            value.get("via", ""),
        )


def run(calls: Sequence[Call], functions: Mapping[str, Callable[..., Any]], inputs: Mapping[str, Value]) -> Record:
    """Call the student's functions as planned, on a copy of the inputs.

    Returns:
        {"results": {name: value}, "arguments": {name: value afterwards}, "error": None or a description}.
    """
    arguments = copy.deepcopy(dict(inputs))
    known = _handed_over(arguments)
    results: dict[str, Value] = {}
    error = None
    for call in calls:
        for name, entries in call.set.items():
            arguments[name].update(copy.deepcopy(entries))  # a copy: the student's function may write into it
        try:
            positional = [known[name] for name in call.arguments if "=" not in name]
            keywords = [name.split("=") for name in call.arguments if "=" in name]
            function = functions[call.function]
            if call.via:
                function = partial(PROBES[call.via], function)
            returned = function(*positional, **{keyword: known[name] for keyword, name in keywords})
        except KeyboardInterrupt:
            raise
        except BaseException as problem:  # SystemExit too: a student's exit() ends the exercise, not the grader
            error = describe_error(problem, call.function)
            break
        values = _unpacked(returned, call)
        if values is None:
            error = _wrong_count(returned, call)
            break
        known |= values
        results |= {name: plain(value) for name, value in values.items() if name != UNJUDGED}
    return {"results": results, "arguments": plain(arguments), "error": error}


def handed_over(inputs: Mapping[str, Value]) -> dict[str, Any]:
    """A case's inputs as the student's functions get them, as copies."""
    return _handed_over(copy.deepcopy(dict(inputs)))


def _handed_over(inputs: Mapping[str, Value]) -> dict[str, Any]:
    """Plain values know no tuples, but a shape is one in NumPy: `(M, *shape)` and `(M,) + shape` are both right.

    Nor do they know functions, which are given by name.
    """
    known: dict[str, Any] = {}
    for name, value in inputs.items():
        is_shape = name.endswith("shape") and isinstance(value, list)
        known[name] = GIVEN[value["given"]] if is_given(value) else tuple(value) if is_shape else value
    return known


def plain(value: Any) -> Value:
    """Take a student's value over as a plain value; what is none becomes {NOT_PLAIN: its type's name}."""
    try:
        return _plain(value)
    except RecursionError:
        return {NOT_PLAIN: f"{type(value).__name__} nested too deeply"}


def _plain(value: Any) -> Value:
    kind = type(value)
    if kind in (bool, int, float, str, type(None)):
        return value
    if isinstance(value, np.ndarray | np.generic):
        numbers = value.dtype.kind in "biufc"
        return np.array(value, subok=False) if numbers else {NOT_PLAIN: f"array of dtype {value.dtype}"}
    if kind in (list, tuple):
        return [_plain(item) for item in value]
    if kind is dict and all(type(key) is str for key in value):
        return {key: _plain(item) for key, item in value.items()}
    return {NOT_PLAIN: kind.__name__}


def checked_record(value: Value) -> Record:
    """A record that came from elsewhere, its form checked: whoever made it may have written anything.

    Raises:
        ValueFormatError: this is no record.
    """
    if not isinstance(value, dict) or not {"results", "arguments", "error"} <= value.keys():
        raise ValueFormatError("no record")
    results, arguments, error = value["results"], value["arguments"], value["error"]
    if not isinstance(results, dict) or not isinstance(arguments, dict) or not isinstance(error, dict | None):
        raise ValueFormatError("no record")
    return {"results": results, "arguments": arguments, "error": None if error is None else checked_error(error)}


def _unpacked(returned: Any, call: Call) -> dict[str, Any] | None:
    """Name the returned values; None where their number is wrong. A list serves as well as a tuple."""
    if len(call.returns) == 1:
        return {call.returns[0]: returned}
    if not isinstance(returned, tuple | list) or len(returned) != len(call.returns):
        return None
    return dict(zip(call.returns, returned, strict=True))


def _wrong_count(returned: Any, call: Call) -> Value:
    expected = f"({', '.join(call.returns)})"
    if returned is None:
        came = "nothing (is the return line missing?)"
    elif isinstance(returned, tuple | list):
        came = f"{len(returned)} values"
    else:
        came = f"one {type(returned).__name__}"
    message = f"{call.function} returned {came}, expected {expected}"
    return checked_error({"type": "WrongReturn", "message": message, "function": call.function})
