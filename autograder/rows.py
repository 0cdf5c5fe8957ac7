"""The rows of nbgrader's gradebook that belong to graded submissions, written as nbgrader's own steps write them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    GradeCell,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.converters import Autograde
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from autograder.classroom import Job
from autograder.marking import Marked

__all__ = ["MissingRows", "Paper", "save"]

Row = dict[str, Any]

ADVICE = "Run: nbgrader generate_assignment "


@dataclass(frozen=True)
class Paper:
    """A graded submission, as it is to be recorded.

    Attributes:
        job: what was graded.
        marked: the notebook with the findings, and the points.
        timestamp: when it was handed in, in UTC; None: not known.
    """

    job: Job
    marked: Marked
    timestamp: datetime | None = None


class MissingRows(Exception):
    """The gradebook does not know what was graded; the message says what to do."""


def save(db: Session, papers: Sequence[Paper], converter: Autograde) -> None:
    """Write the rows of submissions; what a person has entered there stays, and is asked for again.

    Args:
        db: an open transaction, which the caller commits.
        papers: the submissions.
        converter: gives the course's settings to nbgrader's late penalties.

    Raises:
        MissingRows: the assignment, or a cell of it, is not in this gradebook.
    """
    wanted = {paper.job.student for paper in papers}
    known = set(db.scalars(select(Student.id).where(Student.id.in_(wanted))))
    _insert(db, Student, [{"id": student} for student in sorted(wanted - known)])
    for name in sorted({paper.job.assignment for paper in papers}):
        _save_assignment(db, name, {p.job.student: p for p in papers if p.job.assignment == name}, converter)


def _save_assignment(db: Session, name: str, papers: Mapping[str, Paper], converter: Autograde) -> None:
    assignment, notebook = _find(db, name)
    submissions = _submissions(db, assignment, papers)
    notebooks = _notebooks(db, notebook, submissions)
    marked = {notebooks[student]: paper.marked for student, paper in papers.items()}
    cells = dict(_pairs(db, GradeCell.name, GradeCell.id, GradeCell.notebook_id == notebook.id))
    answers = dict(_pairs(db, SolutionCell.name, SolutionCell.id, SolutionCell.notebook_id == notebook.id))
    unknown = {
        name for one in marked.values() for name in (one.scores.keys() - cells) | (one.unanswered - answers.keys())
    }
    if unknown:
        raise MissingRows(f"the gradebook knows no cell {min(unknown)} of {name}. {ADVICE}{name} --force")
    _save_grades(db, cells, marked)
    _save_comments(db, answers, marked)
    _assign_late_penalties(db, assignment, submissions, notebooks, converter)


def _find(db: Session, name: str) -> tuple[Any, Any]:
    assignment = db.scalars(select(Assignment).where(Assignment.name == name)).one_or_none()
    notebooks = [] if assignment is None else assignment.notebooks
    if [notebook.name for notebook in notebooks] != [name]:
        raise MissingRows(f"the gradebook does not hold {name} with its one notebook. {ADVICE}{name} --force")
    return assignment, notebooks[0]


def _submissions(db: Session, assignment: Any, papers: Mapping[str, Paper]) -> dict[str, str]:
    """The id of each student's submission, which is made where there is none."""
    where = (SubmittedAssignment.assignment_id == assignment.id, SubmittedAssignment.student_id.in_(papers))
    known = dict(_pairs(db, SubmittedAssignment.student_id, SubmittedAssignment.id, *where))
    times = {student: paper.timestamp for student, paper in papers.items()}
    changed = [{"id": known[s], "timestamp": at} for s, at in times.items() if s in known and at is not None]
    _update(db, SubmittedAssignment, changed)
    new = {student: uuid4().hex for student in papers if student not in known}
    rows = [
        {"id": own, "assignment_id": assignment.id, "student_id": student, "timestamp": times[student]}
        for student, own in new.items()
    ]
    _insert(db, SubmittedAssignment, rows)
    return known | new


def _notebooks(db: Session, notebook: Any, submissions: Mapping[str, str]) -> dict[str, str]:
    """The id of each student's notebook."""
    ids = set(submissions.values())
    where = (SubmittedNotebook.notebook_id == notebook.id, SubmittedNotebook.assignment_id.in_(ids))
    known = dict(_pairs(db, SubmittedNotebook.assignment_id, SubmittedNotebook.id, *where))
    new = {whole: uuid4().hex for whole in ids if whole not in known}
    rows = [{"id": own, "assignment_id": whole, "notebook_id": notebook.id} for whole, own in new.items()]
    _insert(db, SubmittedNotebook, rows)
    return {student: (known | new)[whole] for student, whole in submissions.items()}


def _save_grades(db: Session, cells: Mapping[str, str], marked: Mapping[str, Marked]) -> None:
    """Points. Where a person has given some before, they stay, and the cell waits for that person once more."""
    query = select(Grade.notebook_id, Grade.cell_id, Grade.id, Grade.manual_score).where(Grade.notebook_id.in_(marked))
    known = {(notebook, cell): (own, manual) for notebook, cell, own, manual in db.execute(query)}
    changed, new = [], []
    for notebook, paper in marked.items():
        for name, cell in cells.items():
            score = paper.scores.get(name)
            own, manual = known.get((notebook, cell), (None, None))
            row = {"auto_score": score, "needs_manual_grade": score is None or manual is not None}
            if own is None:
                new.append({"notebook_id": notebook, "cell_id": cell, **row})
            elif name in paper.scores:
                changed.append({"id": own, **row})
    _update(db, Grade, changed)
    _insert(db, Grade, new)


def _save_comments(db: Session, cells: Mapping[str, str], marked: Mapping[str, Marked]) -> None:
    query = select(Comment.notebook_id, Comment.cell_id, Comment.id).where(Comment.notebook_id.in_(marked))
    known = {(notebook, cell): own for notebook, cell, own in db.execute(query)}
    changed, new = [], []
    for notebook, paper in marked.items():
        for name, cell in cells.items():
            row = {"auto_comment": "No response." if name in paper.unanswered else None}
            if (notebook, cell) in known:
                changed.append({"id": known[notebook, cell], **row})
            else:
                new.append({"notebook_id": notebook, "cell_id": cell, **row})
    _update(db, Comment, changed)
    _insert(db, Comment, new)


def _assign_late_penalties(
    db: Session, assignment: Any, submissions: Mapping[str, str], notebooks: Mapping[str, str], converter: Autograde
) -> None:
    """What nbgrader's step of this name does: none by default, or what the course's plugin says."""
    _update(db, SubmittedNotebook, [{"id": own, "late_submission_penalty": None} for own in notebooks.values()])
    if assignment.duedate is None:
        return
    step = AssignLatePenalties(parent=converter)
    step.init_plugin()
    query = select(SubmittedAssignment).where(SubmittedAssignment.id.in_(submissions.values()))
    for submission in db.scalars(query):
        late = submission.total_seconds_late
        if late > 0:
            notebook = db.get_one(SubmittedNotebook, notebooks[submission.student_id])
            penalty = step.plugin_inst.late_submission_penalty(submission.student_id, notebook.score, late)
            if penalty is not None:
                notebook.late_submission_penalty = step._check_late_penalty(notebook, penalty)


def _pairs(db: Session, key: Any, value: Any, *where: Any) -> Iterable[tuple[str, str]]:
    return [(row[0], row[1]) for row in db.execute(select(key, value).where(*where))]


def _insert(db: Session, table: Any, rows: list[Row]) -> None:
    if rows:
        db.execute(insert(table), rows)


def _update(db: Session, table: Any, rows: list[Row]) -> None:
    if rows:
        db.execute(update(table), rows)
