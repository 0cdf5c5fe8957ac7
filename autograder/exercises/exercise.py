"""What an exercise is: its call plan, the inputs of its cases, its points, its tolerance and its known mistakes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from cs231n_utils.checking.calls import Call
from cs231n_utils.checking.key import Case, Part, Speed, Tolerance
from cs231n_utils.checking.values import Value

__all__ = [
    "COMPUTED",
    "WHOLE",
    "Assignment",
    "CaseInputs",
    "Exercise",
    "KnownMistake",
    "Words",
    "mistake",
    "question",
    "question_cases",
]

COMPUTED = Tolerance(1e-5, 1e-6, "right answers differ by rounding, and float32 keeps seven digits")
"""The tolerance for results of a few additions and multiplications of numbers near 1."""

WHOLE = (Part("values", 1.0),)
"""The parts of an exercise whose points are earned all or none."""


@dataclass(frozen=True)
class CaseInputs:
    """Labelled inputs for an exercise's call plan. Public ones are what a student's `check` runs."""

    label: str
    inputs: dict[str, Value]
    public: bool = False
    part: str = "values"
    judges: dict[str, str] = field(default_factory=dict)
    speed: Speed | None = None
    calls: tuple[Call, ...] | None = None
    """A call plan of the case's own; None: the exercise's."""


@dataclass(frozen=True)
class KnownMistake:
    """A mistake seen in real code, as a small edit of the reference.

    Each edit replaces a text that stands exactly once in the function's source. Several known mistakes may share an id:
    they are ways to make the same one.
    """

    id: str
    title: str
    hint: str
    edits: tuple[tuple[str, str], ...]
    function: str | None = None
    """The function that is edited, where it is not the exercise's own."""
    trains: bool = False
    """Shown by training. The others are not tried on cases that train, which take long."""


Words = tuple[str, str, str]
"""What is said of a mistake: its id, its title, its hint."""


def mistake(words: Words, *edits: tuple[str, str], function: str | None = None) -> KnownMistake:
    """A known mistake in so many words, made by these edits."""
    return KnownMistake(*words, edits=edits, function=function)


@dataclass(frozen=True, eq=False)
class Exercise:
    """One function that a student writes."""

    name: str
    points: float
    calls: tuple[Call, ...]
    cases: Callable[[np.random.Generator], Iterable[CaseInputs]]
    tolerance: Tolerance = COMPUTED
    parts: tuple[Part, ...] = WHOLE
    mistakes: tuple[KnownMistake, ...] = ()
    sealed: bool = False
    """A question: its right value ships as a salted hash only."""
    follow_through: float = 0.0
    """The share of the points that a backward pass earns which is right for the student's own wrong forward pass."""

    @property
    def check_cell(self) -> str:
        """The grade_id of the notebook cell that checks this exercise, and carries its points."""
        return f"check_{self.name}"

    def plan(self, case: CaseInputs | Case) -> tuple[Call, ...]:
        """What is called on a case: its own call plan, or else the exercise's."""
        return case.calls or self.calls

    @property
    def forward(self) -> str:
        """The function that is called first: for a backward pass, its forward pass."""
        return self.calls[0].function


@dataclass(frozen=True, eq=False)
class Assignment:
    """One notebook: its name, the module of its references, and its exercises in order."""

    name: str
    solutions: ModuleType
    exercises: tuple[Exercise, ...]

    def exercise(self, name: str) -> Exercise:
        """The exercise of this name; KeyError if there is none."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise KeyError(name)


def question(name: str, *wrong: tuple[str, str, str, str]) -> Exercise:
    """A question, a function without arguments; `wrong` answers (id, title, hint, code) take the right one's place."""
    mistakes = tuple(
        KnownMistake(id, title, hint, (("    # BEGIN SOLUTION\n", f"    return {code}\n"),))
        for id, title, hint, code in wrong
    )
    return Exercise(name, 1.0, (Call(name),), question_cases, sealed=True, mistakes=mistakes)


def question_cases(rng: np.random.Generator) -> Iterable[CaseInputs]:
    """The one case of every question, which has no inputs."""
    return (CaseInputs("your answer", {}, public=True),)
