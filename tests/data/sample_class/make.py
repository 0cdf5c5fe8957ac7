"""Fill the sample students' answers into the release notebooks, and write their submissions beside this file.

    python tests/data/sample_class/make.py            write them; do this whenever a release notebook changes
    python tests/data/sample_class/make.py --check    write nothing; fail where a submission is stale

Every file answers/ASSIGNMENT/STUDENT.py is one student's notebook: plain Python, in which a function (or any other
value) that is named like an exercise goes into that exercise's cell, and the rest into a further cell in front of the
first answer. Three names are not code of the student's:

    ANSWERS     {grade_id: text}, the answers to questions that a person marks
    CHANGES     what happened to the notebook beyond that: a list of tuples, see CHANGE below
    HANDED_IN   the content of timestamp.txt

Two runs write the same bytes.
"""

import argparse
import ast
import copy
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
ANSWERS = HERE / "answers"
RELEASES = HERE.parents[2] / "notebooks"

NOT_CODE = ("ANSWERS", "CHANGES", "HANDED_IN")
GIVEN_ANYWAY = "import numpy as np"  # every release notebook begins with it


@dataclass
class Student:
    """One file of answers: its top-level statements as text, by the name that they define."""

    name: str
    statements: list[tuple[str | None, str]] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    changes: list[tuple] = field(default_factory=list)
    handed_in: str | None = None


def read_student(path: Path) -> Student:
    """Cut an answers file into statements, each with the comments above it."""
    text = path.read_text(encoding="utf-8")
    lines, student, end = text.splitlines(), Student(path.stem), 0
    constants = {}
    for number, node in enumerate(ast.parse(text).body):
        chunk, end = "\n".join(lines[end : node.end_lineno]).strip("\n"), node.end_lineno
        name = _defined(node)
        if number == 0:
            if ast.get_docstring(ast.parse(text)) is None:
                raise SystemExit(f"{path}: begin with a docstring that says who this is and what is wrong")
        elif name in NOT_CODE:
            constants[name] = ast.literal_eval(node.value)
        else:
            student.statements.append((name, chunk))
    student.written = constants.get("ANSWERS", {})
    student.changes = constants.get("CHANGES", [])
    student.handed_in = constants.get("HANDED_IN")
    return student


def _defined(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def fill(release: NotebookNode, student: Student) -> NotebookNode:
    """The release notebook with the student's answers in it, before anything else happened to it."""
    notebook = copy.deepcopy(release)
    code = {cell.metadata.nbgrader.grade_id: cell for cell in _answer_cells(notebook, "code")}
    text = {cell.metadata.nbgrader.grade_id: cell for cell in _answer_cells(notebook, "markdown")}
    rest = []
    for name, chunk in student.statements:
        if name in code:
            code[name].source = chunk
        else:
            rest.append(chunk)
    for grade_id, answer in student.written.items():
        if grade_id not in text:
            raise SystemExit(
                f"{student.name}: no question {grade_id!r} in the release notebook; there are {sorted(text)}"
            )
        text[grade_id].source = answer.strip("\n")
    if set(rest) - {GIVEN_ANYWAY}:
        further = nbformat.v4.new_code_cell("\n\n".join(rest), id="further-code")
        notebook.cells.insert(notebook.cells.index(next(iter(code.values()))), further)
    return notebook


def _answer_cells(notebook: NotebookNode, cell_type: str) -> Iterator[NotebookNode]:
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if cell.cell_type == cell_type and nbgrader.get("solution") and nbgrader.get("grade_id"):
            yield cell


# --- what else may happen to a notebook ---


def _find(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return cell
    raise SystemExit(f"there is no cell {grade_id!r} in the release notebook")


def _replaced(notebook: NotebookNode, student: Student, grade_id: str, old: str, new: str) -> None:
    """Text of one cell is replaced, so that it need not be valid Python."""
    cell = _find(notebook, grade_id)
    if cell.source.count(old) != 1:
        raise SystemExit(f"{student.name}: {old!r} stands {cell.source.count(old)} times in {grade_id}, expected once")
    cell.source = cell.source.replace(old, new)


def _everything_in_one_cell(notebook: NotebookNode, student: Student, grade_id: str) -> None:
    """All code is pasted into one answer's cell, and the other answers' cells are emptied."""
    notebook.cells = [cell for cell in notebook.cells if cell.id != "further-code"]
    for cell in _answer_cells(notebook, "code"):
        cell.source = ""
    _find(notebook, grade_id).source = "\n\n\n".join(chunk for _, chunk in student.statements)


def _cell_deleted(notebook: NotebookNode, student: Student, grade_id: str) -> None:
    notebook.cells.remove(_find(notebook, grade_id))


def _cell_emptied(notebook: NotebookNode, student: Student, grade_id: str) -> None:
    _find(notebook, grade_id).source = ""


def _cell_duplicated(notebook: NotebookNode, student: Student, grade_id: str) -> None:
    """Copied and pasted below: the grade_id stays, JupyterLab gives the copy an id of its own."""
    cell = _find(notebook, grade_id)
    again = copy.deepcopy(cell)
    again.id = f"{cell.id}-again"
    notebook.cells.insert(notebook.cells.index(cell) + 1, again)


def _no_cells(notebook: NotebookNode, student: Student) -> None:
    notebook.cells = []


CHANGE: dict[str, Callable[..., None]] = {
    "replaced": _replaced,
    "everything_in_one_cell": _everything_in_one_cell,
    "cell_deleted": _cell_deleted,
    "cell_emptied": _cell_emptied,
    "cell_duplicated": _cell_duplicated,
    "no_cells": _no_cells,
}
TRUNCATED = "truncated"  # the one change of the file, not of the notebook: only this share of it is there


def submission(assignment: str, release: NotebookNode, student: Student) -> dict[str, bytes]:
    """The files of one submission, by name."""
    notebook = fill(release, student)
    kept = 1.0
    for change, *arguments in student.changes:
        if change == TRUNCATED:
            (kept,) = arguments
        else:
            CHANGE[change](notebook, student, *arguments)
    nbformat.validate(notebook)
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    files = {f"{assignment}.ipynb": text[: int(kept * len(text))].encode()}
    if student.handed_in:
        files["timestamp.txt"] = student.handed_in.encode()
    return files


def assignments() -> list[str]:
    """The notebooks that the sample class has handed in."""
    return sorted({path.parent.name for path in ANSWERS.glob("*/*.py")})


def sample_class(releases: Path = RELEASES) -> dict[Path, bytes]:
    """All files of the sample class, by path below this folder."""
    files = {}
    for assignment in assignments():
        release = nbformat.read(releases / f"{assignment}.ipynb", as_version=4)
        for path in sorted((ANSWERS / assignment).glob("*.py")):
            student = read_student(path)
            for name, data in submission(assignment, release, student).items():
                files[Path(student.name, assignment, name)] = data
    return files


def _folders(folder: Path) -> list[Path]:
    """Every folder that holds a submission, STUDENT/ASSIGNMENT."""
    return [path for path in folder.glob("*/*") if path.is_dir() and path.parent.name != ANSWERS.name]


def stale(files: dict[Path, bytes], folder: Path) -> list[str]:
    """What lies in the folder and should not, is missing, or differs."""
    there = {path.relative_to(folder): path for place in _folders(folder) for path in place.iterdir()}
    return [
        str(name)
        for name in sorted({*files, *there})
        if name not in there or there[name].read_bytes() != files.get(name)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a submission is stale")
    parser.add_argument("--releases", type=Path, default=RELEASES, help="the release notebooks, by default %(default)s")
    parser.add_argument("--output", type=Path, default=HERE, help="by default the folder of this file")
    options = parser.parse_args()
    missing = [path for name in assignments() if not (path := options.releases / f"{name}.ipynb").is_file()]
    if missing:
        print(f"{missing[0]} is missing: build the course first (autograder build).", file=sys.stderr)
        return 2
    files = sample_class(options.releases)
    problems = stale(files, options.output)
    if options.check:
        for name in problems:
            print(f"{name} is stale: run {Path(__file__).name}", file=sys.stderr)
        return 1 if problems else 0
    for folder in _folders(options.output):
        shutil.rmtree(folder)
    for name, data in files.items():
        (options.output / name).parent.mkdir(parents=True, exist_ok=True)
        (options.output / name).write_bytes(data)
    print(f"{len({name.parent for name in files})} submissions, {len(problems)} files of them changed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
