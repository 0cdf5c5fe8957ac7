"""What a student hands in for one exercise, and what is known of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

__all__ = ["StudentsAnswer", "answers_in", "right", "wrong"]

Function = Callable[..., Any]


@dataclass(frozen=True)
class StudentsAnswer:
    """A function that was written for an exercise, and the student's others that go with it (the forward pass)."""

    name: str
    exercise: str
    function: Function
    others: dict[str, Function] = field(default_factory=dict)
    is_right: bool = True
    mistakes: frozenset[str] = frozenset()
    """Ids of known mistakes, each of which would be a true name for what is wrong. None: it has no name yet."""

    @property
    def functions(self) -> dict[str, Function]:
        """All that the student has written, by the exercises' names."""
        return self.others | {self.exercise: self.function}


def right(exercise: str, **others: Function) -> Callable[[Function], StudentsAnswer]:
    """A right answer. `others`: further functions of the same student's."""

    def answer(function: Function) -> StudentsAnswer:
        return StudentsAnswer(function.__name__, exercise, function, others)

    return answer


def wrong(exercise: str, *mistakes: str, **others: Function) -> Callable[[Function], StudentsAnswer]:
    """A wrong answer."""

    def answer(function: Function) -> StudentsAnswer:
        return StudentsAnswer(function.__name__, exercise, function, others, False, frozenset(mistakes))

    return answer


def answers_in(*modules: ModuleType) -> list[StudentsAnswer]:
    """All answers that stand in some modules."""
    return [value for module in modules for value in vars(module).values() if isinstance(value, StudentsAnswer)]
