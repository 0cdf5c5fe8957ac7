"""One submission in, one Report out: a pure function of the submission's bytes, the exercises and a seed.

In the sandbox one process loads the submission's code and answers each exercise in a fork; full marks from there are
full marks. An exercise that has less is asked once more, in a process with nothing else in it, and that is what counts:
so no exercise can cost another one its points. What was answered is judged when the process is dead. The references,
and what is right, never leave this side.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from autograder.dependencies import exercise_fingerprint
from autograder.exercises import Assignment, Exercise
from autograder.experiments import released
from autograder.follow_through import follow_through
from autograder.jobs import (
    Code,
    Question,
    answers,
    compile_request,
    compiled,
    imported,
    joint_job,
    joint_outcomes,
    load_problem,
    question,
    run,
)
from autograder.keys import make_key, with_mistakes
from autograder.limits import CourseLimits
from autograder.sandbox import Ending, Limits, Outcome, Sandbox, SandboxFailure
from autograder.submission import Submission, UngradableError, read
from cs231n_utils.checking.key import ExerciseKey
from cs231n_utils.checking.verdict import Finding, Status, Verdict, judge

__all__ = ["Report", "failed_report", "grade", "made_from", "select"]

TIMED_ATTEMPTS = 3
"""How often a right but slow answer is measured alone, in processes of their own; once fast enough is fast enough."""

Chosen = tuple[Assignment, Exercise]


@dataclass(frozen=True)
class Report:
    """How one submission did.

    Attributes:
        submission: the file's name.
        assignment: which one it answers.
        sandbox: where it ran.
        seconds: how long it took.
        exercises: how each of them did.
        made_from: by exercise, a hash of what its verdict depends on; that is for `ReportStore`, and no part of JSON.
    """

    submission: str
    assignment: str
    sandbox: str
    seconds: float
    exercises: tuple[Verdict, ...]
    made_from: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def score(self) -> float:
        """The points of all exercises together."""
        return round(sum(exercise.points for exercise in self.exercises), 6)

    @property
    def max_score(self) -> float:
        """The points that could be had."""
        return sum(exercise.max_points for exercise in self.exercises)

    @property
    def statuses(self) -> set[Status]:
        """How the exercises ended."""
        return {exercise.status for exercise in self.exercises}

    def to_json(self) -> dict[str, Any]:
        """The report as JSON, in the form that the command line promises; `from_json` is the inverse."""
        return {
            "submission": self.submission,
            "assignment": self.assignment,
            "score": self.score,
            "max_score": self.max_score,
            "sandbox": self.sandbox,
            "seconds": round(self.seconds, 3),
            "exercises": [exercise.to_value() for exercise in self.exercises],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Report":
        """Read what `to_json` wrote."""
        exercises = tuple(Verdict.from_value(exercise) for exercise in data["exercises"])
        return cls(data["submission"], data["assignment"], data["sandbox"], data["seconds"], exercises)


def select(submission: Submission, assignments: Iterable[Assignment]) -> list[Chosen]:
    """Which exercises a submission answers: all of its notebook's, or those whose function a Python file defines."""
    known = [(assignment, exercise) for assignment in assignments for exercise in assignment.exercises]
    defined = [(assignment, exercise) for assignment, exercise in known if submission.defines(exercise.name)]
    if not submission.is_notebook:
        return defined
    here = {cell.grade_id for cell in submission.cells}
    by_cells = [assignment for assignment, exercise in known if exercise.name in here]
    by_names = [assignment for assignment, _ in defined]
    votes = by_cells or by_names
    if not votes:
        return []
    winner = max(votes, key=votes.count)
    return [(winner, exercise) for exercise in winner.exercises]


def grade(
    data: bytes,
    name: str,
    assignments: Sequence[Assignment],
    sandbox: Sandbox,
    seed: int,
    limits: Limits | CourseLimits | None = None,
    only: Assignment | None = None,
    known: Sequence[Verdict] = (),
) -> Report:
    """Grade one submission.

    Args:
        data: the submitted file's content.
        name: its name.
        assignments: those it may belong to.
        sandbox: where the student's code runs.
        seed: what the hidden cases are drawn from.
        limits: of each exercise's process; those of a course may hold some for single exercises.
        only: the assignment, where it is known; else it is found from the submission.
        known: verdicts on this submission that still hold: these exercises are not asked again.

    Raises:
        UngradableError: the submission is broken, and nothing tells which assignment it was for.
    """
    start = time.perf_counter()
    rules = limits if isinstance(limits, CourseLimits) else CourseLimits(limits or Limits())
    check_cells = [exercise.check_cell for assignment in assignments for exercise in assignment.exercises]
    experiments = frozenset[str]().union(*(released(assignment.name) for assignment in assignments))
    try:
        submission = read(data, name, check_cells, experiments)
        chosen = [(only, exercise) for exercise in only.exercises] if only else select(submission, assignments)
        if not chosen:
            raise UngradableError(
                f"{submission.name} answers no exercise that is known here: neither its cells nor its functions have "
                "the name of one. Name the assignment with --assignment, or hand in the course's notebook."
            )
    except UngradableError as problem:
        if only is None:
            raise
        return failed_report(name, only, sandbox.name, Status.UNGRADABLE, str(problem))
    verdicts = {verdict.name: verdict for verdict in known}
    left = [(assignment, exercise) for assignment, exercise in chosen if exercise.name not in verdicts]
    if left:
        verdicts |= _grade_exercises(submission, left, sandbox, seed, rules, verdicts)
    names = dict.fromkeys(assignment.name for assignment, _ in chosen)
    in_order = tuple(verdicts[exercise.name] for _, exercise in chosen)
    sources = {exercise.name: made_from(assignment, exercise, seed) for assignment, exercise in chosen}
    return Report(name, ", ".join(names), sandbox.name, time.perf_counter() - start, in_order, sources)


def failed_report(name: str, assignment: Assignment, sandbox: str, status: Status, message: str) -> Report:
    """The report on a submission of which no exercise could be graded."""
    finding = Finding("the grader" if status is Status.GRADER_ERROR else "the submission", status, message)
    verdicts = (Verdict(e.name, status, 0.0, e.points, (finding,)) for e in assignment.exercises)
    return Report(name, assignment.name, sandbox, 0.0, tuple(verdicts))


@lru_cache(maxsize=256)
def made_from(assignment: Assignment, exercise: Exercise, seed: int) -> str:
    """A hash of what a verdict depends on, beside the submission, its sandbox and its limits."""
    return exercise_fingerprint(assignment, exercise, lambda one: _question(assignment, one, seed).key)


@lru_cache(maxsize=256)
def _question(assignment: Assignment, exercise: Exercise, seed: int) -> Question:
    return question(make_key(assignment, exercise, seed))


@lru_cache(maxsize=256)
def _key_with_mistakes(assignment: Assignment, exercise: Exercise, seed: int) -> ExerciseKey:
    return with_mistakes(assignment, exercise, _question(assignment, exercise, seed).key)


def _grade_exercises(
    submission: Submission,
    chosen: Sequence[Chosen],
    sandbox: Sandbox,
    seed: int,
    limits: CourseLimits,
    known: Mapping[str, Verdict],
) -> dict[str, Verdict]:
    """The verdicts on these exercises; those on others may be known already."""
    questions = [_question(assignment, exercise, seed) for assignment, exercise in chosen]
    try:
        code, together = _ask_together(submission, questions, sandbox, limits)
        if code is None:
            outcome = run(sandbox, [compile_request(submission)], limits.course)
            code = compiled(submission, outcome.replies)
    except SandboxFailure as problem:
        return {exercise.name: _not_graded(exercise, problem) for _, exercise in chosen}
    if code is None:  # what stopped the compiler would stop it again, and so stops every exercise
        if outcome.ending is Ending.FINISHED:
            outcome = replace(outcome, ending=Ending.CRASHED, detail="the code could not be compiled")
        return {asked.key.name: _judge(asked.key, replace(outcome, replies=())) for asked in questions}
    verdicts = dict(known)
    for assignment, exercise in chosen:
        answered, forward = together.get(exercise.name), verdicts.get(exercise.forward)
        try:
            own = limits.of(exercise.name)
            verdict = _grade_exercise(code, assignment, exercise, sandbox, seed, own, forward, answered)
        except SandboxFailure as problem:
            verdict = _not_graded(exercise, problem)
        verdicts[exercise.name] = verdict
    return verdicts


def _ask_together(
    submission: Submission, questions: Sequence[Question], sandbox: Sandbox, limits: CourseLimits
) -> tuple[Code | None, dict[str, Outcome]]:
    """Ask all exercises in one job, within the limits of a single one; those with limits of their own are left out."""
    questions = [asked for asked in questions if limits.of(asked.key.name) == limits.course]
    if not questions:  # then nobody needs the code loaded
        return None, {}
    try:
        outcome = sandbox.run(joint_job(submission, questions), limits.course, modules=imported(submission))
    except SandboxFailure:
        return None, {}
    return joint_outcomes(submission, questions, outcome)


def _grade_exercise(
    code: Code,
    assignment: Assignment,
    exercise: Exercise,
    sandbox: Sandbox,
    seed: int,
    limits: Limits,
    forward: Verdict | None,
    answered: Outcome | None,
) -> Verdict:
    asked = _question(assignment, exercise, seed)
    outcome, verdict = _answered(asked, code, sandbox, limits, answered)
    key = asked.key
    if any(f.status in (Status.FAILED, Status.CRASHED, Status.REMARK) for f in verdict.findings):
        key = _key_with_mistakes(assignment, exercise, seed)
        verdict = _judge(key, outcome)
    if exercise.follow_through and verdict.points == 0 and forward and forward.status != Status.PASSED:
        verdict = follow_through(code, exercise, key, verdict, outcome, sandbox, seed, limits)
    return verdict


def _answered(
    asked: Question, code: Code, sandbox: Sandbox, limits: Limits, together: Outcome | None
) -> tuple[Outcome, Verdict]:
    """What an exercise was answered, and the verdict: what came of asking all together counts where it is all right."""
    if together is not None:
        verdict = _judge(asked.key, together, explain_why=False)
        if verdict.status is Status.PASSED:
            return together, verdict
    requests = asked.job(code)
    for _ in range(TIMED_ATTEMPTS):
        outcome = run(sandbox, requests, limits, code.modules)
        verdict = _judge(asked.key, outcome, explain_why=False)
        if not _only_too_slow(asked.key, verdict):
            break
    return outcome, verdict


def _not_graded(exercise: Exercise, problem: SandboxFailure) -> Verdict:
    finding = Finding("the grader", Status.GRADER_ERROR, f"the grader failed, not the submission: {problem}")
    return Verdict(exercise.name, Status.GRADER_ERROR, 0.0, exercise.points, (finding,))


def _only_too_slow(key: ExerciseKey, verdict: Verdict) -> bool:
    """Right, but too slow: on a busy machine that may be the machine's fault, so that it is measured again."""
    wrong = {finding.case for finding in verdict.findings if finding.status not in (Status.PASSED, Status.REMARK)}
    return bool(wrong) and wrong <= {case.label for case in key.cases if case.speed}


def _judge(key: ExerciseKey, outcome: Outcome, explain_why: bool = True) -> Verdict:
    problem = load_problem(key, outcome)
    if problem is not None:
        return Verdict(key.name, problem.status, 0.0, key.points, (problem,))
    given = answers(key, outcome)
    verdict = judge(key, given, explain_why)
    if outcome.ending is Ending.FINISHED:
        return verdict
    # What ended the process is said once, on the case at which it happened; the cases after it were not reached.
    reached = next((i for i, answer in enumerate(given) if answer.record is None), len(given))
    findings = verdict.findings[: reached + 1]
    return replace(verdict, findings=findings, status=verdict.status if verdict.points else findings[-1].status)
