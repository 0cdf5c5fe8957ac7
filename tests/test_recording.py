"""What we record in one transaction is what nbgrader's autograde records cell by cell: every row, every file."""

import json
import shutil
import sqlite3
import warnings
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.build import Course
from autograder.coursedir import ClassFolder, create, report_store
from autograder.exercises import find_assignment
from autograder.grading import Report, failed_report
from autograder.limits import CourseLimits
from autograder.recording import ByNbgrader, Recorder, recorder
from cs231n_utils.checking.verdict import Finding, Status, Verdict

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ROOT = Path(__file__).parent.parent
NAME = "02_pooling"
ASSIGNMENT = find_assignment(NAME)
WRITTEN = "pooling_in_own_words"

SETTINGS = """
from nbgrader.plugins import LateSubmissionPlugin

class Hourly(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return None if student_id == "forgiven" else -1 if student_id == "odd" else total_seconds_late / 3600

c.AssignLatePenalties.plugin_class = Hourly
"""


def report_of(data, version=0):
    """A report that differs from submission to submission, and from version to version."""
    if data == NOTEBOOKS["broken"]:
        return failed_report(f"{NAME}.ipynb", ASSIGNMENT, "none", Status.UNGRADABLE, "it is <b>no</b> notebook")
    verdicts = []
    for number, exercise in enumerate(ASSIGNMENT.exercises):
        share = ((number + sum(data) + version) % 4) / 3
        status = {0.0: Status.FAILED, 1.0: Status.PASSED}.get(share, Status.PARTIAL)
        finding = Finding("a case", Status.FAILED if share < 1 else Status.PASSED, "wrong & <i>odd</i>")
        verdicts.append(Verdict(exercise.name, status, share * exercise.points, exercise.points, (finding,)))
    return Report(f"{NAME}.ipynb", NAME, "none", 0.1, tuple(verdicts))


# --- a class of every kind ---


def released():
    return nbformat.read(ROOT / "notebooks" / f"{NAME}.ipynb", as_version=4)


def cell(notebook, grade_id):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def free_text(notebook):
    return next(c for c in notebook.cells if c.cell_type == "markdown" and c.metadata.get("nbgrader", {}).get("grade"))


def answered():
    notebook = released()
    free_text(notebook).source = "Because *maxima* move with the image.\n\n<script>alert(1)</script>"
    cell(notebook, "pool_output_size").source = "def pool_output_size(H, F, S):\n    return 1"
    return notebook


def rearranged():
    """Graded cells doubled, missing, retyped, unlocked; metadata of the student's own."""
    notebook = answered()
    graded = [c for c in notebook.cells if "nbgrader" in c.metadata]
    notebook.cells.append(nbformat.from_dict(graded[0] | {"id": "once-more"}))
    notebook.cells.remove(graded[3])
    notebook.cells.remove(graded[-1])
    graded[5].source = "print('changed')"
    graded[6].metadata["nbgrader"]["points"] = 1000
    graded[7].metadata["nbgrader"]["locked"] = False
    graded[8].metadata["tags"] = ["skip-execution"]
    notebook.metadata["kernelspec"] = {"name": "julia", "display_name": "Julia", "language": "julia"}
    return notebook


def loud():
    """Floods of every kind, and outputs that a browser would run."""
    notebook = released()
    flood = [nbformat.v4.new_output("stream", text=f"{number}\n" * 600) for number in range(3)]
    error = nbformat.v4.new_output("error", ename="E", evalue="\x1b[31mv", traceback=[f"line {n}" for n in range(150)])
    shown = nbformat.v4.new_output(
        "display_data",
        data={"text/html": "<b>a</b>\nb", "image/png": "aGk=", "application/javascript": "alert(1)"},
        metadata={"image/png": {"width": 10}},
    )
    result = nbformat.v4.new_output("execute_result", data={"text/plain": "1\u2028\n2"}, execution_count=3)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("1/0", outputs=[*flood, error, shown, result]))
    cell(notebook, "pool_output_size").outputs = [nbformat.v4.new_output("stream", text="\n" * 1001)]
    return notebook


def old_format():
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}).encode()


NOTEBOOKS = {
    "anna": answered(),
    "untouched": released(),
    "rearranged": rearranged(),
    "loud": loud(),
    "broken": b'{"cells": [',
    "old": old_format(),
    "surrogate": b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "\\ud83d"}]}',
    "late": answered(),
    "forgiven": answered(),
    "odd": answered(),
    "extended": answered(),
    "very_late": answered(),
    "helped": answered(),
    'o\'brien "x" & sons': answered(),
}
DUE = "2026-03-01 12:00:00.000000"
TIMES = {
    "anna": "2026-03-01 11:00:00 UTC",
    "late": "2026-03-01 14:30:00 UTC",
    "forgiven": "2026-03-02 12:00:00 +0100",
    "odd": "2026-03-02T12:00:00",
    "extended": "2026-03-02 12:00:00 UTC",
    "very_late": "2026-09-01 12:00:00 UTC",
    "helped": "",
}


def hand_in(course):
    for student, notebook in NOTEBOOKS.items():
        folder = course.root / "submitted" / student / NAME
        folder.mkdir(parents=True)
        data = notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode()
        (folder / f"{NAME}.ipynb").write_bytes(data)
        if student in TIMES:
            (folder / "timestamp.txt").write_text(TIMES[student])
    helped = course.root / "submitted" / "helped" / NAME
    (helped / "data" / "deep").mkdir(parents=True)
    (helped / "data" / "deep" / "numbers.csv").write_text("1,2")
    (helped / "helper.py").write_text("print('mine')")
    (helped / "given.py").write_text("print('changed by the student')")
    (helped / "scratch.ipynb").write_text("{}")
    (helped / "helper.pyc").write_text("left out")
    (helped / "link.txt").symlink_to("/etc/hostname")
    (course.root / "source" / NAME / "given.py").write_text("print('as it was given')")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Two course directories that do not differ, with a class and a date on which the work was due."""
    with warnings.catch_warnings(action="ignore"):
        first = create(tmp_path_factory.mktemp("ours") / "course", Course(ROOT), "none", (ASSIGNMENT,))
    hand_in(first)
    config = first.root / "nbgrader_config.py"
    config.write_text(config.read_text() + SETTINGS)
    with sqlite3.connect(first.root / "gradebook.db") as database:
        database.execute("UPDATE assignment SET duedate = ?", [DUE])
    database.close()
    second = tmp_path_factory.mktemp("theirs") / "course"
    shutil.copytree(first.root, second, symlinks=True)
    return first, ClassFolder(second)


def graded(course, version=0):
    """The class's jobs with their reports, which are kept where nbgrader's own way finds them."""
    jobs = [course.job(handed, "none", CourseLimits()) for handed in course.submissions([NAME], None)]
    for job in jobs:
        report_store(course.root).put(job, report_of(job.data, version))
    return [(job, report_of(job.data, version)) for job in jobs]


def record_both(pair, version=0):
    ours, theirs = pair
    with warnings.catch_warnings(action="ignore"):
        writer = recorder(ours)
        assert isinstance(writer, Recorder)
        assert writer.record(graded(ours, version)) == {}
        writer.close()
        assert ByNbgrader(theirs).record(graded(theirs, version)) == {}


# --- what lies there ---


def rows(course):
    """Every row of every table; ids that are drawn at random are replaced by what they stand for."""
    database = sqlite3.connect(course.root / "gradebook.db")
    database.row_factory = sqlite3.Row
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    content = {table: [dict(row) for row in database.execute(f"SELECT * FROM {table}")] for table in tables}
    database.close()
    names = {row["id"]: f"{row['student_id']} {row['assignment_id']}" for row in content["submitted_assignment"]}
    names |= {row["id"]: f"{names[row['assignment_id']]} {row['notebook_id']}" for row in content["submitted_notebook"]}
    names |= {
        row["id"]: f"{table} {names[row['notebook_id']]} {row['cell_id']}"
        for table in ("grade", "comment")
        for row in content[table]
    }
    return {
        table: sorted(str({key: names.get(value, value) for key, value in row.items()}) for row in content[table])
        for table in tables
    }


def files(course):
    folder = course.root / "autograded"
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes() if path.is_file() else None)
        for path in folder.rglob("*")
    }


def assert_same(pair):
    ours, theirs = pair
    assert sorted(rows(ours)) == sorted(rows(theirs))
    for table, content in rows(theirs).items():
        assert rows(ours)[table] == content, table
    assert sorted(files(ours)) == sorted(files(theirs))
    for name, content in files(theirs).items():
        assert files(ours)[name] == content, name


def test_a_class_and_then_once_more_after_a_person_has_marked(pair):
    """One test in order: recorded, marked by a person, handed in again, recorded again."""
    record_both(pair)
    assert_same(pair)
    assert len(rows(pair[0])["submitted_assignment"]) == len(NOTEBOOKS)
    assert sum("'No response.'" in row for row in rows(pair[0])["comment"]) > len(NOTEBOOKS)
    penalties = [row for row in rows(pair[0])["submitted_notebook"] if "'late_submission_penalty': None" not in row]
    assert len(penalties) == 4  # late, extended (not yet), odd, very_late; odd's is cut to 0, very_late's to the score
    assert any(path.endswith("deep/numbers.csv") for path in files(pair[0]))

    for course in pair:
        with sqlite3.connect(course.root / "gradebook.db") as database:
            database.execute("UPDATE grade SET manual_score = 1.5 WHERE auto_score IS NULL")
            database.execute("UPDATE grade SET needs_manual_grade = 0 WHERE auto_score IS NULL")
            database.execute("UPDATE grade SET extra_credit = 0.5, manual_score = 3 WHERE auto_score = 2.0")
            database.execute("UPDATE comment SET manual_comment = 'Well said.' WHERE auto_comment IS NULL")
            database.execute("UPDATE submitted_notebook SET flagged = 1")
            database.execute(
                "UPDATE submitted_assignment SET extension = '1970-01-03 00:00:00.000000' WHERE student_id = 'extended'"
            )
        database.close()
        submitted = course.root / "submitted"
        shutil.copy(submitted / "anna" / NAME / f"{NAME}.ipynb", submitted / "untouched" / NAME)
        (submitted / "late" / NAME / "timestamp.txt").write_text("2026-03-01 15:00:00 UTC")
        (submitted / "anna" / NAME / "timestamp.txt").unlink()
        shutil.rmtree(submitted / "helped" / NAME / "data")
        (submitted / "helped" / NAME / "data").write_text("a file now")
    record_both(pair, version=1)
    assert_same(pair)
    assert any("'manual_score': 1.5" in row and "'needs_manual_grade': 1" in row for row in rows(pair[0])["grade"])
    assert any("Well said." in row for row in rows(pair[0])["comment"])
    assert not any("deep" in path for path in files(pair[0]))


def test_what_was_recorded_is_recorded_over_itself(pair):
    record_both(pair, version=1)
    before = rows(pair[0]), files(pair[0])
    record_both(pair, version=1)
    assert (rows(pair[0]), files(pair[0])) == before


# --- one student's trouble ---


def test_a_batch_with_one_that_cannot_be_recorded(pair):
    ours = pair[0]
    batch = graded(ours)
    (job, report), *others = [(job, report) for job, report in batch if job.student != "late"]
    odd = [(replace(job, student="caf\udce9"), report), (replace(job, student="x" * 30, assignment="99_none"), report)]
    late = ours.root / "submitted" / "late" / NAME / "timestamp.txt"
    was = late.read_text()
    late.write_text("yesterday")
    with warnings.catch_warnings(action="ignore"):
        writer = Recorder(ours)
        problems = writer.record([*odd, *batch])
        writer.close()
    late.write_text(was)
    assert set(problems) == {("caf\udce9", NAME), ("x" * 30, "99_none"), ("late", NAME)}
    assert "timestamp.txt holds no time" in problems["late", NAME]
    assert others


def test_a_course_that_the_gradebook_does_not_hold(pair, tmp_path):
    ours = pair[0]
    shutil.copytree(ours.root, tmp_path / "course", symlinks=True)
    (tmp_path / "course" / "gradebook.db").unlink()
    course = ClassFolder(tmp_path / "course")
    with warnings.catch_warnings(action="ignore"):
        writer = Recorder(course)
        problems = writer.record(graded(course)[:2])
        writer.close()
        assert all("nbgrader generate_assignment 02_pooling" in problem for problem in problems.values())
        assert len(problems) == 2
        course.prepare([NAME])
        writer = Recorder(course)
        assert writer.record(graded(course)) == {}
        writer.close()


@pytest.mark.parametrize(
    "setting",
    [
        'c.Autograde.autograde_preprocessors = ["autograder.gradebook.SaveScores"]',
        "c.LimitOutput.max_lines = 5",
        "c.Autograde.pre_convert_hook = print",
    ],
)
def test_settings_that_change_nbgraders_steps_are_left_to_nbgrader(pair, tmp_path, setting):
    ours = pair[0]
    assert ours.is_usual
    for name in (".autograder", "release"):
        shutil.copytree(ours.root / name, tmp_path / name)
    (tmp_path / "nbgrader_config.py").write_text(f"{(ours.root / 'nbgrader_config.py').read_text()}\n{setting}\n")
    changed = ClassFolder(tmp_path)
    assert not changed.is_usual
    assert isinstance(recorder(changed), ByNbgrader)
