"""The notebook that goes into `autograded/`: what was handed in, graded cells as they were released, findings in place.

Plain JSON goes in and comes out, so that it is quick: nbformat checks a notebook against its schema, which takes longer
than all the rest of it. What is kept of a student's cell is therefore built anew, field by field.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

from autograder.grading import Report
from autograder.submission import raw_cells
from cs231n_utils.checking.panel import summary, to_html, to_text
from cs231n_utils.checking.verdict import Verdict

__all__ = ["MOST_LINES", "MOST_TRACEBACK_LINES", "Marked", "graded_cells", "mark"]

SAFE_OUTPUTS = {"text/plain", "text/html", "text/latex", "text/markdown", "image/png", "image/jpeg"}
"""What of a student's outputs is kept for the reader: nothing that a browser would run."""

MOST_LINES = 1000
"""Printed lines of a cell that are kept, as by nbgrader's LimitOutput."""

MOST_TRACEBACK_LINES = 100
"""Lines of a traceback that are kept, as by nbgrader's LimitOutput."""

JSON = dict[str, Any]


@dataclass(frozen=True)
class Marked:
    """What there is to record of a graded submission.

    Attributes:
        text: the notebook, as nbformat writes it.
        scores: the points of each graded cell by its grade_id; None waits for a person.
        unanswered: the cells that a student was to fill in, and left as they were released.
    """

    text: bytes = field(repr=False)
    scores: dict[str, float | None]
    unanswered: frozenset[str]


def mark(data: bytes, release: bytes, report: Report) -> Marked:
    """Mark a submission.

    The student's own cells, their order and their outputs stay. A graded cell that is missing is put back; of one that
    is there twice the last counts, as it does when cells are run from top to bottom. A notebook that cannot be read
    is replaced by the released one, with the reason on top.

    Args:
        data: what was handed in.
        release: the notebook that was released.
        report: how it was graded.
    """
    released = _released(release)
    graded = graded_cells(released)
    verdicts = {f"check_{verdict.name}": verdict for verdict in report.exercises}
    cells = _readable_cells(data)
    if cells is None:
        cells = [{"cell_type": "markdown", "metadata": {}, "source": _unreadable_notice(report)}]
    last = {_grade_id(cell): number for number, cell in enumerate(cells)}
    for number, cell in enumerate(cells):
        grade_id = _grade_id(cell)
        cell["metadata"] = {}
        if grade_id in graded and last[grade_id] == number:
            cells[number] = _restored(cell, graded[grade_id])
    _put_back_missing(cells, graded)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
        verdict = verdicts.get(_grade_id(cell) or "")
        if verdict is not None:
            cell["outputs"] = [_finding_output(verdict)]
            cell["metadata"] = cell["metadata"] | {"autograder": {"exercise": verdict.name, "result": summary(verdict)}}
    unanswered = frozenset(
        grade_id
        for cell in cells
        if (grade_id := _grade_id(cell)) is not None
        and _is(cell, "solution")
        and _joined(cell["source"]) == _joined(graded[grade_id]["source"])
    )
    scores = {name: _points(cell, verdicts, unanswered) for name, cell in graded.items() if _is(cell, "grade")}
    return Marked(_written(released | {"cells": cells}), scores, unanswered)


def graded_cells(release: Mapping[str, Any]) -> dict[str, JSON]:
    """The cells of a released notebook that nbgrader knows of, by their grade_id."""
    return {grade_id: cell for cell in release["cells"] if (grade_id := _grade_id(cell)) is not None}


@lru_cache(maxsize=16)
def _released(release: bytes) -> JSON:
    notebook: JSON = json.loads(release)
    return notebook


def _points(cell: JSON, verdicts: Mapping[str, Verdict], unanswered: frozenset[str]) -> float | None:
    """An exercise's points are its verdict's; an answer in a student's own words is a person's to mark."""
    grade_id = cell["metadata"]["nbgrader"]["grade_id"]
    if grade_id in verdicts:
        return verdicts[grade_id].points
    return 0.0 if grade_id in unanswered else None


def _readable_cells(data: bytes) -> list[JSON] | None:
    """The cells of a submission, each made valid; None where it is no notebook."""
    try:
        return [_valid_cell(cell) for cell in raw_cells(data, "the notebook") if isinstance(cell, dict)]
    except (ValueError, RecursionError):  # an UngradableError too
        return None


def _valid_cell(raw: Mapping[str, Any]) -> JSON:
    source = raw.get("source", raw.get("input", ""))  # `input` in format 3
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    metadata = raw.get("metadata")
    given = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = given.get("grade_id") if isinstance(given, dict) else None
    keep = {"nbgrader": {"grade_id": grade_id}} if isinstance(grade_id, str) else {}
    kind = raw.get("cell_type")
    if kind != "code":
        return {"cell_type": "raw" if kind == "raw" else "markdown", "metadata": keep, "source": source}
    given_outputs = raw.get("outputs")
    outputs = [_valid_output(output) for output in given_outputs] if isinstance(given_outputs, list) else []
    valid = [output for output in outputs if output is not None]
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": keep,
        "outputs": _limited(valid),
        "source": source,
    }


def _valid_output(raw: Any) -> JSON | None:
    """What of an output is as the format wants it, and nothing that a browser would run; None: it is no output."""
    if not isinstance(raw, dict):
        return None
    kind = raw.get("output_type")
    if kind == "stream":
        name, text = raw.get("name"), raw.get("text")
        is_valid = isinstance(name, str) and _is_text(text)
        return {"output_type": kind, "name": name, "text": _joined(text)} if is_valid else None
    if kind == "error":
        words = {name: raw.get(name) for name in ("ename", "evalue")}
        lines = raw.get("traceback")
        is_valid = all(isinstance(word, str) for word in words.values()) and isinstance(lines, list) and _is_text(lines)
        return {"output_type": kind, **words, "traceback": lines} if is_valid else None
    if kind not in ("display_data", "execute_result") or not isinstance(raw.get("data"), dict):
        return None
    data = {mime: _joined(value) for mime, value in raw["data"].items() if mime in SAFE_OUTPUTS and _is_text(value)}
    output = {"output_type": kind, "data": data, "metadata": _sizes(raw.get("metadata"))}
    if kind == "execute_result":
        count = raw.get("execution_count")
        output["execution_count"] = count if type(count) is int and count >= 0 else None
    return output


def _sizes(metadata: Any) -> JSON:
    """Of an output's metadata, how large a figure is to be shown."""
    if not isinstance(metadata, dict):
        return {}
    sizes = {
        mime: {name: value[name] for name in ("width", "height") if type(value.get(name)) is int}
        for mime, value in metadata.items()
        if mime in SAFE_OUTPUTS and isinstance(value, dict)
    }
    return {mime: size for mime, size in sizes.items() if size}


def _limited(outputs: list[JSON]) -> list[JSON]:
    """A cell's outputs without the flood in them, cut where nbgrader's LimitOutput cuts."""
    kept = []
    left = MOST_LINES
    for output in outputs:
        if output["output_type"] == "stream":
            if left == 0:
                continue
            lines = output["text"].split("\n")
            if len(lines) > left:
                lines = [*lines[: left - 1], "... Output truncated ..."]
                output["text"] = "\n".join(lines)
            left -= len(lines)
        if output["output_type"] == "error" and len(output["traceback"]) > MOST_TRACEBACK_LINES:
            lines, half = output["traceback"], MOST_TRACEBACK_LINES // 2
            output["traceback"] = [
                *lines[:half],
                "... Traceback truncated ...",
                *lines[half + 1 - MOST_TRACEBACK_LINES :],
            ]
        kept.append(output)
    return kept


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)


def _grade_id(cell: Mapping[str, Any]) -> str | None:
    grade_id: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return grade_id


def _is(cell: Mapping[str, Any], kind: str) -> bool:
    return bool(cell["metadata"]["nbgrader"].get(kind))


def _restored(cell: JSON, released: JSON) -> JSON:
    """A student's graded cell with everything as it was released, but for what the student may write."""
    whole = dict(released)
    if not released["metadata"]["nbgrader"]["locked"]:
        whole["source"] = cell["source"]
        if "outputs" in whole and "outputs" in cell:
            whole["outputs"] = cell["outputs"]
    return whole


def _put_back_missing(cells: list[JSON], graded: Mapping[str, JSON]) -> None:
    """Put each graded cell that is missing behind the graded cell that it followed in the release."""
    present = [_grade_id(cell) for cell in cells]
    before: str | None = None
    for grade_id, released in graded.items():
        if grade_id not in present:
            place = present.index(before) + 1 if before in present else len(cells)
            cells.insert(place, dict(released))
            present.insert(place, grade_id)
        before = grade_id


def _unreadable_notice(report: Report) -> str:
    message = next((finding.message for e in report.exercises for finding in e.findings), "it cannot be read")
    return f"**This submission could not be graded.** {message}"


def _finding_output(verdict: Verdict) -> JSON:
    """The panel as a student gets it back: with the first wrong entry, but without maps of what hidden cases expect."""
    verdict = replace(verdict, findings=tuple(replace(finding, maps=None) for finding in verdict.findings))
    data = {"text/html": to_html(verdict, brief=True), "text/plain": to_text(verdict, brief=True)}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _written(notebook: JSON) -> bytes:
    """The notebook as nbformat writes it. Half a pair of UTF-16 could not be written; it becomes a question mark."""
    cells = [_split(cell) for cell in notebook["cells"]]
    return f"{_indented(notebook | {'cells': cells})}\n".encode(errors="replace")


def _indented(value: Any, margin: str = "\n") -> str:
    """The same as `json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)`, which takes four times as long.

    >>> print(_indented({"b": [], "a": ["x", 1]}))
    {
     "a": [
      "x",
      1
     ],
     "b": []
    }
    """
    if isinstance(value, str):
        return encode_basestring(value)
    if not value or not isinstance(value, dict | list):
        return json.dumps(value)
    deeper = f"{margin} "
    if isinstance(value, dict):
        items = [f"{encode_basestring(key)}: {_indented(value[key], deeper)}" for key in sorted(value)]
        return f"{{{deeper}{f',{deeper}'.join(items)}{margin}}}"
    return f"[{deeper}{f',{deeper}'.join([_indented(item, deeper) for item in value])}{margin}]"


def _split(cell: JSON) -> JSON:
    """A cell with its texts as lists of lines, as they stand in files."""
    split = cell | {"source": _joined(cell["source"]).splitlines(keepends=True)}
    if cell["cell_type"] == "code":
        split["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return split


def _split_output(output: JSON) -> JSON:
    if output["output_type"] == "stream":
        return output | {"text": _joined(output["text"]).splitlines(keepends=True)}
    if "data" not in output:
        return output
    data = {
        mime: _joined(value).splitlines(keepends=True) if mime.startswith("text/") else value
        for mime, value in output["data"].items()
    }
    return output | {"data": data}
