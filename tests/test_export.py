"""Grades as CSV: what stands in the gradebook comes back out of the file, and no cell of it is a formula."""

import csv
import shutil
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from traitlets.config import Config

from autograder.export import COLUMNS, CsvExporter, harmless

FORMULA = ("=", "+", "-", "@", "\t", "\r")


# --- one cell ---


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "+1",
        "-1",
        "@SUM(A1)",
        " =1+1",
        "\t=1+1",
        "\tplain",
        "\rplain",
        "\n=1+1",
        "\u00a0=1",
    ],
)
def test_formulas_become_text(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Anna", "O'Neill", "a=b", "a-b", "", "1", -1.5, 0, 3, True, 'a "b", c', "é\n="])
def test_the_rest_stays(value):
    assert harmless(value) == value
    assert type(harmless(value)) is type(value)


def test_nothing_is_an_empty_cell():
    assert harmless(None) == ""


@settings(deadline=None)
@given(st.text() | st.text("=+-@\t\r\n '\"a"))
def test_no_text_is_a_formula(text):
    cell = harmless(text)
    assert not cell.startswith(FORMULA)
    assert not cell.lstrip().startswith(FORMULA)
    assert cell in (text, f"'{text}")


# --- a file ---

STUDENTS = {
    "anna": {"last_name": 'O\'Neill, "the" first', "first_name": "Anna\nMaria", "email": "anna@example.org"},
    "bert": {"last_name": '=HYPERLINK("http://x")', "first_name": "@Bert", "email": "+49"},
    "césar": {"last_name": "Žižek", "first_name": "\u202eraséC", "email": ""},
    "zoe": {"last_name": None, "first_name": None, "email": None},
}


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """Two assignments; anna handed in the first one, late, with 2 points by hand and 4 by the grader."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(action="ignore"):  # SQLAlchemy's, in nbgrader
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")  # nbgrader starts alembic by name
        assert shutil.which("alembic")
        with Gradebook(f"sqlite:///{path}") as book:
            for name in ("02_pooling", "03_batchnorm"):
                book.add_assignment(name)
                book.add_notebook(name, name)
                book.add_grade_cell("points", name, name, max_score=6, cell_type="code")
            for student, names in STUDENTS.items():
                book.add_student(student, **names)
            submission = book.add_submission("02_pooling", "anna")
            submission.notebooks[0].late_submission_penalty = 1.5
            grade = book.find_grade("points", "02_pooling", "02_pooling", "anna")
            grade.auto_score, grade.manual_score, grade.needs_manual_grade = 4, None, True
            second = book.add_submission("03_batchnorm", "bert")
            second.notebooks[0].late_submission_penalty = 9
            book.find_grade("points", "03_batchnorm", "03_batchnorm", "bert").auto_score = 3
            book.db.commit()
            yield book


def exported(gradebook, path, **options):
    exporter = CsvExporter(config=Config(CsvExporter=options | {"to": str(path)}))
    with warnings.catch_warnings(action="ignore"):
        exporter.export(gradebook)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def rows(gradebook, tmp_path_factory):
    return exported(gradebook, tmp_path_factory.mktemp("export") / "grades.csv")


def test_one_line_per_assignment_and_student(rows):
    expected = [(name, student) for name in ("02_pooling", "03_batchnorm") for student in STUDENTS]
    assert [(row["assignment"], row["student_id"]) for row in rows] == expected
    assert all(tuple(row) == COLUMNS for row in rows)


def test_names_come_back_whole(rows):
    for row in rows:
        for name, value in STUDENTS[row["student_id"]].items():
            assert row[name] in (value or "", f"'{value}")


def test_no_cell_of_the_file_is_a_formula(rows):
    cells = [cell for row in rows for cell in row.values()]
    assert "'@Bert" in cells
    assert not [cell for cell in cells if cell.startswith(FORMULA)]


def test_scores(rows):
    anna, bert = rows[0], rows[5]
    assert (anna["raw_score"], anna["late_submission_penalty"], anna["score"]) == ("4.0", "1.5", "2.5")
    assert (anna["max_score"], anna["needs_manual_grade"]) == ("6.0", "yes")
    assert (bert["raw_score"], bert["score"]) == ("3.0", "0.0")  # a penalty never makes it negative


def test_who_handed_nothing_in_has_an_empty_score_and_not_a_zero(rows):
    assert [(row["score"], row["max_score"]) for row in rows[1:4]] == [("", "6.0")] * 3


def test_chosen_assignments_and_students(gradebook, tmp_path):
    chosen = exported(gradebook, tmp_path / "grades.csv", assignment=["03_batchnorm"], student=["anna", "zoe"])
    assert [(row["assignment"], row["student_id"]) for row in chosen] == [
        ("03_batchnorm", "anna"),
        ("03_batchnorm", "zoe"),
    ]
