"""The code that a report depends on: when it changes, what was graded with it is graded again, and nothing else is."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

import autograder
import cs231n_utils
import solutions
from autograder.exercises import ASSIGNMENTS, Assignment
from autograder.experiments import released

__all__ = ["code_of", "fingerprint"]

ROOTS = {package.__name__: Path(next(iter(package.__path__))) for package in (autograder, cs231n_utils, solutions)}

AROUND = {
    "build", "cli", "cluster", "console", "coursedir", "export", "feedback", "fingerprint", "gradebook",
    "marking", "pages", "pool", "recorded", "recording", "register", "rows", "run", "settings",
}  # fmt: skip
"""Modules of `autograder` that take no part in grading one submission. A new module counts unless it is named here."""


@cache
def fingerprint(assignment: Assignment) -> str:
    """A hash of all that reports of this assignment depend on, apart from the submission and the settings."""
    digest = hashlib.sha256(np.__version__.encode())
    for path in code_of(assignment):
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
