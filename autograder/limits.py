"""Limits of students' processes as an instructor sets them: for a course, and for single exercises in it."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from autograder.exercises import ASSIGNMENTS
from autograder.sandbox import Limits

__all__ = ["CourseLimits", "LimitsError"]

KINDS: dict[str, type[int] | type[float]] = {
    name: type(getattr(Limits(), name)) for name in Limits.__dataclass_fields__
}
"""The names of the limits, each with the type of its values."""


class LimitsError(ValueError):
    """What was set is no limit; the message says what is expected."""


@dataclass(frozen=True)
class CourseLimits:
    """The limits of every exercise's process.

    >>> own = {"batchnorm_forward": {"cpu_seconds": 9}}
    >>> limits = CourseLimits.of_settings({"request_seconds": 20, "exercises": own})
    >>> limits.of("batchnorm_forward").cpu_seconds, limits.of("max_pool_forward_naive").cpu_seconds
    (9, 60)
    >>> limits.of("batchnorm_forward").request_seconds
    20.0
    """

    course: Limits = field(default_factory=Limits)
    exercises: tuple[tuple[str, Limits], ...] = ()

    def of(self, exercise: str) -> Limits:
        """The limits of one exercise: its own, or else the course's."""
        return dict(self.exercises).get(exercise, self.course)

    @classmethod
    def of_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Read what stands in the course's settings: limits by name, and in `exercises` those of single exercises.

        Raises:
            LimitsError: there is no such limit or exercise, or a value is no positive number.
        """
        if not isinstance(settings, Mapping):
            raise LimitsError(f"limits are {settings!r}, and not a dictionary, for example {{'request_seconds': 20}}")
        single = settings.get("exercises", {})
        if not isinstance(single, Mapping):
            raise LimitsError(f"limits: exercises is {single!r}, and not a dictionary of dictionaries")
        course = _changed(Limits(), {name: value for name, value in settings.items() if name != "exercises"}, "")
        known = [exercise.name for assignment in ASSIGNMENTS for exercise in assignment.exercises]
        for name, values in single.items():
            if name not in known:
                raise LimitsError(f"limits: there is no exercise called {name!r}{_closest(name, known)}")
            if not isinstance(values, Mapping):
                raise LimitsError(f"limits: those of {name} are {values!r}, and not a dictionary")
        return cls(course, tuple((name, _changed(course, values, f"{name}.")) for name, values in single.items()))

    @classmethod
    def of_options(cls, options: Iterable[str]) -> Self:
        """Read options of the command line, each `LIMIT=VALUE` or `EXERCISE.LIMIT=VALUE`.

        >>> CourseLimits.of_options(["batchnorm_forward.request_seconds=2.5"]).of("batchnorm_forward").request_seconds
        2.5
        """
        settings: dict[str, Any] = {"exercises": {}}
        for option in options:
            name, _, value = option.partition("=")
            exercise, dot, limit = name.rpartition(".")
            place = settings["exercises"].setdefault(exercise, {}) if dot else settings
            try:
                place[limit] = float(value)
            except ValueError:
                raise LimitsError(
                    f"--limit {option}: expected LIMIT=NUMBER or EXERCISE.LIMIT=NUMBER, as in request_seconds=20"
                ) from None
        return cls.of_settings(settings)


def _changed(limits: Limits, values: Mapping[str, Any], where: str) -> Limits:
    """These limits with some of them changed."""
    new: dict[str, Any] = {}
    for name, value in values.items():
        if name not in KINDS:
            raise LimitsError(
                f"limits: there is no limit called {where}{name}{_closest(name, KINDS)}; there are: {', '.join(KINDS)}"
            )
        if isinstance(value, bool) or not isinstance(value, int | float) or not (value > 0 and math.isfinite(value)):
            raise LimitsError(f"limits: {where}{name} is {value!r}; expected a number above 0")
        if KINDS[name] is int and value != int(value):
            raise LimitsError(f"limits: {where}{name} is {value!r}; expected a whole number")
        new[name] = KINDS[name](value)
    return replace(limits, **new)


def _closest(name: Any, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
