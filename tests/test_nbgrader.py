"""A course directory from the empty folder to feedback and grades, by our commands and by nbgrader's own."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

pytestmark = [pytest.mark.sandbox, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

SAMPLE_CLASS = Path(__file__).parent / "data" / "sample_class"
STUDENTS = {"loops": 52.0, "assigns": 32.0, "cells_moved": 52.0, "no_cells": 0.0, "truncated": 0.0}
BIN = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path, code: int = 0) -> str:
    env = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def scores(folder: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions("02_pooling")}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, bubblewrap: None) -> Path:
    """A course directory with five submissions, one of them with HTML that must not run, graded by our command."""
    folder = tmp_path_factory.mktemp("course") / "my course"
    run(BIN / "autograder", "init", folder, cwd=folder.parent)
    for student in STUDENTS:
        shutil.copytree(SAMPLE_CLASS / student / "02_pooling", folder / "submitted" / student / "02_pooling")
    path = folder / "submitted" / "loops" / "02_pooling" / "02_pooling.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell("Hello <script>alert('markdown')</script>"))
    html = nbformat.v4.new_output("display_data", data={"text/html": "<script>alert('output')</script>"})
    script = nbformat.v4.new_output("display_data", data={"application/javascript": "alert('javascript')"})
    notebook.cells.insert(1, nbformat.v4.new_code_cell("1", outputs=[html, script]))
    nbformat.write(notebook, path)
    (folder / "submitted" / "misnamed" / "02_pooling").mkdir(parents=True)
    shutil.copy(path, folder / "submitted" / "misnamed" / "02_pooling" / "02_pooling (1).ipynb")
    said = run(BIN / "autograder", "grade", folder, "--assignment", "02_pooling", cwd=folder.parent)
    assert "misnamed handed in no 02_pooling.ipynb; found 02_pooling (1).ipynb" in said
    return folder


def test_scores_are_in_the_gradebook(course: Path) -> None:
    assert scores(course) == STUDENTS


def test_answers_in_own_words_wait_for_a_person(course: Path) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        waiting = {s.student.id: s.needs_manual_grade for s in gradebook.assignment_submissions("02_pooling")}
    assert not waiting["no_cells"]  # nothing was written, so nothing waits
    assert waiting["loops"]


def test_nbgrader_comes_to_the_same_scores(course: Path) -> None:
    """By its own command, with nothing of ours kept from before."""
    shutil.rmtree(course / ".autograder" / "reports")
    shutil.rmtree(course / "submitted" / "misnamed")  # it has no notebook of the right name, which nbgrader fails on
    run(BIN / "nbgrader", "autograde", "02_pooling", "--force", cwd=course)
    assert scores(course) == STUDENTS


def test_what_has_not_changed_is_not_graded_again(course: Path) -> None:
    run(BIN / "autograder", "grade", course, cwd=course)
    autograded = course / "autograded" / "assigns" / "02_pooling" / "02_pooling.ipynb"
    before = autograded.stat().st_mtime_ns
    run(BIN / "autograder", "grade", course, cwd=course)
    assert autograded.stat().st_mtime_ns == before


def test_autograded_notebooks_hold_every_graded_cell_once(course: Path) -> None:
    release = nbformat.read(course / "release" / "02_pooling" / "02_pooling.ipynb", as_version=4)
    wanted = sorted(c.metadata.nbgrader.grade_id for c in release.cells if "nbgrader" in c.metadata)
    for student in STUDENTS:
        notebook = nbformat.read(course / "autograded" / student / "02_pooling" / "02_pooling.ipynb", as_version=4)
        graded = [c.metadata.nbgrader.grade_id for c in notebook.cells if "grade_id" in c.metadata.get("nbgrader", {})]
        assert sorted(graded) == wanted, student


def test_feedback_names_the_mistake_and_runs_nothing(course: Path) -> None:
    run(BIN / "autograder", "feedback", course, cwd=course)
    pages = {s: (course / "feedback" / s / "02_pooling" / "02_pooling.html").read_text() for s in STUDENTS}
    assert "A pixel in several windows keeps the last gradient only." in pages["assigns"]
    assert "This submission could not be graded." in pages["truncated"]
    for what in ("markdown", "output", "javascript"):
        assert f"<script>alert('{what}')" not in pages["loops"]
        assert f"alert('{what}')</script>" not in pages["loops"]


def test_no_page_or_notebook_holds_a_reference(course: Path) -> None:
    secret = "unclaimed & (x[here] == out)"
    for path in [*(course / "autograded").rglob("*.ipynb"), *(course / "feedback").rglob("*.html")]:
        assert secret not in path.read_text()
    assert any(secret in path.read_text() for path in (course / "source").rglob("*.ipynb"))


def test_export_is_a_csv_that_reads_back(course: Path) -> None:
    run(BIN / "autograder", "export", course, "--to", "csv", "--output", course / "out.csv", cwd=course)
    with (course / "out.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file) if row["assignment"] == "02_pooling"}
    assert {student: float(row["score"]) for student, row in rows.items()} == STUDENTS
    run(BIN / "nbgrader", "export", "--to", course / "theirs.csv", cwd=course)
    assert (course / "theirs.csv").read_text() == (course / "out.csv").read_text()


def test_validate_fails_the_release_and_passes_the_solved_notebook(course: Path, tmp_path: Path) -> None:
    said = run(BIN / "nbgrader", "validate", "release/02_pooling/02_pooling.ipynb", cwd=course)
    assert "Success" not in said
    assert "The following cell failed" in said
    assert "not implemented yet" in said


def test_an_empty_directory_is_needed(course: Path) -> None:
    said = run(BIN / "autograder", "init", course, cwd=course, code=2)
    assert "is not empty; nothing was changed" in said


def test_a_course_directory_is_needed(tmp_path: Path) -> None:
    said = run(BIN / "autograder", "grade", tmp_path, cwd=tmp_path, code=2)
    assert "autograder init" in said


def test_what_was_lost_is_recorded_again(course: Path) -> None:
    run(BIN / "autograder", "grade", course, cwd=course)
    shutil.rmtree(course / "autograded" / "assigns")
    run(BIN / "autograder", "grade", course, cwd=course)
    assert (course / "autograded" / "assigns" / "02_pooling" / "02_pooling.ipynb").is_file()
