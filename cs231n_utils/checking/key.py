"""The answer key of an exercise: what is asked on which inputs, the right answers, and what known mistakes answer.

The public cases' keys ship with the package, one file per exercise in `keys/`, so that `check` can judge without the
reference. When a submission is graded the same keys are made afresh from a seed, over all cases.
"""

import difflib
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np

from cs231n_utils.checking.calls import Call, Record
from cs231n_utils.checking.values import Value, pack, unpack

__all__ = ["Case", "ExerciseKey", "Mistake", "Part", "Speed", "Tolerance", "UnknownExerciseError", "key_names", "load"]


@dataclass(frozen=True)
class Tolerance:
    """Numbers a and b count as equal where |a - b| <= absolute + relative * |b|; `reason` says why these."""

    relative: float
    absolute: float
    reason: str


@dataclass(frozen=True)
class Speed:
    """How fast a case must run, measured against `windows` calls of np.max on one window of `window` pixels.

    `factor` times faster is asked for; only what is slower by more than `noise` times that is called too slow.
    """

    windows: int
    window: tuple[int, int]
    factor: float
    noise: float


@dataclass(frozen=True)
class Case:
    """One question put to an exercise: named inputs, and the record that the reference leaves on them."""

    label: str
    inputs: dict[str, Value]
    expected: Record
    part: str = "values"
    judges: dict[str, str] = field(default_factory=dict)
    """Results with more than one right value, and the judge (see judges.py) that decides for them."""
    speed: Speed | None = None
    calls: tuple[Call, ...] | None = None
    """A call plan of the case's own; None: the exercise's."""


@dataclass(frozen=True)
class Mistake:
    """A mistake that is known: its title, a hint that teaches, and the record that it leaves on every case."""

    id: str
    title: str
    hint: str
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Part:
    """A share of an exercise's points, earned when all its cases pass. Share 0: its findings are remarks, and free."""

    name: str
    share: float


@dataclass(frozen=True)
class ExerciseKey:
    """All that is needed to judge an exercise's answers, and nothing that could compute them."""

    name: str
    points: float
    calls: tuple[Call, ...]
    tolerance: Tolerance
    parts: tuple[Part, ...]
    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def functions(self) -> tuple[str, ...]:
        """The student's functions that this exercise calls, each once, in order."""
        calls = [*self.calls, *(call for case in self.cases for call in case.calls or ())]
        return tuple(dict.fromkeys(call.function for call in calls))

    def plan(self, case: Case) -> tuple[Call, ...]:
        """What is called on a case: its own call plan, or else the exercise's."""
        return case.calls or self.calls

    def to_value(self) -> Value:
        """This key as a plain value; `from_value` is the inverse."""
        return asdict(self)

    @classmethod
    def from_value(cls, value: Value) -> "ExerciseKey":
        """Read what `to_value` wrote."""
        return cls(
            name=value["name"],
            points=value["points"],
            calls=_calls(value["calls"]),
            tolerance=Tolerance(**value["tolerance"]),
            parts=tuple(Part(**part) for part in value["parts"]),
            cases=tuple(
                Case(**{**case, "speed": _speed(case["speed"]), "calls": _calls(case.get("calls") or ()) or None})
                for case in value["cases"]
            ),
            mistakes=tuple(
                Mistake(**{**mistake, "records": tuple(mistake["records"])}) for mistake in value["mistakes"]
            ),
        )


def _calls(value: Value) -> tuple[Call, ...]:
    return tuple(Call.from_value(call) for call in value)


def _speed(value: Value) -> Speed | None:
    return Speed(**{**value, "window": tuple(value["window"])}) if value else None


class UnknownExerciseError(LookupError):
    """There is no exercise of this name."""


def _folder() -> Path:
    return Path(str(resources.files("cs231n_utils.checking") / "keys"))


def key_names() -> list[str]:
    """The names of all exercises that have an answer key here, sorted."""
    return sorted(path.stem for path in _folder().glob("*.npz"))


@cache
def load(name: str) -> ExerciseKey:
    """Read the answer key of an exercise.

    Raises:
        UnknownExerciseError: no exercise has this name; the message names similar ones.
    """
    path = _folder() / f"{name}.npz"
    if not name.isidentifier() or not path.is_file():
        similar = difflib.get_close_matches(name, key_names(), n=3)
        hint = f" Did you mean {' or '.join(similar)}?" if similar else ""
        raise UnknownExerciseError(f"there is no exercise called {name!r}.{hint}")
    return read(path)


def read(path: Path) -> ExerciseKey:
    """Read a key from a file that `write` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        return ExerciseKey.from_value(unpack(stored["key"].tobytes()))


def write(key: ExerciseKey, path: Path) -> None:
    """Write a key as a compressed .npz that holds one array: the key's bytes, packed.

    A file has hundreds of small arrays, many of them alike. Packed first they take a tenth of the room that as many
    members of the archive would.
    """
    np.savez_compressed(path, allow_pickle=False, key=np.frombuffer(pack(key.to_value()), dtype=np.uint8))
