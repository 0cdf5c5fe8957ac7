"""The rates: what is caught by `check`, what when graded, what is named, and whether a right answer is called wrong."""

import random
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.evidence import students
from tests.evidence.mutants import Mutant
from tests.evidence.samples import callers, mutants_of, pairs, planted
from tests.evidence.students.answer import StudentsAnswer, answers_in
from tests.evidence.trial import BENCHES, Bench, Trial, bench_of, diagnosed, names

__all__ = [
    "WRITTEN",
    "Equivalent",
    "Rate",
    "Tried",
    "known",
    "mutated",
    "paired",
    "rate",
    "written",
]


@dataclass(frozen=True)
class Tried:
    """One answer, what is wrong with it as far as that is known, and what came of it."""

    exercise: str
    what: str
    mistakes: frozenset[str]
    trial: Trial

    @property
    def named(self) -> set[str]:
        """The known mistakes that `check` names."""
        return names(self.trial.check)

    @property
    def rightly(self) -> bool:
        """Is one of the names a true one?"""
        return bool(self.named & self.mistakes)


@dataclass(frozen=True)
class Rate:
    """Counts over many answers."""

    tried: int
    check: int
    graded: int
    named: int
    rightly: int
    wrongly: int
    diagnosed: int

    def share(self, count: int) -> float:
        """One of the counts, of all."""
        return count / self.tried if self.tried else 1.0


def rate(tried: Iterable[Tried]) -> Rate:
    """Count. `wrongly`: a name was given that is not among those that would be true."""
    all_ = list(tried)
    return Rate(
        len(all_),
        sum(t.trial.caught_by_check for t in all_),
        sum(t.trial.caught for t in all_),
        sum(bool(t.named) for t in all_),
        sum(t.rightly for t in all_),
        sum(bool(t.named - t.mistakes) for t in all_),
        sum(diagnosed(t.trial.check) for t in all_),
    )


def known(bench: Bench) -> list[Tried]:
    """Every known mistake of an exercise."""
    tried = []
    for mistake in bench.exercise.mistakes:
        functions = planted(bench, mistake)
        assert functions is not None
        trial = bench.try_until_wrong(functions, train=True)  # all cases of check have a say in the name
        tried.append(Tried(bench.name, mistake.id, frozenset({mistake.id}), trial))
    return tried


def paired(bench: Bench, count: int) -> list[Tried]:
    """So many pairs of an exercise's known mistakes. Two that make good each other are no mistake, and left out."""
    made = [(pair, bench.try_until_wrong(pair.functions)) for pair in pairs(bench, count)]
    return [
        Tried(bench.name, " and ".join(sorted(pair.ids)), frozenset(pair.ids), trial)
        for pair, trial in made
        if frozenset(pair.ids) not in CANCEL.get(bench.name, ())
    ]


CANCEL = {"sigmoid_backward": {frozenset({"slope_from_input", "sigmoid_twice"})}}
"""The slope is computed from the cache as if it were x, and it is x (the sigmoid of it is taken again): right."""


def mutated(bench: Bench, share: float = 1.0) -> list[tuple[Mutant, Tried]]:
    """Mutants of an exercise's reference; a share of them, drawn at random.

    What the exercise itself does not notice may be noticed by one that calls it: a wrong cache by the backward pass.
    """
    mutants = mutants_of(bench)
    if share < 1:
        mutants = random.Random(bench.name).sample(mutants, round(share * len(mutants)))
    tried = []
    for mutant in mutants:
        function = mutant.function_in(vars(bench.assignment.solutions))
        if function is None:
            continue
        trial = bench.try_until_wrong(bench.references | {bench.name: function})
        others = iter(callers(bench))
        while not trial.caught and (other := next(others, None)) is not None:
            elsewhere = other.try_until_wrong(other.references | {bench.name: function})
            trial = elsewhere if elsewhere.caught else trial
        tried.append((mutant, Tried(bench.name, f"{mutant.before}  →  {mutant.after}", frozenset(), trial)))
    return tried


WRITTEN: Sequence[StudentsAnswer] = answers_in(*students.MODULES)
"""Answers as students write them, wrong and right."""


def written(answers: Iterable[StudentsAnswer] = WRITTEN) -> list[Tried]:
    """Try them."""
    tried = []
    for answer in answers:
        bench = bench_of(answer.exercise)
        try_ = bench.try_ if answer.is_right else bench.try_until_wrong
        trial = try_(bench.references | answer.functions)
        tried.append(Tried(answer.exercise, answer.name, answer.mistakes, trial))
    return tried


class Equivalent:
    """The mutants that are as right as the reference, with the reason for each."""

    def __init__(self) -> None:
        path = Path(__file__).parent / "equivalent.toml"
        groups = tomllib.loads(path.read_text(encoding="utf-8"))["same"]
        self.why = {tuple(edit): group["why"] for group in groups for edit in group["edits"]}

    def __contains__(self, mutant: Mutant) -> bool:
        return any(edit in self.why for edit in _spellings(mutant))

    def unknown(self) -> set[tuple[str, ...]]:
        """Edits in the list that no mutant is any more."""
        return set(self.why) - {edit for bench in BENCHES for m in mutants_of(bench) for edit in _spellings(m)}


def _spellings(mutant: Mutant) -> list[tuple[str, ...]]:
    return [(mutant.function, mutant.before, mutant.after), (mutant.function, mutant.before)]
