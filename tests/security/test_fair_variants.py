"""Right answers in many styles, through the real sandbox and under its limits: full marks each time.

`tests/exercises/test_right_variants*.py` holds the answers, and judges them in its own process. Here each becomes a
submission. `pytest --repeat-fair 20` grades each of them so many times in a row.
"""

import ast
import importlib.util
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.exercises import Assignment, assignment_of, find_assignment
from autograder.grading import grade
from autograder.sandbox import Sandbox
from cs231n_utils.checking.verdict import Status
from tests.security.conftest import SEED
from tests.security.submissions import IMPORTS, code, data

pytestmark = pytest.mark.sandbox

TESTS = Path(__file__).resolve().parents[1]
FILES = sorted((TESTS / "exercises").glob("test_right_variants*.py"))
SAMPLE_CLASS = TESTS / "data" / "sample_class"
NOT_IN_THE_SANDBOX = ("autograder", "pytest", "solutions", "cs231n_utils.checking", "tests")
LAYERS_FILE = TESTS / "exercises" / "layers_file.py"  # what variants of several notebooks have in common


@cache
def students_code(path: Path) -> str:
    """What of a test module students might have written: all above its table of variants, but for the grader's."""
    kept: list[ast.stmt] = []
    missing: set[str] = set()
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and defined(statement) == {"VARIANTS"}:
            return "\n\n".join(map(ast.unparse, kept))
        if modules(statement) == ["tests.exercises.layers_file"]:
            kept += ast.parse(LAYERS_FILE.read_text(encoding="utf-8")).body
            continue
        is_import = isinstance(statement, ast.Import | ast.ImportFrom)
        used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        if (is_import and any(map(is_graders, modules(statement)))) or used & missing:
            missing |= defined(statement)
        else:
            kept.append(statement)
    raise LookupError(f"{path.name} has no table VARIANTS")


def modules(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.ImportFrom):
        return [statement.module or ""]
    return [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []


def is_graders(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in NOT_IN_THE_SANDBOX)


def defined(statement: ast.stmt) -> set[str]:
    """The names that a statement gives a value."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.Assign):
        return {node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    return {statement.name} if isinstance(statement, ast.FunctionDef | ast.ClassDef) else set()


@cache
def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"variants_of_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def submissions() -> Iterator[Any]:
    """Each variant of each notebook: the names of the exercises that it answers, and what is handed in."""
    for path in FILES:
        module = load(path)
        for variant in module.VARIANTS:
            names = [exercise.name for exercise in module.ASSIGNMENT.exercises if hasattr(variant, exercise.name)]
            yield pytest.param(path, variant.__name__, names, id=f"{module.ASSIGNMENT.name}-{variant.__name__}")


@pytest.mark.parametrize(("path", "variant", "names"), list(submissions()))
def test_a_right_variant_has_full_marks(
    sandbox: Sandbox, repeats: int, path: Path, variant: str, names: list[str]
) -> None:
    assignment = assignment_of(names[0])
    assert assignment is not None
    answered = Assignment(assignment.name, assignment.solutions, tuple(map(assignment.exercise, names)))
    handed_over = "\n".join(f"{name} = {variant}.{name}" for name in names)
    submission = data(code(IMPORTS), code(students_code(path)), code(handed_over))
    for _ in range(repeats):
        report = grade(submission, "n.ipynb", [answered], sandbox, SEED, only=answered)
        assert report.statuses == {Status.PASSED}, report
        assert report.score == report.max_score


INTENDED = json.loads((SAMPLE_CLASS / "intended.json").read_text(encoding="utf-8"))
SUBMISSIONS = [(assignment, student) for assignment, students in INTENDED.items() for student in students]


@pytest.mark.parametrize(("name", "student"), SUBMISSIONS)
def test_what_is_right_in_the_sample_class_has_full_marks(
    sandbox: Sandbox, repeats: int, name: str, student: str
) -> None:
    """Once is what tests/test_sample_class.py does."""
    if repeats == 1:
        pytest.skip("only with --repeat-fair")
    intended = INTENDED[name][student]
    right = {exercise: want["points"] for exercise, want in intended.items() if want["status"] == "passed"}
    path = SAMPLE_CLASS / student / name / f"{name}.ipynb"
    whole = find_assignment(name)
    assignment = Assignment(name, whole.solutions, tuple(map(whole.exercise, right)))
    for _ in range(repeats):
        # The check cells of all exercises are left out, so that no wrong function is called while cells are loaded.
        report = grade(path.read_bytes(), path.name, [whole], sandbox, SEED, only=assignment)
        assert {verdict.name: verdict.points for verdict in report.exercises} == right, report
