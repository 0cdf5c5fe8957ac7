"""One answer, tried twice as a student's would be: by `check` on the public cases, and graded on fresh ones.

Through the same keys and the same judge; but in this process and without a sandbox, as the answers are our own.
"""

import io
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from autograder.exercises import ASSIGNMENTS, Assignment, Exercise
from autograder.keys import make_key
from cs231n_utils.checking.calls import run
from cs231n_utils.checking.key import Case, ExerciseKey, load
from cs231n_utils.checking.verdict import Answer, Finding, Status, Verdict, judge

__all__ = ["BENCHES", "Bench", "Functions", "Trial", "bench_of", "diagnosed", "names", "wrong"]

Functions = Mapping[str, Callable[..., Any]]

SECONDS = 20.0
"""Of the processor's time, for one case, or it counts as an endless loop."""

FRESH_SEED = 5

TRAINED = frozenset({"fitted", "held_out"})
"""Judges of cases that train a network, which takes a second each."""


class OutOfTime(BaseException):
    """The answer took too long."""


@dataclass(frozen=True)
class Trial:
    """What `check` said of an answer, and what the grader did."""

    check: Verdict
    graded: Verdict

    @property
    def caught_by_check(self) -> bool:
        """Did `check` find anything to say?"""
        return bool(wrong(self.check))

    @property
    def caught(self) -> bool:
        """Did the grader find anything to say?"""
        return bool(wrong(self.graded))


def wrong(verdict: Verdict) -> list[Finding]:
    """The findings on cases that are not right."""
    return [finding for finding in verdict.findings if finding.status is not Status.PASSED]


def names(verdict: Verdict) -> set[str]:
    """The known mistakes that a verdict names."""
    said = {finding.mistake for finding in verdict.findings}
    said |= {advice.mistake for finding in verdict.findings for advice in finding.also}
    return {mistake for mistake in said if mistake is not None}


def diagnosed(verdict: Verdict) -> bool:
    """Is there a diagnosis on any of the cases, be it a known mistake or a general one?"""
    return any(finding.title for finding in verdict.findings)


@dataclass(frozen=True, eq=False)
class Bench:
    """An exercise, and what its answers are tried on."""

    assignment: Assignment
    exercise: Exercise

    @property
    def name(self) -> str:
        """The exercise's name."""
        return self.exercise.name

    @cached_property
    def public(self) -> ExerciseKey:
        """The key that ships to students."""
        return load(self.name)

    @cached_property
    def fresh(self) -> ExerciseKey:
        """A key as the grader draws it, without the known mistakes: that an answer is wrong shows without them."""
        return make_key(self.assignment, self.exercise, FRESH_SEED)

    @property
    def references(self) -> dict[str, Callable[..., Any]]:
        """The right functions that the exercise calls."""
        return {name: getattr(self.assignment.solutions, name) for name in self.fresh.functions}

    @cached_property
    def _untrained(self) -> ExerciseKey:
        """The public key without the cases that train."""
        kept = [i for i, case in enumerate(self.public.cases) if not _trains(case)]
        return _of_cases(self.public, kept)

    @property
    def trains(self) -> bool:
        """Has it cases that train a network?"""
        return any(map(_trains, self.public.cases))

    def try_(self, functions: Functions) -> Trial:
        """Check and grade."""
        return Trial(answered(self.public, functions), answered(self.fresh, functions))

    def try_until_wrong(self, functions: Functions, train: bool = False) -> Trial:
        """The same, for an answer that is likely to be wrong: the grader stops where it is found to be.

        Nor does `check` train with what is wrong without any training, but for `train`.
        """
        quick = self.trains and not train
        check = answered(self._untrained if quick else self.public, functions)
        if quick and not wrong(check):
            check = answered(self.public, functions)
        return Trial(check, graded_until_wrong(self.fresh, functions))


def graded_until_wrong(key: ExerciseKey, functions: Functions) -> Verdict:
    """The verdict on the first case that is not right, and on all of them if there is none."""
    for i in range(len(key.cases)):
        verdict = answered(_of_cases(key, [i]), functions)
        if wrong(verdict):
            return verdict
    return answered(key, functions)


def answered(key: ExerciseKey, functions: Functions, seconds: float = SECONDS) -> Verdict:
    """Run every case of a key, and judge. When time is up, the cases that are left are not run."""
    answers: list[Answer] = []
    with _quiet():
        for case in key.cases:
            if answers and answers[-1].status is Status.TIMED_OUT:
                answers.append(answers[-1])
                continue
            try:
                with _limited(seconds):
                    record = run(key.plan(case), functions, case.inputs)
            except OutOfTime:
                record = {"error": {"type": "OutOfTime"}}
            late = (record["error"] or {}).get("type") == "OutOfTime"
            answers.append(Answer(None, status=Status.TIMED_OUT) if late else Answer(record))
        return judge(key, answers)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def ring(number: int, frame: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """What an answer prints or warns of is nobody's business."""
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        nowhere = io.StringIO()
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            yield


def _trains(case: Case) -> bool:
    return not TRAINED.isdisjoint(case.judges.values())


def _of_cases(key: ExerciseKey, kept: Sequence[int]) -> ExerciseKey:
    """The key with some of its cases only."""
    mistakes = tuple(replace(m, records=tuple(m.records[i] for i in kept)) for m in key.mistakes)
    used = {key.cases[i].part for i in kept}
    parts = tuple(part for part in key.parts if part.name in used)
    return replace(key, cases=tuple(key.cases[i] for i in kept), mistakes=mistakes, parts=parts)


BENCHES = tuple(Bench(assignment, exercise) for assignment in ASSIGNMENTS for exercise in assignment.exercises)


def bench_of(name: str) -> Bench:
    """The bench of the exercise of this name."""
    return next(bench for bench in BENCHES if bench.name == name)
