"""What a report depends on: when it changes, what was graded with it is graded again, and nothing else is.

Code is looked at in two steps. An assignment's files tell at once that nothing has changed. Where something has, each
exercise is looked at: what is asked, what is right, and which mistakes are known.
"""

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

import autograder
import cs231n_utils
import solutions
from autograder.exercises import ASSIGNMENTS, Assignment, Exercise
from autograder.experiments import released
from autograder.keys import function_source
from cs231n_utils.checking.key import ExerciseKey
from cs231n_utils.checking.values import pack

__all__ = ["code_of", "exercise_fingerprint", "fingerprint"]

ROOTS = {package.__name__: Path(next(iter(package.__path__))) for package in (autograder, cs231n_utils, solutions)}

AROUND = {
    "build", "cli", "cluster", "console", "coursedir", "export", "feedback", "fingerprint", "gradebook",
    "marking", "pages", "pool", "recorded", "recording", "register", "rows", "run", "settings",
}  # fmt: skip
"""Modules of `autograder` that take no part in grading one submission. A new module counts unless it is named here."""


@cache
def fingerprint(assignment: Assignment) -> str:
    """A hash of all that reports of this assignment depend on, apart from the submission and the settings."""
    return _hash(code_of(assignment), assignment)


def exercise_fingerprint(assignment: Assignment, exercise: Exercise, key_of: Callable[[Exercise], ExerciseKey]) -> str:
    """A hash of all that an exercise's verdict depends on, apart from the submission and the settings.

    Args:
        assignment: whose exercise it is.
        exercise: the exercise.
        key_of: the answer keys as they are drawn for the course. What neither changes these nor the functions in which
            mistakes are planted (a comment, another exercise's cases) changes no verdict.
    """
    asked = [exercise]
    if exercise.follow_through:  # then it matters how the forward pass has done
        asked += [other for other in assignment.exercises if other.name == exercise.forward]
    targets = sorted({known.function or exercise.name for known in exercise.mistakes})
    planted_in = [function_source(assignment.solutions, name) for name in targets]
    digest = hashlib.sha256(_common_code(assignment).encode())
    digest.update(repr((exercise.mistakes, planted_in, exercise.follow_through)).encode())
    for one in asked:
        digest.update(pack(key_of(one).to_value()))
    return digest.hexdigest()


@cache
def _common_code(assignment: Assignment) -> str:
    """A hash of what all exercises share: the grading, the sandbox, and what students import."""
    return _hash(sorted(set(code_of(assignment)) - _own(assignment)), assignment)


def _hash(paths: Iterable[Path], assignment: Assignment) -> str:
    digest = hashlib.sha256(np.__version__.encode())
    for path in paths:
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes())
    digest.update(repr(sorted(released(assignment.name))).encode())
    return digest.hexdigest()


def code_of(assignment: Assignment) -> list[Path]:
    """The files that take part in grading an assignment.

    These are the grading itself, with the sandbox; all that students import; and of the exercises, references and
    known mistakes the assignment's own, with what they import.
    """
    theirs = {path for other in ASSIGNMENTS for path in _own(other)}
    common = [
        path
        for name in ("autograder", "cs231n_utils")
        for path in ROOTS[name].rglob("*.py")
        if path not in theirs and not (path.parent == ROOTS["autograder"] and path.stem in AROUND)
    ]
    return sorted({*common, *_own(assignment)})


@cache
def _own(assignment: Assignment) -> frozenset[Path]:
    """The modules of an assignment: that of its exercises, and those of exercises and references that it imports."""
    stem = assignment.solutions.__name__.rpartition(".")[2]
    found: set[Path] = set()
    left = [ROOTS["autograder"] / "exercises" / f"{stem}.py"]
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += _imported(path)
    return frozenset(found)


def _imported(path: Path) -> Iterator[Path]:
    """The files of exercises and references that a file imports."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package == "solutions" or name.startswith("autograder.exercises."):
                file = ROOTS[package].joinpath(*rest.split(".")).with_suffix(".py")
                if rest and rest != "exercises.exercise" and file.is_file():
                    yield file
