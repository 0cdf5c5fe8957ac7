"""What is asked of a student's process, and how its replies are read: the trusted side of the border.

A job is a list of requests to one process: first the speed baseline, while nothing of the student's is there yet; then
the code to load; then case after case. There are two kinds. The joint job asks all exercises of a process that loads
the code once and forks for each of them; that is cheap, and ends where one of them crashes or breaks a limit. A single
job asks one exercise of a process of its own. Replies are untrusted: what is not of the right form counts as no answer,
and the compiled code, which the student's text may have had a hand in, is handed on unread to where it runs anyway.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import islice

import numpy as np

from autograder.sandbox import ON_DEMAND, Ending, Limits, Outcome, Reply, Sandbox, SandboxFailure
from autograder.submission import Submission
from cs231n_utils.checking import REPEATS
from cs231n_utils.checking.calls import Call, Record, checked_record
from cs231n_utils.checking.key import Case, ExerciseKey, Speed
from cs231n_utils.checking.values import Value, ValueFormatError, pack, unpack
from cs231n_utils.checking.verdict import Answer, Finding, Status

__all__ = [
    "Code",
    "Question",
    "Replies",
    "answers",
    "compile_request",
    "compiled",
    "imported",
    "joint_job",
    "joint_outcomes",
    "load_problem",
    "load_request",
    "question",
    "record_of",
    "run",
    "run_request",
    "sort_replies",
]

PATIENCE = 3
"""How many times the time there is for who was stopped without having had the processor for half of it."""

BASELINE_CALLS = 500  # calls of np.max that the speed baseline is measured on, then scaled up
LARGEST_JSON = 4 * 2**20  # bytes of a reply that are not arrays: read, they become twenty times as many
END = pack({"do": "end"})  # of a fork


@dataclass(frozen=True)
class Code:
    """A submission's code, compiled.

    Attributes:
        name: of the module that it becomes.
        data: bytes that only a student's process ever reads.
        modules: what it seems to import that the sandbox should have imported before.
    """

    name: str
    data: np.ndarray = field(repr=False)
    modules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """An exercise as it is asked: its key, and the requests that are the same for every submission."""

    key: ExerciseKey
    baseline: tuple[bytes, ...] = field(repr=False)
    cases: tuple[bytes, ...] = field(repr=False)

    def job(self, code: Code) -> list[bytes]:
        """The requests to a process of its own."""
        return [*self.baseline, load_request(code.name, code, self.key.functions), *self.cases]

    @cached_property
    def forked_job(self) -> list[bytes]:
        """The requests to a process that has loaded the submission: answered by a fork of it, which then ends."""
        return [pack({"do": "fork", "functions": list(self.key.functions)}), *self.cases, END]


@dataclass(frozen=True)
class Replies:
    """A job's replies, sorted by what they answer. A process that ended early leaves the last ones out."""

    baseline: list[Reply]
    loaded: Reply | None
    cases: list[Reply | None]


def run(sandbox: Sandbox, requests: Sequence[bytes], limits: Limits, modules: Sequence[str] = ()) -> Outcome:
    """Run a job. A failure of ours is tried once more; so is, with more time, what a busy machine may have held up."""
    try:
        outcome = sandbox.run(requests, limits, modules=modules)
    except SandboxFailure:
        outcome = sandbox.run(requests, limits, modules=modules)
    if not outcome.idle:
        return outcome
    seconds = {name: PATIENCE * getattr(limits, name) for name in ("request_seconds", "total_seconds")}
    return sandbox.run(requests, replace(limits, **seconds), modules=modules)


def compile_request(submission: Submission) -> bytes:
    """Compile the submission's code, and execute nothing of it."""
    return pack({"do": "compile", "cells": [asdict(cell) for cell in submission.cells]})


def compiled(submission: Submission, replies: Sequence[Reply]) -> Code | None:
    """The reply to `compile_request`; None where there is none."""
    try:
        data = unpack(replies[0].data)["code"]
    except (IndexError, KeyError, TypeError, ValueFormatError):
        return None
    return Code(submission.module_name, data, imported(submission)) if isinstance(data, np.ndarray) else None


def imported(submission: Submission) -> tuple[str, ...]:
    """Which modules that take long to import the code seems to need, by the look of its text."""
    text = "\n".join(cell.source for cell in submission.cells)
    return tuple(module for module in ON_DEMAND if all(name in text for name in module.split(".")))


def joint_job(submission: Submission, questions: Sequence[Question]) -> list[bytes]:
    """The requests to one process that asks it for everything."""
    job = [request for baseline in _baselines(questions) for request in baseline]
    job += [compile_request(submission), load_request(submission.module_name)]
    return job + [request for question in questions for request in question.forked_job]


def joint_outcomes(
    submission: Submission, questions: Sequence[Question], outcome: Outcome
) -> tuple[Code | None, dict[str, Outcome]]:
    """The replies to `joint_job`: the compiled code, and for each exercise that came to its end what its job gives."""
    replies = iter(outcome.replies)
    baselines = {baseline: tuple(islice(replies, len(baseline))) for baseline in _baselines(questions)}
    code = compiled(submission, list(islice(replies, 1)))
    next(replies, None)  # to the request to load: each exercise is told so itself
    outcomes = {}
    for question in questions:
        answered = tuple(islice(replies, len(question.forked_job)))
        if len(answered) == len(question.forked_job):
            own = (*baselines.get(question.baseline, ()), *answered[:-1])
            outcomes[question.key.name] = Outcome(own, Ending.FINISHED, "finished", "")
    return code, outcomes


def _baselines(questions: Sequence[Question]) -> list[tuple[bytes, ...]]:
    """The speed baselines that are asked for, each once."""
    return list(dict.fromkeys(question.baseline for question in questions if question.baseline))


def question(key: ExerciseKey) -> Question:
    """The requests for one exercise."""
    speed = _speed(key)
    windows = [pack({"do": "windows", "window": list(speed.window), "calls": BASELINE_CALLS})] if speed else []
    # Each case is asked once, a timed one too: who is asked again may remember, or answer anything as fast as can be.
    runs = tuple(run_request(key.plan(case), case.inputs) for case in key.cases)
    return Question(key, tuple(windows * REPEATS), runs)


def load_request(name: str, code: Code | None = None, functions: Sequence[str] = ()) -> bytes:
    """Execute a submission's code, or what has just been compiled; say which of the functions are missing."""
    return pack({"do": "load", "name": name, "code": code and code.data, "functions": list(functions)})


def run_request(calls: Sequence[Call], inputs: dict[str, Value]) -> bytes:
    """Call the student's functions on these inputs."""
    return pack({"do": "run", "calls": [asdict(call) for call in calls], "inputs": inputs})


def sort_replies(key: ExerciseKey, outcome: Outcome) -> Replies:
    """Sort the replies to `job`."""
    replies = list(outcome.replies)
    count = REPEATS if _speed(key) else 0
    baseline, rest = replies[:count], replies[count:]
    loaded = rest.pop(0) if rest else None
    return Replies(baseline, loaded, [*rest, *[None] * (len(key.cases) - len(rest))])


def answers(key: ExerciseKey, outcome: Outcome) -> list[Answer]:
    """One answer for each case of the key; where the process did not get there, what ended it."""
    replies = sort_replies(key, outcome)
    when = "" if replies.loaded else " while the submission was loaded"
    return [
        _answer(case, reply, replies.baseline) if reply else _no_answer(outcome, when)
        for case, reply in zip(key.cases, replies.cases, strict=True)
    ]


def record_of(reply: Reply) -> Record | None:
    """The record in a reply; None where it holds none."""
    try:
        return checked_record(unpack(reply.data, LARGEST_JSON))
    except ValueFormatError:
        return None


def load_problem(key: ExerciseKey, outcome: Outcome) -> Finding | None:
    """What keeps an exercise from being called: a function is not there, perhaps because a cell failed."""
    loaded = sort_replies(key, outcome).loaded
    if loaded is None:
        return None
    try:
        reply = unpack(loaded.data, LARGEST_JSON)
        missing = [str(name)[:100] for name in reply["missing"]]
        problems = [(str(p["cell"])[:100], str(p["grade_id"]), str(p["message"])[:1000]) for p in reply["problems"]]
    except (ValueFormatError, TypeError, KeyError, IndexError):
        return Finding("the submission", Status.CRASHED, "the submission's code broke the loading of it")
    if not missing:
        return None
    name = key.name if key.name in missing else missing[0]
    # The function's own cell comes first; failing that a cell of the student's own, or a Python file's only one.
    for cell, grade_id, message in sorted(problems, key=lambda problem: problem[1] != name):
        if grade_id in (name, ""):
            return Finding("the submission", Status.CRASHED, f"{name} is not defined, because {cell} failed: {message}")
    needs = "" if name == key.name else f", and {key.name} is called with it"
    return Finding("the submission", Status.MISSING, f"{name} is not defined anywhere in the submission{needs}")


def _answer(case: Case, reply: Reply, baseline: Sequence[Reply]) -> Answer:
    record = record_of(reply)
    if record is None:
        return Answer(None, status=Status.CRASHED, detail="the answer cannot be read")
    scaled = None
    if case.speed:
        scaled = min(windows.seconds for windows in baseline) * case.speed.windows / BASELINE_CALLS
    return Answer(record, reply.seconds, scaled)


def _no_answer(outcome: Outcome, when: str) -> Answer:
    statuses = {Ending.TIMED_OUT: Status.TIMED_OUT, Ending.OUT_OF_MEMORY: Status.OUT_OF_MEMORY}
    return Answer(None, status=statuses.get(outcome.ending, Status.CRASHED), detail=outcome.detail + when)


def _speed(key: ExerciseKey) -> Speed | None:
    return next((case.speed for case in key.cases if case.speed), None)
