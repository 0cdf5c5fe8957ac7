"""Reading submissions: whatever is handed in becomes cells of code, or one kind and exact message."""

import copy
import json
from dataclasses import asdict

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import submission
from autograder.grading import Report
from autograder.jobs import compile_request
from autograder.marking import mark
from autograder.submission import Cell, UngradableError, read, text_digest
from cs231n_utils.checking.values import unpack

ANSWER = "def max_pool_forward_naive(x, pool_param):\n    return x, None\n"


def code(source="", grade_id=None, tags=None, **fields):
    metadata = {}
    if grade_id:
        metadata["nbgrader"] = {"grade_id": grade_id, "cell_type": "code", "solution": True}
    if tags:
        metadata["tags"] = tags
    cell = {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": None}
    return cell | fields


def notebook(*cells, **fields):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | fields


GOOD = notebook(
    {"cell_type": "markdown", "source": "# Pooling", "metadata": {}},
    code("import numpy as np"),
    code(ANSWER, "max_pool_forward_naive"),
    code("check(max_pool_forward_naive)", "check_max_pool_forward_naive"),
    code("show()", tags=["experiment"]),
)
CHECKS = ["check_max_pool_forward_naive"]


def read_json(value, name="02_pooling.ipynb", checks=CHECKS):
    return read(json.dumps(value).encode(), name, checks)


def sources(value):
    return [cell.source for cell in read_json(value).cells]


# --- what can be read ---


def test_cells_of_code_in_their_order():
    read_in = read_json(GOOD)
    assert read_in.is_notebook
    assert read_in.module_name == "__main__"
    assert read_in.cells == (
        Cell("cell 2", "import numpy as np"),
        Cell("cell 3", ANSWER, "max_pool_forward_naive"),
        Cell("cell 5", "show()", definitions_only=True),
    )


def test_cells_that_check_are_left_out():
    assert [cell.grade_id for cell in read_json(GOOD, checks=()).cells][2] == CHECKS[0]
    assert CHECKS[0] not in [cell.grade_id for cell in read_json(GOOD).cells]


def test_a_python_file_is_one_cell():
    read_in = read(ANSWER.encode(), "layers.py")
    assert not read_in.is_notebook
    assert read_in.module_name == "submission"
    assert read_in.cells == (Cell("layers.py", ANSWER),)


@pytest.mark.parametrize("name", ["LAYERS.PY", "a b\n'c'.py", "../../etc/layers.py", "\u202eyp.py"])
def test_odd_names_of_python_files(name):
    assert not read(b"x = 1", name).is_notebook


@pytest.mark.parametrize(
    ("text", "defined"),
    [
        ("def f(x): ...", True),
        ("  def f (x):\n    ...", True),
        ("class f: ...", True),
        ("f = lambda x: x", True),
        ("f: Callable = partial(g)", True),
        ("f == 1", False),
        ("def ff(x): ...", False),
        ("g(f)", False),
        ("# def f(x)", False),
    ],
)
def test_what_a_file_defines(text, defined):
    assert read(text.encode(), "layers.py").defines("f") == defined


@pytest.mark.parametrize(
    ("source", "read_as"),
    [
        ("a\nb", "a\nb"),
        (["a\n", "b"], "a\nb"),
        (["a\n", None, 3, ["b"], "b"], "a\nb"),
        ([], ""),
        ("a\r\nb", "a\nb"),
    ],
    ids=repr,
)
def test_sources_as_text_and_as_lines(source, read_as):
    expected = read_as if "\r" not in str(source) else source  # inside JSON, line ends are the student's own
    assert sources(notebook(code(source))) == [expected]


@pytest.mark.parametrize("source", [None, 3, True, {"a": 1}])
def test_a_source_that_is_garbage_costs_its_cell_only(source):
    assert sources(notebook(code(source), code("b = 1"))) == ["b = 1"]


@pytest.mark.parametrize("cell", [None, 3, "text", [], {}, {"cell_type": 3}, {"cell_type": "code", "metadata": []}])
def test_a_cell_that_is_garbage_costs_itself_only(cell):
    assert sources(notebook(cell, code("b = 1")))[-1] == "b = 1"


@pytest.mark.parametrize("kind", ["markdown", "raw", "heading", None, 3])
def test_a_retyped_answer_is_still_code(kind):
    retyped = code(ANSWER, "max_pool_forward_naive") | {"cell_type": kind}
    assert sources(notebook(retyped)) == [ANSWER]
    assert sources(notebook(code(ANSWER) | {"cell_type": kind})) == []  # but a cell of one's own is what it says


@pytest.mark.parametrize(
    "nbgrader",
    [
        {"grade": True, "solution": False, "locked": True, "points": 1000, "task": True, "schema_version": 99},
        {"cell_type": "markdown"},
        {"checksum": "0" * 32},
        {},
    ],
)
def test_flipped_metadata_does_not_matter(nbgrader):
    cell = code(ANSWER, "max_pool_forward_naive")
    cell["metadata"]["nbgrader"].update(nbgrader)
    assert read_json(notebook(cell)).cells == (Cell("cell 1", ANSWER, "max_pool_forward_naive"),)


@pytest.mark.parametrize("metadata", [None, [], "text", {"nbgrader": None}, {"nbgrader": []}, {"tags": "experiment"}])
def test_broken_metadata_does_not_matter(metadata):
    assert read_json(notebook(code(ANSWER, metadata=metadata))).cells == (Cell("cell 1", ANSWER),)


@pytest.mark.parametrize("grade_id", [None, 3, [], {"a": 1}])
def test_a_grade_id_that_is_no_name(grade_id):
    metadata = {"nbgrader": {"grade_id": grade_id}}
    assert read_json(notebook(code(ANSWER, metadata=metadata))).cells == (Cell("cell 1", ANSWER),)


def test_tags_that_skip_a_cell_are_not_honoured():
    assert sources(notebook(code(ANSWER, tags=["skip-execution", "nbval-skip"]))) == [ANSWER]


SHOWN = "for rate in rates:\n    show(rate)"
EXPERIMENTS = {"code-0123456789ab", text_digest(SHOWN)}


@pytest.mark.parametrize(
    "cell",
    [
        code(SHOWN),
        code("for rate in rates:\r\n\tshow( rate )\r\n"),
        code("show(0.1)", id="code-0123456789ab"),
        code("show(0.1)", metadata={"id": "code-0123456789ab"}),
        code(SHOWN.splitlines(keepends=True), metadata=None),
        code("show(0.1)", tags=["experiment"]),
    ],
    ids=["text", "white space", "id", "Colab's id", "lines", "tag"],
)
def test_an_experiment_is_known_without_its_tag(cell):
    read_in = read(json.dumps(notebook(cell, code("x = 1"))).encode(), "n.ipynb", CHECKS, EXPERIMENTS)
    assert [cell.definitions_only for cell in read_in.cells] == [True, False]


def test_an_answer_is_no_experiment_though_it_has_ones_id():
    cell = code(ANSWER, "max_pool_forward_naive", id="code-0123456789ab")
    assert not read(json.dumps(notebook(cell)).encode(), "n.ipynb", CHECKS, EXPERIMENTS).cells[0].definitions_only


def test_notebooks_of_format_3():
    old = {"cell_type": "code", "input": ["a = 1\n", "b = 2"], "language": "python", "outputs": []}
    assert sources({"nbformat": 3, "worksheets": [{"cells": [old]}]}) == ["a = 1\nb = 2"]


TEXT = json.dumps(GOOD | {"metadata": {"title": "é×🙂"}})


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8-sig"),
        TEXT.replace("{", "{\r\n").encode(),
        json.dumps(GOOD, indent=1, ensure_ascii=False).encode(),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        b"\n\n  " + TEXT.encode() + b"\n\n",
    ],
    ids=["byte-order mark", "Windows line ends", "indented", "UTF-16", "UTF-16, big end first", "space around"],
)
def test_encodings(data):
    assert [cell.source for cell in read(data, "n.ipynb", CHECKS).cells] == sources(GOOD)


def test_windows_line_ends_in_a_python_file():
    assert read(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n", "layers.py").cells[0].source == "a = 1\nb = 2\n"


def test_the_digest_is_that_of_the_bytes():
    one, other = (read(json.dumps(GOOD, indent=indent).encode(), "n.ipynb") for indent in (0, 1))
    assert one.cells == other.cells
    assert one.digest != other.digest


# --- what cannot ---

WHOLE = json.dumps(GOOD, indent=1).encode()

BROKEN = {
    "empty": (b"", "n.ipynb is empty. Was it saved before it was handed in?"),
    "blank": (b" \n\t\r\n", "n.ipynb is empty"),
    "not JSON": (b"Dear grader,\nmy notebook", "n.ipynb is not a notebook: line 1 is not JSON"),
    "JSON that breaks off": (WHOLE[: len(WHOLE) // 2], "It seems to be cut off"),
    "JSON without its end": (WHOLE[:-1], "was it copied or uploaded completely?"),
    "a comma too many": (b'{"nbformat": 4,\n "cells": [],}', "line 2 is not JSON"),
    "JSON list": (b"[1, 2]", "n.ipynb is JSON, but not a notebook"),
    "JSON text": (b'"notebook"', "is JSON, but not a notebook"),
    "JSON null": (b"null", "is JSON, but not a notebook"),
    "no notebook": (b"{}", "of format None; formats 3 and 4 can be read"),
    "format 2": (json.dumps(notebook(nbformat=2)).encode(), "of format 2; formats 3 and 4 can be read"),
    "format 5": (json.dumps(notebook(nbformat=5)).encode(), "of format 5; formats 3 and 4"),
    "format true": (json.dumps(notebook(nbformat=True)).encode(), "of format True"),
    "format 4.5": (json.dumps(notebook(nbformat=4.5)).encode(), "of format 4.5"),
    "format as text": (json.dumps(notebook(nbformat="4")).encode(), "of format '4'"),
    "no cells": (b'{"nbformat": 4}', "a notebook without a list of cells. Open it in JupyterLab and save it again."),
    "cells are an object": (json.dumps(notebook() | {"cells": {}}).encode(), "without a list of cells"),
    "cells are text": (json.dumps(notebook() | {"cells": "code"}).encode(), "without a list of cells"),
    "format 3 without worksheets": (b'{"nbformat": 3, "cells": []}', "without a list of cells"),
    "format 3, empty worksheets": (b'{"nbformat": 3, "worksheets": []}', "without a list of cells"),
    "format 3, worksheets of text": (b'{"nbformat": 3, "worksheets": ["a"]}', "without a list of cells"),
    "invalid UTF-8": (b'{"nbformat": 4, "x": "\xff"}', "is not text in UTF-8 (byte 22 cannot be read). Save it again"),
    "Latin-1": ("é" * 9).encode("latin-1"),
    "zip": (b"PK\x03\x04\x14\x00\xff\xff", "is not text in UTF-8"),
    "half of UTF-16": (b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1], "is not text in UTF-8"),
    "nested a hundred thousand deep": (b'{"nbformat": 4, "cells": ' + b"[" * 100_000, "its JSON cannot be read"),
    "a number of five thousand digits": (b'{"nbformat": ' + b"4" * 5000 + b"}", "its JSON cannot be read"),
}
BROKEN["Latin-1"] = (BROKEN["Latin-1"], "is not text in UTF-8 (byte 0 cannot be read)")


@pytest.mark.parametrize(("data", "said"), BROKEN.values(), ids=BROKEN)
def test_one_message_says_what_is_wrong(data, said):
    with pytest.raises(UngradableError) as caught:
        read(data, "folder/n.ipynb")
    message = str(caught.value)
    assert said in message
    assert message.startswith("n.ipynb ")  # by its name, not by its path
    assert len(message) < 300
    assert message.isprintable()


def test_too_large(monkeypatch):
    monkeypatch.setattr(submission, "LARGEST", 2 * 2**20)
    assert read(b" " * (2 * 2**20 - 1) + b"1", "layers.py")
    said = r"n.ipynb has more than 2 MB, which is the most that can be graded. Clear the outputs"
    with pytest.raises(UngradableError, match=said):
        read(bytes(3 * 2**20), "n.ipynb")


@pytest.mark.parametrize("depth", [0, 900])
def test_a_format_that_goes_on_and_on(depth):
    data = b'{"nbformat": ' + b"[" * depth + b'"' + b"4" * 10**6 + b'"' + b"]" * depth + b"}"
    with pytest.raises(UngradableError) as caught:
        read(data, "n.ipynb")
    assert len(str(caught.value)) < 300


# --- anything at all ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value, path=()):
    """The path of every node in a JSON value but the root."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def parent_of(value, path):
    for key in path[:-1]:
        value = value[key]
    return value


@st.composite
def mutated(draw):
    """The good notebook with a few nodes replaced, removed, doubled or exchanged."""
    value = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(list(places(value)) or [("cells",)]))
        parent = parent_of(value, path)
        action = draw(st.sampled_from(["replace", "remove", "double", "exchange"]))
        if action == "remove" and path[-1] in (parent if isinstance(parent, dict) else range(len(parent))):
            del parent[path[-1]]
        elif action == "double" and isinstance(parent, list):
            parent.insert(path[-1], copy.deepcopy(parent[path[-1]]))
        elif action == "exchange":
            other = draw(st.sampled_from(list(places(value))))
            parent[path[-1]] = copy.deepcopy(parent_of(value, other)[other[-1]])
        else:
            parent[path[-1]] = draw(JSON)
    return value


def read_or_refuse(data, name="n.ipynb"):
    """Read; what can be read can also be sent to the sandbox."""
    try:
        read_in = read(data, name, CHECKS)
    except UngradableError as problem:
        return str(problem)
    request = unpack(compile_request(read_in))
    assert request["cells"] == [asdict(cell) for cell in read_in.cells]
    return ""


@settings(deadline=None)
@given(mutated())
def test_mutated_notebooks(value):
    assert len(read_or_refuse(json.dumps(value).encode())) < 300


@settings(deadline=None)
@given(st.binary(max_size=100), st.sampled_from(["n.ipynb", "n.py", "n"]))
def test_arbitrary_bytes(data, name):
    assert len(read_or_refuse(data, name)) < 300


@settings(deadline=None)
@given(st.data())
def test_flipped_bytes(data):
    flipped = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        flipped[data.draw(st.integers(0, len(flipped) - 1))] = data.draw(st.integers(0, 255))
    assert len(read_or_refuse(bytes(flipped))) < 300


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_truncated(end):
    assert read_or_refuse(WHOLE[:end]).startswith("n.ipynb is ")


def test_half_a_pair_of_utf_16_in_a_source():
    data = b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = \'\\ud83d\'"}]}'
    assert read_or_refuse(data) == ""


# --- and handed back ---


def handed_back(data):
    """The notebook that goes into `autograded/`, through its file."""
    release = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("def max_pool_forward_naive(): ...")])
    release.cells[0].metadata["nbgrader"] = {"grade_id": "max_pool_forward_naive", "locked": False, "solution": True}
    marked = mark(data, nbformat.writes(release).encode(), Report("n.ipynb", "02_pooling", "none", 0.0, ()))
    return nbformat.reads(marked.text.decode(), as_version=4)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-16"),
        TEXT.encode("utf-8-sig"),
        json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ANSWER}]}]}).encode(),
        json.dumps(notebook(code(ANSWER), code("x = '\ud83d'"))).encode(),
        json.dumps(
            notebook(code(ANSWER, outputs=[{"output_type": "stream", "name": "stdout", "text": "\ud83d"}]))
        ).encode(),
        json.dumps(notebook(None, code(3), code(ANSWER, metadata=[]))).encode(),
    ],
    ids=["UTF-16", "byte-order mark", "format 3", "broken unicode", "broken unicode in an output", "garbage"],
)
def test_what_can_be_read_can_be_handed_back(data):
    assert ANSWER in [cell.source for cell in read(data, "n.ipynb").cells]
    sources_back = [cell.source for cell in handed_back(data).cells]
    assert ANSWER in sources_back
    assert not any("could not be graded" in source for source in sources_back)


def test_what_cannot_is_handed_back_with_a_word():
    assert "could not be graded" in handed_back(WHOLE[:-9]).cells[0].source


@settings(deadline=None)
@given(mutated())
def test_mutated_notebooks_can_be_handed_back(value):
    handed_back(json.dumps(value).encode())
