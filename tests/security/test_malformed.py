"""Submissions that are broken, or were made to break the reader."""

# ruff: noqa: E501  (tables of attempts: one line each reads best)

import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import submission
from autograder.grading import grade
from autograder.sandbox import Sandbox
from cs231n_utils.checking.verdict import Status
from tests.security.conftest import LIMITS, SEED, Attempt, messages
from tests.security.submissions import (
    GLOBAL,
    HONEST,
    IMPORTS,
    RIGHT,
    SIZE,
    SMALL,
    WRONG,
    answered,
    check_cell,
    code,
    data,
    notebook,
)

pytestmark = pytest.mark.sandbox


def zipped(content: bytes) -> bytes:
    """An archive with this notebook in it; of zeros, a thousandth of their size."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("02_pooling.ipynb", content)
    return archive.getvalue()


UNREADABLE = {
    "nothing": b"",
    "white space": b" \n\t ",
    "no JSON": b"# Pooling\n\nmy notes",
    "a word": b"null",
    "a list": b"[]",
    "a number of a million digits": b"1" * 10**6,
    "cut off": HONEST[: len(HONEST) // 2],
    "text behind it": HONEST + b"}",
    "format 2": data(nbformat=2),
    "format 5": data(nbformat=5),
    "a format of HTML": data(nbformat="<script>alert(1)</script>"),
    "no cells": json.dumps({"nbformat": 4}).encode(),
    "cells that are an object": json.dumps({"nbformat": 4, "cells": {}}).encode(),
    "invalid UTF-8": HONEST.replace(b"numpy", b"num\xff\xfepy"),
    "Latin-1": json.dumps(notebook(code("x = 'é'")), ensure_ascii=False).encode("latin-1"),
    "UTF-32": HONEST.decode().encode("utf-32"),
    "a zip bomb": zipped(bytes(300 * 2**20)),
    "gzip": b"\x1f\x8b\x08" + bytes(1000),
    "a pickle": b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "zeros": bytes(10**6),
    "JSON nested a million deep": b'{"nbformat": 4, "cells": ' + b"[" * 10**6 + b"]" * 10**6 + b"}",
    "objects nested deep": b'{"a":' * 10**5 + b"1" + b"}" * 10**5,
    "ten million values": b'{"nbformat": 4, "cells": [' + b"[]," * 10**7 + b"[]]}",
    "200 MB": bytes(200 * 2**20),
    "200 MB of output": HONEST[:-2] + b" " * (200 * 2**20) + HONEST[-2:],
}


@pytest.mark.parametrize("handed_in", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read(attempt: Attempt, handed_in: bytes) -> None:
    report = attempt(handed_in)
    assert report.statuses == {Status.UNGRADABLE}
    assert messages(report).startswith("02_pooling.ipynb ")


FUNCTIONS = {name: RIGHT[name] for name in (SIZE, GLOBAL)}
ANSWERS = [code(source, name) for name, source in FUNCTIONS.items()]
CHECKS = [check_cell(name) for name in FUNCTIONS]
CELLS = [code(IMPORTS), ANSWERS[0], CHECKS[0], ANSWERS[1], CHECKS[1]]
R = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}, "language_info": {"name": "R"}}
FLIPPED = {
    "grade": True,
    "solution": False,
    "locked": True,
    "points": 1000,
    "cell_type": "markdown",
    "schema_version": -1,
}


def flipped(cell: dict, **nbgrader: object) -> dict:
    """A cell with other nbgrader metadata."""
    changed = {**cell["metadata"].get("nbgrader", {}), **nbgrader}
    return cell | {"metadata": {**cell["metadata"], "nbgrader": changed}}


READABLE = {
    "checks deleted": data(code(IMPORTS), *ANSWERS),
    "checks doubled": data(*CELLS, *CHECKS, *CHECKS),
    "checks emptied": data(code(IMPORTS), *ANSWERS, *(check | {"source": ""} for check in CHECKS)),
    "checks that raise": data(code(IMPORTS), *(check | {"source": "1/0"} for check in CHECKS), *ANSWERS),
    "checks as Markdown": data(code(IMPORTS), *ANSWERS, *(check | {"cell_type": "markdown"} for check in CHECKS)),
    "checks as raw cells": data(code(IMPORTS), *ANSWERS, *(check | {"cell_type": "raw"} for check in CHECKS)),
    "checks in front": data(*CHECKS, *CELLS),
    "checks worth more": data(code(IMPORTS), *ANSWERS, *(flipped(check, points=1e9) for check in CHECKS)),
    "answers in reverse": data(code(IMPORTS), *CELLS[:0:-1]),
    "answers as Markdown": data(code(IMPORTS), *(answer | {"cell_type": "markdown"} for answer in ANSWERS)),
    "answers without metadata": data(code(IMPORTS), *(answer | {"metadata": {}} for answer in ANSWERS)),
    "answers without grade_id": data(code(IMPORTS), *(flipped(answer, grade_id=None) for answer in ANSWERS)),
    "answers with each other's grade_id": data(
        code(IMPORTS), flipped(ANSWERS[0], grade_id=GLOBAL), flipped(ANSWERS[1], grade_id=SIZE)
    ),
    "answers doubled": data(*CELLS, *ANSWERS),
    "flipped metadata": data(
        code(IMPORTS), *(flipped(answer, **{**FLIPPED, "cell_type": "code"}) for answer in ANSWERS)
    ),
    "metadata that is a list": data(code(IMPORTS), *(answer | {"metadata": [1]} for answer in ANSWERS)),
    "another language's kernel": data(*CELLS, metadata=R),
    "metadata of the notebook that is a text": data(*CELLS, metadata="x"),
    "cells that are none": data(*CELLS, *[None, 3, "x", [], {}]),  # type: ignore[list-item]
    "cells of a kind that there is not": data(*CELLS, {"cell_type": "evil", "source": "1/0"}),
    "run out of order": data(*(cell | {"execution_count": 99 - i} for i, cell in enumerate(CELLS))),
    "execution counts that are text": data(*(cell | {"execution_count": "x" * 100} for cell in CELLS)),
    "outputs that are rubbish": data(*(cell | {"outputs": [None, 3, {"output_type": "x"}]} for cell in CELLS)),
    "equal ids": data(*(cell | {"id": "same"} for cell in CELLS)),
    "format 3": json.dumps({"nbformat": 3, "worksheets": [{"cells": CELLS}]}).encode(),
    "format 4.99": data(*CELLS, nbformat_minor=99),
    "a byte-order mark": b"\xef\xbb\xbf" + data(*CELLS),
    "UTF-16": data(*CELLS).decode().encode("utf-16"),
    "Windows line ends in the file": json.dumps(notebook(*CELLS), indent=1).replace("\n", "\r\n").encode(),
    "Windows line ends in the cells": data(
        *(cell | {"source": cell["source"].replace("\n", "\r\n")} for cell in CELLS)
    ),
    "lines one by one": data(*(cell | {"source": cell["source"].splitlines(keepends=True)} for cell in CELLS)),
    "half a pair of UTF-16": data(*CELLS, code("x = '\ud83d'")),
    "right-to-left marks": data(*CELLS, code("# \u202e\u2066 x\nx = '\u202e'")),
    "a null byte": data(*CELLS, code("x = '\0'")),
    "escape codes": data(*CELLS, code("# \x1b[2J\x1b]0;x\x07")),
    "ten thousand cells": data(*CELLS, *[code("x = 1")] * 10_000),
    "a key twice": data(*CELLS).replace(b'"nbformat": 4', b'"nbformat": 3, "nbformat": 4'),
}


@pytest.mark.parametrize("handed_in", READABLE.values(), ids=READABLE)
def test_what_is_odd_costs_nothing(attempt: Attempt, handed_in: bytes) -> None:
    report = attempt(handed_in, 4)
    assert report.score == 4, report


@pytest.mark.parametrize(
    "source", ["\n" * 10**6, "(" * 10**6, "x = " + "-" * 10**6 + "1"], ids=["lines", "brackets", "signs"]
)
def test_what_takes_python_long_to_read(attempt: Attempt, source: str) -> None:
    """IPython and Python read some texts slowly, or not at all: that is in the sandbox, and the student's own loss."""
    attempt(data(*CELLS, code(source)), 4, request_seconds=1.0)


@pytest.mark.parametrize("handed_in", ["checks worth more", "flipped metadata", "checks doubled", "checks emptied"])
def test_what_is_odd_earns_nothing(attempt: Attempt, handed_in: str) -> None:
    changed = json.loads(READABLE[handed_in])
    for cell in changed["cells"]:
        if "return" in cell["source"]:
            cell["source"] = cell["source"].replace("return", "return 1 +", 1)
    attempt(json.dumps(changed).encode())


NAMES = ["my notebook.ipynb", "it's \"mine\".ipynb", "a\nb.ipynb", "\u202ebypni.ipynb", "../../etc/passwd.ipynb",
         "-rf.ipynb", "x" * 300 + ".ipynb", "\x1b[2J.ipynb", "\udcff.ipynb", ".ipynb", "a;touch left_behind.ipynb", "%s{}.ipynb"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name[:30]) for name in NAMES])
def test_odd_names(attempt: Attempt, name: str) -> None:
    assert attempt(HONEST, 4, name=name).score == 4
    assert attempt(b"", name=name).statuses == {Status.UNGRADABLE}


def test_a_million_empty_lines_in_a_python_file(sandbox: Sandbox) -> None:
    """Which functions a file defines is found by its text, in a time that grows with its length and no faster."""
    source = "\n" * 10**6 + IMPORTS + RIGHT[SIZE]
    report = grade(source.encode(), "layers.py", [SMALL], sandbox, SEED, LIMITS)
    assert [verdict.status for verdict in report.exercises] == [Status.PASSED]


HALF = answered({SIZE: WRONG[SIZE], GLOBAL: RIGHT[GLOBAL]}, "ANSWER = 0")
"""Two of four points: a wrong function and a right one."""

FUZZ = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({})


@FUZZ
@given(st.data())
def test_no_mutation_earns_a_point(sandbox: Sandbox, draw: st.DataObject) -> None:
    """Cells removed, doubled, moved, and fields of them replaced: never a crash, never more than before."""
    mutated = json.loads(HALF)
    cells = mutated["cells"]
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(cells) - 1)) if cells else 0
        action = draw.draw(st.sampled_from(["remove", "double", "move", "field", "metadata", "notebook", "cell"]))
        if action == "notebook" or not cells:
            mutated[draw.draw(st.sampled_from(["nbformat", "metadata", "extra"]))] = draw.draw(JUNK)
        elif action == "remove":
            del cells[at]
        elif action == "double":
            cells.append(json.loads(json.dumps(cells[at])))
        elif action == "move":
            cells.insert(0, cells.pop(at))
        elif action == "cell":
            cells[at] = draw.draw(JUNK)
        elif isinstance(cells[at], dict) and action == "field":
            cells[at][draw.draw(st.sampled_from(["source", "cell_type", "metadata", "outputs"]))] = draw.draw(JUNK)
        elif isinstance(cells[at], dict) and isinstance(cells[at].get("metadata"), dict):
            key = draw.draw(st.sampled_from(["nbgrader", "tags"]))
            tags = st.sampled_from([["experiment"], ["skip-execution"], {"grade_id": f"check_{SIZE}"}, {"points": 99}])
            cells[at]["metadata"][key] = draw.draw(JUNK | tags)
    report = grade(json.dumps(mutated).encode(), "n.ipynb", [SMALL], sandbox, SEED, LIMITS, only=SMALL)
    assert report.score <= 2
    assert Status.GRADER_ERROR not in report.statuses


@FUZZ
@given(st.data())
def test_no_flipped_byte_earns_a_point(sandbox: Sandbox, draw: st.DataObject) -> None:
    flipped_bytes = bytearray(HALF)
    for _ in range(draw.draw(st.integers(1, 3))):
        flipped_bytes[draw.draw(st.integers(0, len(HALF) - 1))] = draw.draw(st.integers(0, 255))
    report = grade(bytes(flipped_bytes), "n.ipynb", [SMALL], sandbox, SEED, LIMITS, only=SMALL)
    assert report.score <= 2
    assert Status.GRADER_ERROR not in report.statuses


def test_the_limits_on_size_hold_an_ordinary_notebook() -> None:
    """Twenty thousand lines of output and a hundred figures are far below them."""
    figure = {"output_type": "display_data", "data": {"image/png": "A" * 100_000}, "metadata": {}}
    text = {"output_type": "stream", "name": "stdout", "text": ["1, 2, 3, 4, 5\n"] * 20_000}
    assert submission.read(data(*CELLS, code("show()", outputs=[figure] * 100 + [text])), "n.ipynb").cells
