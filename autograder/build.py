"""From sources and solutions to everything that is generated: notebooks, solved notebooks with outputs, answer keys.

A notebook's source is a script in notebooks/src/. Where a student is to write a function, its cell holds one import of
the reference. Here that import is replaced by the function's source; nbgrader's own converter then cuts the answers out
for the release: the body of a function, or of each method of a class. What could give an answer away, or break
silently, is refused.
"""

import hashlib
import importlib
import json
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
import numpy as np
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder import experiments
from autograder.exercises import ASSIGNMENTS, Assignment
from autograder.keys import function_source, public_key
from autograder.submission import EXPERIMENT
from cs231n_utils.checking import key as keys
from cs231n_utils.checking.contents import FILE as CONTENTS
from cs231n_utils.checking.values import Value

__all__ = ["BuildError", "Course", "build", "instructor_notebook", "release_notebook", "stale"]

PASTE = "paste"
"""The tag of a cell into which students may paste functions of an earlier notebook: in the source it imports them."""
BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
EXECUTION_SECONDS = 120  # for any one cell of a solved notebook


class BuildError(Exception):
    """A source is not as it must be. The message names the file, the cell, and how to mend it."""


@dataclass(frozen=True)
class Course:
    """Where the course's files lie."""

    root: Path

    def source(self, assignment: Assignment) -> Path:
        """The script that a notebook is written in."""
        return self.root / "notebooks" / "src" / f"{assignment.name}.py"

    def release(self, assignment: Assignment) -> Path:
        """The notebook that students open."""
        return self.root / "notebooks" / f"{assignment.name}.ipynb"

    def executed(self, assignment: Assignment) -> Path:
        """The solved notebook with its outputs."""
        return self.root / "solutions" / "executed" / f"{assignment.name}.ipynb"

    def experiments(self, assignment: Assignment) -> Path:
        """What tells the notebook's experiments from a student's own cells."""
        return self.root / experiments.FOLDER.relative_to(Path(__file__).parents[1]) / f"{assignment.name}.json"

    def key(self, exercise: str) -> Path:
        """The answer key of an exercise's public cases."""
        return self.root / "cs231n_utils" / "checking" / "keys" / f"{exercise}.npz"

    @property
    def contents(self) -> Path:
        """The table of contents that ships with the answer keys."""
        return self.key("x").with_name(CONTENTS)


def build(course: Course, assignments: tuple[Assignment, ...] = ASSIGNMENTS) -> Iterator[Path]:
    """Generate everything of these assignments; yields each file as it is written.

    Raises:
        BuildError: a source breaks a rule. Nothing of its assignment is written then.
    """
    for assignment in assignments:
        solved = instructor_notebook(course, assignment)
        release = release_notebook(solved, assignment)
        _refuse_answers(release, assignment, course.release(assignment))
        for exercise in assignment.exercises:  # before the notebook is executed: its checks read them
            path = course.key(exercise.name)
            path.parent.mkdir(exist_ok=True)
            keys.write(public_key(assignment, exercise), path)
            yield path
        keys.load.cache_clear()
        course.contents.write_text(_contents(), encoding="utf-8")
        yield course.contents
        yield _write_experiments(release, course.experiments(assignment))
        yield _write(release, course.release(assignment))
        yield _write(_executed(solved, course), course.executed(assignment))


def stale(course: Course, assignments: tuple[Assignment, ...] = ASSIGNMENTS) -> Iterator[str]:
    """Say of each generated file that is not what its sources would give now."""
    for assignment in assignments:
        solved = instructor_notebook(course, assignment)
        release = release_notebook(solved, assignment)
        _refuse_answers(release, assignment, course.release(assignment))
        executed = _for_replay(solved)
        for path, fresh in ((course.release(assignment), release), (course.executed(assignment), executed)):
            if not path.is_file() or _cells(nbformat.read(path, as_version=4)) != _cells(fresh):
                yield f"{path.relative_to(course.root)} is stale: run `autograder build {assignment.name}`"
        path = course.experiments(assignment)
        if not path.is_file() or json.loads(path.read_text(encoding="utf-8")) != experiments.describe(release):
            yield f"{path.relative_to(course.root)} is stale: run `autograder build {assignment.name}`"
        yield from _executed_problems(course, assignment)
        for exercise in assignment.exercises:
            path = course.key(exercise.name)
            if not path.is_file() or not _same_key(keys.read(path), public_key(assignment, exercise)):
                yield f"{path.relative_to(course.root)} is stale: run `autograder build {assignment.name}`"
    if not course.contents.is_file() or course.contents.read_text(encoding="utf-8") != _contents():
        yield f"{course.contents.relative_to(course.root)} is stale: run `autograder build`"
    known = {course.key(exercise.name) for assignment in ASSIGNMENTS for exercise in assignment.exercises}
    for path in sorted(course.key("x").parent.glob("*.npz")):
        if path not in known:
            yield f"{path.relative_to(course.root)} belongs to no exercise: delete it"


def instructor_notebook(course: Course, assignment: Assignment) -> NotebookNode:
    """The notebook with its solutions and all metadata, as nbgrader's `source` directory wants it."""
    path = course.source(assignment)
    if not path.is_file():
        raise BuildError(f"{path}: missing; every assignment is written there")
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{path.name}, cell {number}"
        if any("incorrectly_encoded_metadata" in key for key in cell.metadata):
            raise BuildError(f"{where}: the header cannot be read: {cell.metadata['incorrectly_encoded_metadata']!r}")
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if "nbgrader" in cell.metadata:
            if grade_id in seen:
                raise BuildError(f"{where}: grade_id {grade_id!r} is used twice; each must be unique")
            seen.add(grade_id)
            _complete(cell, assignment, where)
        elif PASTE in cell.metadata.get("tags", []):
            cell.source = "\n\n\n".join(_pasted(cell.source, where))
        elif cell.cell_type == "code":
            _refuse_imports(cell.source, where)
    for exercise in assignment.exercises:
        for needed in (exercise.name, exercise.check_cell):
            if needed not in seen:
                raise BuildError(f"{path.name}: no cell has the grade_id {needed!r}, and the exercise needs one")
    for question in getattr(assignment.solutions, "MODEL_ANSWERS", {}):
        if question not in seen:
            raise BuildError(f"{path.name}: no cell has the grade_id {question!r}, and there is a model answer to it")
    _set_ids(notebook)
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        language_info={"name": "python"},
        generated={
            "notice": "Generated. Edit the source and run the command, not this file.",
            "source": f"notebooks/src/{path.name}",
            "command": "autograder build",
        },
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def release_notebook(solved: NotebookNode, assignment: Assignment) -> NotebookNode:
    """The notebook for students: nbgrader's `generate_assignment` cuts the answers out of the instructor's one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "source", assignment.name, f"{assignment.name}.ipynb")
        path.parent.mkdir(parents=True)
        _write(_without_pasted(solved), path)
        config = Config()
        config.CourseDirectory.root = folder
        config.CourseDirectory.assignment_id = assignment.name
        config.SaveCells.enabled = False
        config.GenerateAssignment.no_database = True
        config.LoggingConfigurable.log_level = "ERROR"
        with warnings.catch_warnings(action="ignore"):  # deprecations inside nbgrader and traitlets
            converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
            converter.log.setLevel("ERROR")
            converter.start()
        notebook = nbformat.read(Path(folder, "release", assignment.name, f"{assignment.name}.ipynb"), as_version=4)
    notebook.metadata["generated"] = solved.metadata["generated"]
    return notebook


def _complete(cell: NotebookNode, assignment: Assignment, where: str) -> None:
    """Fill in a graded cell: the solution's source, the points, the remaining metadata."""
    given = cell.metadata["nbgrader"]
    grade_id, grade, solution = given.get("grade_id", ""), given.get("grade", False), given.get("solution", False)
    names = {exercise.name for exercise in assignment.exercises}
    points = given.get("points")
    if solution and not grade:
        if grade_id not in names:
            raise BuildError(f"{where}: {grade_id!r} is not an exercise of {assignment.name}")
        _check_import(cell.source, assignment, grade_id, where)
        cell.source = _solution_source(assignment, grade_id, where)
    elif grade and not solution:
        exercise = next((e for e in assignment.exercises if e.check_cell == grade_id), None)
        if exercise is None:
            raise BuildError(f"{where}: {grade_id!r} checks no exercise of {assignment.name}")
        _refuse_imports(cell.source, where)
        points = exercise.points
        _tag(cell, "raises-exception")
    elif grade and solution:
        answers = getattr(assignment.solutions, "MODEL_ANSWERS", {})
        if cell.cell_type != "markdown" or grade_id not in answers or points is None:
            raise BuildError(f"{where}: a free-text answer is a markdown cell with points, and has a model answer")
        cell.source = answers[grade_id].strip()
    else:
        raise BuildError(f"{where}: a graded cell is a solution, a check, or both; {grade_id!r} is neither")
    metadata = {"cell_type": cell.cell_type, "grade": grade, "grade_id": grade_id, "locked": grade and not solution}
    metadata |= {"schema_version": 3, "solution": solution, "task": False} | ({"points": points} if grade else {})
    cell.metadata["nbgrader"] = NotebookNode(metadata)


def _pasted(source: str, where: str) -> Iterator[str]:
    """What stands in a cell for pasting when the notebook is solved: the sources of the functions that it imports."""
    match = re.fullmatch(r"from solutions\.(\w+) import (\w+(?:, \w+)*)", source.strip())
    if match is None:
        raise BuildError(
            f"{where}: a cell tagged {PASTE!r} holds one line `from solutions.NAME import ...`, not {source!r}"
        )
    module = importlib.import_module(f"solutions.{match[1]}")
    for name in match[2].split(", "):
        lines = function_source(module, name).splitlines()
        yield "\n".join(line for line in lines if line.strip() not in (BEGIN, END))


def _without_pasted(solved: NotebookNode) -> NotebookNode:
    """Cells for pasting, emptied but for a line that says which functions may stand there."""
    notebook = nbformat.from_dict(solved)
    for cell in notebook.cells:
        if PASTE in cell.metadata.get("tags", []):
            names = re.findall(r"^def (\w+)", cell.source, re.MULTILINE)
            cell.source = f"# Paste your {' and '.join(names)} here, or leave this cell empty."
    return notebook


def _check_import(source: str, assignment: Assignment, name: str, where: str) -> None:
    wanted = f"from {assignment.solutions.__name__} import {name}"
    if source.strip() != wanted:
        raise BuildError(f"{where}: a solution's cell holds exactly the line {wanted!r}, and this holds {source!r}")


def _solution_source(assignment: Assignment, name: str, where: str) -> str:
    try:
        source = function_source(assignment.solutions, name)
    except LookupError as problem:
        raise BuildError(f"{where}: {problem.args[0]}") from None
    is_class = source.startswith("class ")
    marks = re.findall(r"(?:BEGIN|END) SOLUTION", source)
    pairs = max(1, len(marks) // 2) if is_class else 1
    if marks != ["BEGIN SOLUTION", "END SOLUTION"] * pairs:
        what = "each method of" if is_class else "the body of"
        raise BuildError(
            f"{where}: {what} {assignment.solutions.__name__}.{name} stands between one {BEGIN!r} "
            f"and one {END!r}; found {', '.join(marks) or 'neither'}"
        )
    if is_class and any(re.search(_LEAVES_A_METHOD, body, re.MULTILINE) for body in _bodies(source)):
        raise BuildError(
            f"{where}: in {assignment.solutions.__name__}.{name} a {BEGIN!r} and its {END!r} do not stand inside one "
            "method; give each method a pair of its own, below its docstring"
        )
    return source


_LEAVES_A_METHOD = r"^ {0,4}\S"
"""A line of a class that is indented less than what stands inside a method."""


def _bodies(source: str) -> list[str]:
    """From each BEGIN SOLUTION to its END SOLUTION, both lines included."""
    return re.findall(rf"^ *{BEGIN}$.*?^ *{END}$", source, re.MULTILINE | re.DOTALL)


def _refuse_imports(source: str, where: str) -> None:
    pattern = r"^\s*(?:[^#\n]*;\s*)?(?:from\s+|import\s+(?:[\w. ]+,\s*)*)(solutions|autograder)\b"
    match = re.search(pattern, source, re.MULTILINE)
    if match:
        raise BuildError(f"{where}: imports {match.group(1)}, which no student has, outside of an exercise's cell")


def _refuse_answers(release: NotebookNode, assignment: Assignment, path: Path) -> None:
    """The last look before a notebook goes to students: no answer, nor a way to one, is in it."""
    for cell in release.cells:
        where = f"{path.name}, cell {cell.id}"
        _refuse_imports(cell.source, where)
        if "BEGIN SOLUTION" in cell.source or "END SOLUTION" in cell.source:
            raise BuildError(f"{where}: a solution's marker is left in the release")
        lines = {line.strip() for line in cell.source.splitlines()}
        for exercise in assignment.exercises:
            answer = "\n".join(_bodies(function_source(assignment.solutions, exercise.name))).splitlines()
            left = next((line.strip() for line in answer if _tells(line) and line.strip() in lines), None)
            if left:
                raise BuildError(f"{where}: a line of {exercise.name}'s solution is left in the release: {left!r}")
        for grade_id, answer in getattr(assignment.solutions, "MODEL_ANSWERS", {}).items():
            if any(_tells(line) and line in cell.source for line in answer.splitlines()):
                raise BuildError(f"{where}: the model answer to {grade_id} is left in the release")


def _tells(line: str) -> bool:
    """Is the line long enough to be an answer, and not just a word of Python?"""
    return len(line.strip()) > 24


def _set_ids(notebook: NotebookNode) -> None:
    """Give each cell an id that does not shift when others are added: its grade_id, or a hash of what it says."""
    count: dict[str, int] = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        name = cell.metadata.get("nbgrader", {}).get("grade_id") or f"{cell.cell_type}-{digest}"
        count[name] = count.get(name, 0) + 1
        cell.id = (name if count[name] == 1 else f"{name}-{count[name]}")[:64]
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, []
            if EXPERIMENT in cell.metadata.get("tags", []):
                _tag(cell, "raises-exception")


def _tag(cell: NotebookNode, tag: str) -> None:
    cell.metadata["tags"] = [*cell.metadata.get("tags", []), tag]


def _for_replay(solved: NotebookNode) -> NotebookNode:
    """The solved notebook as nbval replays it: nothing may raise; what an experiment measures may differ."""
    notebook = nbformat.from_dict(solved)
    for cell in notebook.cells:
        tags = [tag for tag in cell.metadata.pop("tags", []) if tag != "raises-exception"]
        if EXPERIMENT in tags:
            tags.append("nbval-ignore-output")
        if tags:
            cell.metadata["tags"] = tags
    return notebook


def _executed(solved: NotebookNode, course: Course) -> NotebookNode:
    """The solved notebook with the outputs of a run from top to bottom; an error in it ends the build."""
    notebook = _for_replay(solved)
    with warnings.catch_warnings(action="ignore"), tempfile.TemporaryDirectory() as folder:
        os.environ["TQDM_DISABLE"] = "1"  # progress bars are for people who wait
        # Sockets by a path of their own: the kernel, which runs elsewhere, must find them, and no other build.
        config = Config({"KernelManager": {"transport": "ipc", "ip": str(Path(folder, "kernel"))}})
        resources = {"metadata": {"path": str(course.root)}}
        NotebookClient(notebook, timeout=EXECUTION_SECONDS, resources=resources, config=config).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day would differ from one build to the next
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def _executed_problems(course: Course, assignment: Assignment) -> Iterator[str]:
    path = course.executed(assignment)
    if not path.is_file():
        return
    for cell in nbformat.read(path, as_version=4).cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if cell.cell_type == "code" and (errors or (cell.source.strip() and cell.execution_count is None)):
            yield f"{path.relative_to(course.root)}: cell {cell.id} was not executed without an error"


def _cells(notebook: NotebookNode) -> list[tuple[str, str, str, str]]:
    """What two builds have in common: all of every cell but its outputs."""
    return [
        (cell.id, cell.cell_type, cell.source, json.dumps(cell.metadata, sort_keys=True)) for cell in notebook.cells
    ]


def _contents() -> str:
    """Which exercises are in which notebook, and their points, as JSON."""
    notebooks = {a.name: {exercise.name: exercise.points for exercise in a.exercises} for a in ASSIGNMENTS}
    notice = "Generated from autograder/exercises/ by `autograder build`."
    return json.dumps({"notice": notice, "notebooks": notebooks}, indent=1) + "\n"


def _same_key(one: keys.ExerciseKey, other: keys.ExerciseKey) -> bool:
    """Equal up to rounding, which differs between processors and versions of NumPy."""
    return _alike(one.to_value(), other.to_value())


def _alike(one: Value, other: Value) -> bool:
    if isinstance(one, np.ndarray | float) and isinstance(other, np.ndarray | float):
        same = np.shape(one) == np.shape(other)
        return same and np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return type(one) is type(other) and bool(one == other)


def _write_experiments(release: NotebookNode, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(experiments.describe(release), indent=1) + "\n", encoding="utf-8")
    return path


def _write(notebook: NotebookNode, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path
