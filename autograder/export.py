"""nbgrader export plugins. A cell that a spreadsheet would run as a formula is written as text."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins.export import ExportPlugin

__all__ = ["CsvExporter", "harmless"]

COLUMNS = (
    "assignment",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "timestamp",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
    "needs_manual_grade",
)


class CsvExporter(ExportPlugin):  # type: ignore[misc]  # nbgrader publishes no types
    """One line per student and assignment, quoted as CSV wants it (nbgrader's own export joins strings unquoted)."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the grades to `--to`, by default grades.csv. A student who handed nothing in has an empty score."""
        path = Path(self.to or "grades.csv")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(self._rows(gradebook))

    def _rows(self, gradebook: Gradebook) -> Iterator[list[Any]]:
        for assignment in sorted(gradebook.assignments, key=lambda assignment: assignment.name):
            if self.assignment and assignment.name not in self.assignment:
                continue
            for student in sorted(gradebook.students, key=lambda student: student.id):
                if self.student and student.id not in self.student:
                    continue
                who = [assignment.name, student.id, student.last_name, student.first_name, student.email]
                yield [harmless(value) for value in [*who, *self._scores(gradebook, assignment, student)]]

    def _scores(self, gradebook: Gradebook, assignment: Any, student: Any) -> list[Any]:
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            return ["", "", "", "", assignment.max_score, ""]
        penalty = submission.late_submission_penalty or 0.0
        score = max(0.0, submission.score - penalty)
        waiting = "yes" if submission.needs_manual_grade else "no"
        return [submission.timestamp, submission.score, penalty, score, submission.max_score, waiting]


def harmless(value: Any) -> Any:
    """A value as it may stand in a CSV file that is opened in a spreadsheet.

    >>> harmless("=HYPERLINK(1)"), harmless(-1.5), harmless(None)
    ("'=HYPERLINK(1)", -1.5, '')
    """
    if value is None:
        return ""
    if isinstance(value, str) and (value.startswith(("\t", "\r")) or value.lstrip().startswith(("=", "+", "-", "@"))):
        return f"'{value}"
    return value
