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

from autograder.exercises import Assignment, find_assignment
from autograder.keys import make_key, with_mistakes
from cs231n_utils.checking.calls import run
from cs231n_utils.checking.verdict import Answer, judge

FOLDER = Path(__file__).parents[1] / "data" / "sample_class"
INTENDED = json.loads((FOLDER / "intended.json").read_text())
ASSIGNMENTS = [find_assignment(name) for name in INTENDED]
SUBMISSIONS = [(assignment, student) for assignment, students in INTENDED.items() for student in sorted(students)]
QUESTIONS = {"02_pooling": "explain_pooling_invariance", "03_batchnorm": "explain_batchnorm"}  # marked by a person
QUESTION = QUESTIONS["02_pooling"]
SEED = 2


def load_generator():
    spec = importlib.util.spec_from_file_location("sample_class_make", FOLDER / "make.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make = load_generator()


def stand_in(assignment: Assignment):
    """A release notebook with every exercise of the assignment and nothing else."""
    v4 = nbformat.v4
    cells = [v4.new_code_cell("import numpy as np", id="imports")]

    def graded(cell, **nbgrader):
        cell.metadata["nbgrader"] = {"locked": False, "schema_version": 3, **nbgrader}
        cells.append(cell)

    for exercise in assignment.exercises:
        name = exercise.name
        stub = f"def {name}(*arguments):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
        graded(v4.new_code_cell(stub, id=name), grade_id=name, grade=False, solution=True)
        check = v4.new_code_cell(f"check({name})", id=f"check_{name}")
        graded(check, grade_id=f"check_{name}", grade=True, solution=False, locked=True, points=exercise.points)
    if question := QUESTIONS.get(assignment.name):
        cell = v4.new_markdown_cell("*Write here.*", id=question)
        graded(cell, grade_id=question, grade=True, solution=True, points=3)
    return v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("releases")
    for assignment in ASSIGNMENTS:
        nbformat.write(stand_in(assignment), folder / f"{assignment.name}.ipynb")
    return folder


def submission(releases, name, assignment="02_pooling"):
    """The submission's notebook as text."""
    return make.sample_class(releases)[Path(name, assignment, f"{assignment}.ipynb")].decode()


# --- the generator ---


def test_two_runs_write_the_same_bytes(releases):
    assert make.sample_class(releases) == make.sample_class(releases)


def test_every_student_has_answers_and_intentions(releases):
    assert {(path.parts[1], path.parts[0]) for path in make.sample_class(releases)} == set(SUBMISSIONS)
    answers = (FOLDER / "answers").glob("*/*.py")
    assert {(path.parent.name, path.stem) for path in answers} == set(SUBMISSIONS)
    for assignment in ASSIGNMENTS:
        names = [exercise.name for exercise in assignment.exercises]
        assert all(list(intended) == names for intended in INTENDED[assignment.name].values())


def test_answers_and_helpers_stand_in_their_cells(releases):
    notebook = nbformat.reads(submission(releases, "helpers"), as_version=4)
    sources = {cell.id: cell.source for cell in notebook.cells}
    assert [cell.id for cell in notebook.cells][:3] == ["imports", "further-code", "pool_output_size"]
    assert "def each_window" in sources["further-code"]
    assert sources["max_pool_forward_naive"].startswith("def max_pool_forward_naive(x, pool_param):\n    out = empty")
    assert sources[QUESTION].startswith("- Shared weights")
    assert "HANDED_IN" not in "".join(sources.values())
    handed_in = make.sample_class(releases)[Path("helpers", "02_pooling", "timestamp.txt")]
    assert handed_in == b"2026-03-02 17:41:00 UTC"


def test_what_is_not_answered_stays_as_it_was(releases):
    notebook = nbformat.reads(submission(releases, "half_done"), as_version=4)
    sources = {cell.id: cell.source for cell in notebook.cells}
    assert "NotImplementedError" in sources["max_pool_backward_naive"]
    assert "further-code" not in sources


def test_broken_submissions_are_broken_as_they_say(releases):
    with pytest.raises(json.JSONDecodeError):
        json.loads(submission(releases, "truncated"))
    assert json.loads(submission(releases, "no_cells"))["cells"] == []
    ids = [
        cell.metadata.get("nbgrader", {}).get("grade_id")
        for cell in nbformat.reads(submission(releases, "cells_moved"), as_version=4).cells
    ]
    assert "check_max_pool_forward_naive" not in ids
    assert ids.count("avg_pool_forward_naive") == 2
    notebook = nbformat.reads(submission(releases, "layers_file"), as_version=4)
    filled = [cell.id for cell in notebook.cells if cell.source and not cell.id.startswith("check_")]
    assert filled == ["imports", "pool_output_size", QUESTION]
    with pytest.raises(SyntaxError):
        run_cells(submission(releases, "syntax_error"), "syntax_error", stop=True)


def test_a_question_that_is_not_there_is_refused(releases):
    student = make.Student("somebody", written={"why": "because"})
    with pytest.raises(SystemExit, match="no question 'why'"):
        make.submission("02_pooling", nbformat.read(releases / "02_pooling.ipynb", as_version=4), student)


def test_committed_submissions_are_up_to_date():
    if not all((make.RELEASES / f"{name}.ipynb").is_file() for name in make.assignments()):
        pytest.skip("the release notebooks are not built")
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
def key_of(assignment_name, name):
    assignment = find_assignment(assignment_name)
    exercise = assignment.exercise(name)
    return with_mistakes(assignment, exercise, make_key(assignment, exercise, SEED))


JUDGED = [
    (assignment, student, exercise, intended)
    for assignment, student in SUBMISSIONS
    for exercise, intended in INTENDED[assignment][student].items()
    if intended["status"] not in ("ungradable", "missing", "timed_out", "out_of_memory")
]
SPEED_SHARE_LOST = {("slow_fast", "max_pool_forward_fast"), ("slow_fast", "max_pool_backward_fast")}


def expected_status(student, exercise, status):
    """What the judge says that neither measures time nor follows through."""
    if status == "partial" and (student, exercise.name) in SPEED_SHARE_LOST:
        return "passed"
    return "failed" if status == "partial" and exercise.follow_through else status


@pytest.fixture(scope="module")
def functions(releases):
    runnable = dict.fromkeys((assignment, student) for assignment, student, _, _ in JUDGED)
    with warnings.catch_warnings(action="ignore"):
        return {(a, student): run_cells(submission(releases, student, a), f"{student}_{a}") for a, student in runnable}


@pytest.mark.parametrize(
    ("assignment", "student", "name", "intended"), JUDGED, ids=lambda value: value if type(value) is str else ""
)
def test_answers_are_what_their_authors_say(functions, assignment, student, name, intended):
    theirs, key = functions[assignment, student], key_of(assignment, name)
    exercise = find_assignment(assignment).exercise(name)
    if not set(key.functions) <= set(theirs):
        assert intended["status"] == "crashed"  # its cell does not run
        return
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        answers = [Answer(run(key.plan(case), theirs, case.inputs)) for case in key.cases]
    verdict = judge(key, answers)
    messages = [finding.message for finding in verdict.findings if finding.message]
    assert verdict.status == expected_status(student, exercise, intended["status"]), messages
    named = {finding.mistake for finding in verdict.findings if finding.mistake}
    if intended["mistake"]:
        assert intended["mistake"] in named, messages
    if intended["status"] == "passed":
        assert named <= {intended["mistake"]}


# --- the tables in README.md ---


def test_readme_has_the_scores():
    rows, assignment = {}, ""
    for line in (FOLDER / "README.md").read_text().splitlines():
        columns = [column.strip() for column in line.split("|")]
        if line.startswith("## "):
            assignment = line.removeprefix("## ").split(",")[0]
        elif line.startswith("| `"):
            rows[assignment, columns[1].strip("`")] = float(columns[2])
    scores = {(a, student): sum(e["points"] for e in INTENDED[a][student].values()) for a, student in SUBMISSIONS}
    assert rows == pytest.approx(scores)


def test_points_are_those_of_the_assignment():
    for assignment, student in SUBMISSIONS:
        most = {exercise.name: exercise.points for exercise in find_assignment(assignment).exercises}
        for name, intended in INTENDED[assignment][student].items():
            if intended["status"] == "passed":
                assert intended["points"] == most[name]
            elif intended["status"] == "partial":
                assert 0 < intended["points"] < most[name]
            else:
                assert intended["points"] == 0
