"""One run over a class: what is new is graded and recorded, what has not changed is not even read.

Values flow one way: files that look new become jobs, jobs become reports, reports are recorded in batches, and then
noted in the register. A run may be killed between any two of these steps: what was not noted is looked at again, a
report that was kept is not made again, and what was recorded is recorded over itself.
"""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.classroom import IN_FLIGHT, Job, grade_class
from autograder.coursedir import STATE, ClassFolder, Handed, report_store
from autograder.grading import Report
from autograder.limits import CourseLimits
from autograder.recorded import recorded_scores
from autograder.register import Known, Line, Register, signature
from cs231n_utils.checking.verdict import Status

if TYPE_CHECKING:
    from autograder.recording import ByNbgrader, Recorder

__all__ = ["ClassRun", "line_of"]

BATCH = 64
"""Submissions in a transaction."""

BATCH_BYTES = 64 * 2**20

BATCH_SECONDS = 5.0
"""The longest time that a graded submission waits for its batch."""


class ClassRun:
    """Grades the submissions of some assignments, by one student or by all.

    Attributes:
        todo: what looks new, or different from what lies in the gradebook.
        lines: one for each submission that is done; those that have not changed stand there from the start.
        problems: what went wrong with the grader, a sentence each.
    """

    def __init__(
        self,
        course: ClassFolder,
        assignments: list[str],
        student: str | None = None,
        sandbox: str = "auto",
        force: bool = False,
    ) -> None:
        self.course = course
        self.todo: list[Handed] = []
        self.lines: list[Line] = []
        self.problems: list[str] = []
        self._force = force
        self._sandbox = sandbox
        self._limits: CourseLimits = course.limits
        self._register = Register(course.root / STATE / "register.db", course.gradebook)
        self._known = self._register.read()
        self._signatures: dict[tuple[str, str], str] = {}
        self._look(assignments, student)

    def grade(self, executor: Executor, in_flight: int = IN_FLIGHT) -> Iterator[Line]:
        """Grade and record; yields each submission's line when it is graded."""
        if not self.todo:
            return
        from autograder.recording import recorder  # imports nbgrader, which takes a second

        writer = recorder(self.course)
        batch: list[tuple[Job, Report]] = []
        begun = time.monotonic()
        try:
            for job, report in grade_class(
                self._jobs(), executor, report_store(self.course.root), self._force, in_flight
            ):
                line = line_of(job, report)
                if Status.GRADER_ERROR in report.statuses:
                    self.problems.append(f"{job.student}, {job.assignment}: {line.message} Grade again.")
                    self.lines.append(line)
                else:
                    batch.append((job, report))
                full = len(batch) >= BATCH or sum(len(job.data) for job, _ in batch) > BATCH_BYTES
                if full or time.monotonic() - begun > BATCH_SECONDS:
                    self._record(writer, batch)
                    batch, begun = [], time.monotonic()
                yield line
        finally:  # an interrupt, too, finds what is graded recorded
            self._record(writer, batch)
            writer.close()

    def _look(self, assignments: list[str], student: str | None) -> None:
        """Sort what was handed in into done and to do."""
        scores = recorded_scores(self.course.gradebook)
        for handed in self.course.submissions(assignments, student):
            who = (handed.student, handed.assignment)
            known = self._known.get(who)
            looks = signature(handed.path.parent) or ""
            self._signatures[who] = looks
            if known is not None and looks and looks == known.signature and self._is_current(handed, known, scores):
                self.lines.append(known.line)
            else:
                self.todo.append(handed)

    def _is_current(self, handed: Handed, known: Known, scores: dict[tuple[str, str], float] | None) -> bool:
        """Does what lies in the gradebook come from this submission, and from today's exercises and settings?"""
        if self._force or not self._marked_path(handed).is_file():
            return False
        who = (handed.student, handed.assignment)
        if scores is not None and abs(scores.get(who, -1.0) - known.line.score) > 1e-6:
            return False
        job = Job(*who, handed.path.name, b"", self.course.seed, self._sandbox, self._limits)
        return job.fingerprint_of(known.digest) == known.fingerprint

    def _marked_path(self, handed: Handed) -> Path:
        return self.course.root / "autograded" / handed.student / handed.assignment / handed.path.name

    def _jobs(self) -> Iterator[Job]:
        for handed in self.todo:
            try:
                yield self.course.job(handed, self._sandbox, self._limits)
            except OSError as problem:
                self.problems.append(f"{handed.student}, {handed.assignment}: {handed.path} cannot be read: {problem}")

    def _record(self, writer: "Recorder | ByNbgrader", batch: list[tuple[Job, Report]]) -> None:
        """Record a batch; then, and only then, remember it."""
        if not batch:
            return
        problems = writer.record(batch)
        known = []
        for job, report in batch:
            line = line_of(job, report)
            self.lines.append(line)
            who = (job.student, job.assignment)
            if who in problems:
                self.problems.append(f"{job.student}, {job.assignment}: graded, but not recorded: {problems[who]}")
            else:
                known.append(Known(self._signatures[who], job.digest, job.fingerprint, line))
        try:
            self._register.note(known)
        except sqlite3.Error as problem:
            self.problems.append(
                f"{len(known)} submissions are recorded, but could not be noted ({problem}): they will be again."
            )


def line_of(job: Job, report: Report) -> Line:
    """A submission's line in the class's table."""
    wrong = (f for e in report.exercises for f in e.findings if f.status not in (Status.PASSED, Status.REMARK))
    finding = next(wrong, None)
    return Line(
        job.student,
        job.assignment,
        report.score,
        report.max_score,
        sum(exercise.status is Status.PASSED for exercise in report.exercises),
        len(report.exercises),
        tuple(sorted(report.statuses)),
        "" if finding is None else finding.title or finding.message,
    )
