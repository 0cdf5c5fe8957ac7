"""What lies in a gradebook already, asked in one question."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import TextClause, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

__all__ = ["known_assignments", "recorded_scores", "shown"]

SCORES = text("""
    SELECT submission.student_id, assignment.name, SUM(COALESCE(grade.auto_score, 0))
    FROM submitted_assignment AS submission
    JOIN assignment ON assignment.id = submission.assignment_id
    JOIN submitted_notebook AS notebook ON notebook.assignment_id = submission.id
    JOIN grade ON grade.notebook_id = notebook.id
    GROUP BY submission.student_id, assignment.name
""")


ASSIGNMENTS = text("""
    SELECT DISTINCT assignment.name
    FROM assignment
    JOIN notebook ON notebook.assignment_id = assignment.id AND notebook.name = assignment.name
    JOIN base_cell ON base_cell.notebook_id = notebook.id
    JOIN grade_cells ON grade_cells.id = base_cell.id
""")


def recorded_scores(url: str) -> dict[tuple[str, str], float] | None:
    """The points that the grader has given, by student and assignment; None where the gradebook does not answer now."""
    rows = _answer(url, SCORES)
    return None if rows is None else {(student, assignment): float(points) for student, assignment, points in rows}


def known_assignments(url: str) -> set[str] | None:
    """The assignments that a gradebook holds, with their cells; None where the gradebook does not answer now."""
    rows = _answer(url, ASSIGNMENTS)
    return None if rows is None else {name for (name,) in rows}


def _answer(url: str, question: TextClause) -> Sequence[Any] | None:
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database and not Path(address.database).is_file():
        return []  # to ask would make an empty one
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            return connection.execute(question).fetchall()
    except ProgrammingError:  # PostgreSQL has no such tables yet
        return []
    except OperationalError as problem:
        return [] if "no such table" in str(problem) else None
    finally:
        engine.dispose()


def shown(url: str) -> str:
    """A gradebook's address as a person may read it: without the password; of a file its path.

    >>> shown("sqlite:////courses/2026/gradebook.db"), shown("postgresql+psycopg://anna:secret@localhost/grades")
    ('/courses/2026/gradebook.db', 'postgresql+psycopg://anna:***@localhost/grades')
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        return address.database
    return address.render_as_string(hide_password=True)
