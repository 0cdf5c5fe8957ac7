"""The sample class: its generator, and its answers against the references, judged without a sandbox.

That the grader gives every submission what intended.json says is tested where the grader is. Here each answer is
shown to be what its author says it is: right, or wrong in the way that is stated.
"""

import importlib.util
import json
import sys
import types
import warnings
from functools import lru_cache
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.exercises import find_assignment
from autograder.keys import make_key, with_mistakes
from cs231n_utils.checking.calls import run
from cs231n_utils.checking.verdict import Answer, judge

FOLDER = Path(__file__).parents[1] / "data" / "sample_class"
ASSIGNMENT = find_assignment("02_pooling")
INTENDED = json.loads((FOLDER / "intended.json").read_text())
STUDENTS = sorted(INTENDED)
QUESTION = "explain_pooling_invariance"
SEED = 2


def load_generator():
    spec = importlib.util.spec_from_file_location("sample_class_make", FOLDER / "make.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make = load_generator()


def stand_in():
    """A release notebook with every exercise of the assignment and nothing else."""
    v4 = nbformat.v4
    cells = [v4.new_code_cell("import numpy as np", id="imports")]

    def graded(cell, **nbgrader):
        cell.metadata["nbgrader"] = {"locked": False, "schema_version": 3, **nbgrader}
        cells.append(cell)

    for exercise in ASSIGNMENT.exercises:
        name = exercise.name
        stub = f"def {name}(*arguments):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
        graded(v4.new_code_cell(stub, id=name), grade_id=name, grade=False, solution=True)
        check = v4.new_code_cell(f"check({name})", id=f"check_{name}")
        graded(check, grade_id=f"check_{name}", grade=True, solution=False, locked=True, points=exercise.points)
    graded(v4.new_markdown_cell("*Write here.*", id=QUESTION), grade_id=QUESTION, grade=True, solution=True, points=3)
    return v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    path = tmp_path_factory.mktemp("release") / "02_pooling.ipynb"
    nbformat.write(stand_in(), path)
    return path


def submission(release, name):
    """The submission's notebook as text."""
    return make.sample_class(release)[Path(name, "02_pooling", "02_pooling.ipynb")].decode()


# --- the generator ---


def test_two_runs_write_the_same_bytes(release):
    assert make.sample_class(release) == make.sample_class(release)


def test_every_student_has_answers_and_intentions(release):
    assert {path.parts[0] for path in make.sample_class(release)} == set(STUDENTS)
    assert {path.stem for path in (FOLDER / "answers").glob("*.py")} == set(STUDENTS)
    names = [exercise.name for exercise in ASSIGNMENT.exercises]
    assert all(list(intended) == names for intended in INTENDED.values())


def test_answers_and_helpers_stand_in_their_cells(release):
    notebook = nbformat.reads(submission(release, "helpers"), as_version=4)
    sources = {cell.id: cell.source for cell in notebook.cells}
    assert [cell.id for cell in notebook.cells][:3] == ["imports", "further-code", "pool_output_size"]
    assert "def each_window" in sources["further-code"]
    assert sources["max_pool_forward_naive"].startswith("def max_pool_forward_naive(x, pool_param):\n    out = empty")
    assert sources[QUESTION].startswith("- Shared weights")
    assert "HANDED_IN" not in "".join(sources.values())
    handed_in = make.sample_class(release)[Path("helpers", "02_pooling", "timestamp.txt")]
    assert handed_in == b"2026-03-02 17:41:00 UTC"


def test_what_is_not_answered_stays_as_it_was(release):
    notebook = nbformat.reads(submission(release, "half_done"), as_version=4)
    sources = {cell.id: cell.source for cell in notebook.cells}
    assert "NotImplementedError" in sources["max_pool_backward_naive"]
    assert "further-code" not in sources


def test_broken_submissions_are_broken_as_they_say(release):
    with pytest.raises(json.JSONDecodeError):
        json.loads(submission(release, "truncated"))
    assert json.loads(submission(release, "no_cells"))["cells"] == []
    ids = [
        cell.metadata.get("nbgrader", {}).get("grade_id")
        for cell in nbformat.reads(submission(release, "cells_moved"), as_version=4).cells
    ]
    assert "check_max_pool_forward_naive" not in ids
    assert ids.count("avg_pool_forward_naive") == 2
    notebook = nbformat.reads(submission(release, "layers_file"), as_version=4)
    filled = [cell.id for cell in notebook.cells if cell.source and not cell.id.startswith("check_")]
    assert filled == ["imports", "pool_output_size", QUESTION]
    with pytest.raises(SyntaxError):
        run_cells(submission(release, "syntax_error"), "syntax_error", stop=True)


def test_a_question_that_is_not_there_is_refused(release):
    student = make.Student("somebody", written={"why": "because"})
    with pytest.raises(SystemExit, match="no question 'why'"):
        make.submission(nbformat.read(release, as_version=4), student)


def test_committed_submissions_are_up_to_date():
    if not make.RELEASE.is_file():
        pytest.skip("the release notebook is not built")
    assert make.stale(make.sample_class(), FOLDER) == [], "run tests/data/sample_class/make.py"


# --- the answers ---


def run_cells(notebook, name, stop=False):
    """Run a submission's answers as a notebook would: a cell that fails leaves the others standing."""
    module = types.ModuleType(f"sample_class_{name}")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    for cell in nbformat.reads(notebook, as_version=4).cells:
        if cell.cell_type == "code" and not cell.id.startswith("check_"):
            try:
                exec(compile(cell.source, f"{name}: {cell.id}", "exec", dont_inherit=True), vars(module))
            except Exception:
                if stop:
                    raise
    return vars(module)


@lru_cache
def key_of(name):
    exercise = ASSIGNMENT.exercise(name)
    return with_mistakes(ASSIGNMENT, exercise, make_key(ASSIGNMENT, exercise, SEED))


JUDGED = [
    (student, exercise, intended)
    for student in STUDENTS
    for exercise, intended in INTENDED[student].items()
    if intended["status"] not in ("ungradable", "missing", "timed_out", "out_of_memory")
]
SPEED_SHARE_LOST = {("slow_fast", "max_pool_forward_fast"), ("slow_fast", "max_pool_backward_fast")}


def expected_status(student, exercise, status):
    """What the judge says that neither measures time nor follows through."""
    if status == "partial":
        return "passed" if (student, exercise) in SPEED_SHARE_LOST else "failed"
    return status


@pytest.fixture(scope="module")
def functions(release):
    students = dict.fromkeys(student for student, _, _ in JUDGED)
    with warnings.catch_warnings(action="ignore"):
        return {name: run_cells(submission(release, name), name) for name in students}


@pytest.mark.parametrize(
    ("student", "exercise", "intended"), JUDGED, ids=lambda value: value if type(value) is str else ""
)
def test_answers_are_what_their_authors_say(functions, student, exercise, intended):
    theirs, key = functions[student], key_of(exercise)
    if not set(key.functions) <= set(theirs):
        assert intended["status"] == "crashed"  # its cell does not run
        return
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        answers = [Answer(run(key.calls, theirs, case.inputs)) for case in key.cases]
    verdict = judge(key, answers)
    messages = [finding.message for finding in verdict.findings if finding.message]
    assert verdict.status == expected_status(student, exercise, intended["status"]), messages
    named = {finding.mistake for finding in verdict.findings if finding.mistake}
    if intended["mistake"]:
        assert intended["mistake"] in named, messages
    if intended["status"] == "passed":
        assert named <= {intended["mistake"]}


# --- the table in README.md ---


def test_readme_has_the_scores():
    rows = {}
    for line in (FOLDER / "README.md").read_text().splitlines():
        columns = [column.strip() for column in line.split("|")]
        if line.startswith("| `"):
            rows[columns[1].strip("`")] = float(columns[2])
    assert rows == {name: pytest.approx(sum(e["points"] for e in INTENDED[name].values())) for name in STUDENTS}


def test_points_are_those_of_the_assignment():
    most = {exercise.name: exercise.points for exercise in ASSIGNMENT.exercises}
    for student in STUDENTS:
        for name, intended in INTENDED[student].items():
            if intended["status"] == "passed":
                assert intended["points"] == most[name]
            elif intended["status"] == "partial":
                assert 0 < intended["points"] < most[name]
            else:
                assert intended["points"] == 0
