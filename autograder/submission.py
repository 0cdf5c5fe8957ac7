"""Reads one submission, a notebook or a Python file, into a validated value, or says why it cannot be read.

Nothing of it is executed here. What the student changed around the answers (metadata, kernel, tags, locked cells) does
not matter: only the code counts, in the order in which it stands.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

__all__ = [
    "EXPERIMENT",
    "LARGEST",
    "Cell",
    "Submission",
    "UngradableError",
    "is_own_file",
    "raw_cells",
    "read",
    "read_file",
    "text_digest",
]

EXPERIMENT = "experiment"
"""The tag of cells that train and plot. They are not run to grade."""

LARGEST = 64 * 2**20
"""Bytes of the largest file that is read. A notebook full of figures has a few million."""

MOST_VALUES = 4_000_000
"""Of the JSON of one notebook: in memory each takes some hundred bytes, however short it is in the file."""


class UngradableError(ValueError):
    """The submission is broken. The message says to the student how, and what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell of code. `definitions_only`: an experiment; imports, functions and constants count, nothing is run."""

    label: str
    source: str
    grade_id: str = ""
    definitions_only: bool = False


@dataclass(frozen=True)
class Submission:
    """A submission that can be graded: its code, cell by cell."""

    name: str
    digest: str
    cells: tuple[Cell, ...] = field(repr=False)
    is_notebook: bool

    @property
    def module_name(self) -> str:
        """The name that the code runs under: a notebook is __main__, a file is imported."""
        return "__main__" if self.is_notebook else "submission"

    def defines(self, name: str) -> bool:
        """Does any cell seem to define this name, by the look of its text?"""
        # No \s behind ^: from each of a million empty lines it would search through all that follow.
        pattern = re.compile(rf"^[ \t]*(?:(?:def|class)\s+{name}\b|{name}\s*(?::[^=\n]+)?=(?!=))", re.MULTILINE)
        return any(pattern.search(cell.source) for cell in self.cells)


def is_own_file(path: Path) -> bool:
    """Is this a file that a student handed in, at submitted/STUDENT/ASSIGNMENT/FILE, and no link to another place?"""
    return path.is_file() and not any(place.is_symlink() for place in (path, path.parent, path.parent.parent))


def read_file(path: Path) -> bytes:
    """A submitted file's content; of one that is too large no more than it takes to be refused by `read`."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def text_digest(source: str) -> str:
    """A hash of a cell's text, apart from its white space.

    >>> text_digest("f( 1)\\r\\n") == text_digest("f(1)")
    True
    """
    return hashlib.sha256("".join(source.split()).encode(errors="surrogatepass")).hexdigest()[:16]


def read(
    data: bytes, name: str, check_cells: Iterable[str] = (), experiments: Collection[str] = frozenset()
) -> Submission:
    """Read a submission from its bytes.

    Args:
        data: the file's content.
        name: the file's name; .py means a Python file, everything else a notebook.
        check_cells: grade_ids of cells that only check, and are not executed.
        experiments: ids and texts' digests of released experiments, for cells that have lost their tag.

    Raises:
        UngradableError: it is not readable as what it should be.
    """
    shown = PurePath(name).name
    if len(data) > LARGEST:
        raise UngradableError(
            f"{shown} has more than {LARGEST // 2**20} MB, which is the most that can be graded. "
            "Clear the outputs (Kernel > Restart Kernel and Clear Outputs), save, and hand in again."
        )
    if not data.strip():
        raise UngradableError(f"{shown} is empty. Was it saved before it was handed in?")
    is_notebook = PurePath(name).suffix.lower() != ".py"
    cells = (
        _code_cells(raw_cells(data, shown), set(check_cells), experiments)
        if is_notebook
        else (Cell(shown, _decode(data, shown)),)
    )
    return Submission(name, hashlib.sha256(data).hexdigest(), cells, is_notebook)


def raw_cells(data: bytes, shown: str) -> list[Any]:
    """The list of a notebook's cells, whatever may be in it.

    Raises:
        UngradableError: it is no notebook; `shown` is its name in the message.
    """
    if len(data) > LARGEST or sum(data.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise UngradableError(
            f"{shown} holds more data than any notebook of this course. "
            "Clear the outputs (Kernel > Restart Kernel and Clear Outputs), save, and hand in again."
        )
    notebook = _parse(_decode(data, shown), shown)
    version = notebook.get("nbformat")
    if not isinstance(version, int) or version not in (3, 4):
        raise UngradableError(
            f"{shown} says that it is a notebook of format {_short(version)}; formats 3 and 4 can be read. "
            "Open it in JupyterLab, save, and hand in again."
        )
    if version == 3:
        sheets = notebook.get("worksheets")
        raw = sheets[0].get("cells") if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else None
    else:
        raw = notebook.get("cells")
    if not isinstance(raw, list):
        raise UngradableError(
            f"{shown} is a notebook without a list of cells. Open it in JupyterLab and save it again."
        )
    return raw


def _decode(data: bytes, shown: str) -> str:
    for encoding in ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError as problem:
            place = problem.start
    raise UngradableError(f"{shown} is not text in UTF-8 (byte {place} cannot be read). Save it again as UTF-8.")


def _code_cells(raw: list[Any], check_cells: set[str], experiments: Collection[str]) -> tuple[Cell, ...]:
    cells = (_cell(number, cell, experiments) for number, cell in enumerate(raw, start=1) if isinstance(cell, dict))
    return tuple(cell for cell in cells if cell is not None and cell.grade_id not in check_cells)


def _parse(text: str, shown: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as problem:
        cut = (
            " It seems to be cut off: was it copied or uploaded completely?" if not text.rstrip().endswith("}") else ""
        )
        raise UngradableError(
            f"{shown} is not a notebook: line {problem.lineno} is not JSON ({problem.msg}).{cut} "
            "Open it in JupyterLab, save, and hand in again."
        ) from None
    except (RecursionError, ValueError):
        raise UngradableError(f"{shown} is not a notebook: its JSON cannot be read.") from None
    if not isinstance(notebook, dict):
        raise UngradableError(f"{shown} is JSON, but not a notebook.")
    return notebook


def _short(value: Any) -> str:
    return repr(value)[:20] if value is None or isinstance(value, bool | int | float | str) else "unknown"


def _cell(number: int, cell: dict[str, Any], experiments: Collection[str]) -> Cell | None:
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader = metadata.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    grade_id = grade_id if isinstance(grade_id, str) else ""
    is_answer = isinstance(nbgrader, dict) and nbgrader.get("cell_type") == "code"
    if cell.get("cell_type") != "code" and not is_answer:  # an answer's cell stays code though it was retyped
        return None
    source = cell.get("source", cell.get("input", ""))  # `input` in format 3
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    tags = metadata.get("tags")
    is_tagged = isinstance(tags, list) and EXPERIMENT in tags
    ids = (cell.get("id"), metadata.get("id"))  # the second is where Google Colab keeps it
    was_released = any(isinstance(name, str) and name in experiments for name in (*ids, text_digest(source)))
    return Cell(
        label=f"cell {number}",
        source=source,
        grade_id=grade_id,
        definitions_only=is_tagged or (was_released and not is_answer),
    )
