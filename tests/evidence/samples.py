"""What is tried: known mistakes, two of them at once, and mutants."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from autograder.exercises import KnownMistake
from autograder.keys import function_source, mistaken_functions
from tests.evidence.mutants import Mutant, mutants
from tests.evidence.trial import BENCHES, Bench, Functions

__all__ = ["Pair", "callers", "mutants_of", "pairs", "planted"]

FREE = frozenset({"train_digits"})
"""Exercises whose answer is judged by what it reaches: nearly every edit of it is right."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Two known mistakes of an exercise, both planted."""

    bench: Bench
    one: KnownMistake
    other: KnownMistake
    functions: Functions

    @property
    def ids(self) -> set[str]:
        """The ids of both."""
        return {self.one.id, self.other.id}


def planted(bench: Bench, *known: KnownMistake) -> Functions | None:
    """The references with known mistakes planted in them; None where their edits get in one another's way."""
    functions: dict[str, Callable[..., Any]] = {}
    for target in dict.fromkeys(k.function or bench.name for k in known):
        edits = tuple(edit for k in known if (k.function or bench.name) == target for edit in k.edits)
        both = KnownMistake("both", "", "", edits, target)
        try:
            functions[target] = mistaken_functions(bench.assignment.solutions, bench.exercise, both)[target]
        except (ValueError, SyntaxError):
            return None
    return bench.references | functions


def pairs(bench: Bench, count: int, seed: int = 0) -> Iterator[Pair]:
    """So many pairs of an exercise's known mistakes, drawn at random."""
    two = [(a, b) for a, b in combinations(bench.exercise.mistakes, 2) if a.id != b.id and not (a.trains or b.trains)]
    random.Random(f"{bench.name} {seed}").shuffle(two)
    for a, b in two:
        functions = planted(bench, a, b)
        if functions is not None and count > 0:
            count -= 1
            yield Pair(bench, a, b, functions)


@cache
def mutants_of(bench: Bench) -> list[Mutant]:
    """All mutants of an exercise's own reference; none where an edit would be right more often than not."""
    if bench.exercise.sealed or bench.name in FREE:
        return []
    return mutants(function_source(bench.assignment.solutions, bench.name))


def callers(bench: Bench) -> list[Bench]:
    """The other exercises that call this one's function: a forward pass's cache is seen by its backward pass alone."""
    here = [other for other in BENCHES if other.assignment is bench.assignment and other is not bench]
    return [other for other in here if bench.name in other.fresh.functions]
