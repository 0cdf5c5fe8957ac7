"""What a student has done so far: kept beside the notebook, never required, never harmful."""

import json
import os
import subprocess
import sys

import pytest

from autograder.exercises import ASSIGNMENTS
from cs231n_utils.checking import contents, overview
from cs231n_utils.checking.finding import Status, Verdict
from cs231n_utils.checking.progress_book import FILE, Entry, ProgressBook

RIGHT = Entry(Status.PASSED, 2.0)


def verdict(name="pool_output_size", status=Status.PASSED, points=2.0):
    return Verdict(name, status, points, 2.0, ())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "02_pooling.ipynb").write_text("{}")
    return tmp_path


def test_the_next_session_knows_of_this_one(folder):
    ProgressBook(folder).record(verdict())
    assert ProgressBook(folder).entries() == {"pool_output_size": RIGHT}
    assert [path.name for path in folder.iterdir() if path.suffix != ".ipynb"] == [FILE]


def test_the_last_result_counts(folder):
    book = ProgressBook(folder)
    book.record(verdict())
    book.record(verdict(status=Status.FAILED, points=0.0))
    assert book.entries() == ProgressBook(folder).entries() == {"pool_output_size": Entry(Status.FAILED, 0.0)}


def test_where_there_is_no_notebook_there_is_no_file(tmp_path):
    book = ProgressBook(tmp_path)
    book.record(verdict())
    assert list(tmp_path.iterdir()) == []
    assert book.entries() == {"pool_output_size": RIGHT}
    assert not book.is_kept


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"3",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"exercises": 3}',
        b'{"exercises": [1]}',
        b'{"exercises": {"pool_output_size": {}}}',
        b'{"exercises": {"pool_output_size": {"status": "passed", "points": "2"}}}',
        b'{"exercises": {"pool_output_size": {"status": "great", "points": 2}}}',
        b'{"exercises": {"pool_output_size": 3}}',
        b'{"exercises": {"<script>": {"status": "passed", "points": 2}}}',
        b" " * (2**20 + 1),
    ],
    ids=lambda damage: damage[:50].decode(errors="replace"),
)
def test_a_damaged_file_does_no_harm(folder, damage):
    (folder / FILE).write_bytes(damage)
    book = ProgressBook(folder)
    assert book.entries() == {}
    book.record(verdict())
    assert ProgressBook(folder).entries() == {"pool_output_size": RIGHT}


@pytest.mark.parametrize("points", [1e9, -5, float("inf"), float("nan")])
def test_points_stay_within_what_there_is_to_have(folder, points):
    text = json.dumps({"exercises": {"pool_output_size": {"status": "passed", "points": points}}})
    (folder / FILE).write_text(text)
    assert 0 <= ProgressBook(folder).entries()["pool_output_size"].points <= 2


def test_a_folder_that_cannot_be_written(folder, monkeypatch):
    def refuse(*paths):
        raise PermissionError

    monkeypatch.setattr(os, "replace", refuse)
    book = ProgressBook(folder)
    book.record(verdict())
    assert book.entries() == {"pool_output_size": RIGHT}
    assert [path.name for path in folder.iterdir()] == ["02_pooling.ipynb"]


def test_a_file_that_cannot_be_a_file(folder):
    (folder / FILE).mkdir()
    book = ProgressBook(folder)
    book.record(verdict())
    assert book.entries() == {"pool_output_size": RIGHT}


WRITER = """
import sys
from pathlib import Path
from cs231n_utils.checking.finding import Status, Verdict
from cs231n_utils.checking.progress_book import ProgressBook
book = ProgressBook(Path(sys.argv[1]))
for _ in range(200):
    book.record(Verdict(sys.argv[2], Status.PASSED, 2.0, 2.0, ()))
"""


def test_two_kernels_at_once(folder):
    names = ("pool_output_size", "max_pool_forward_naive")
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(folder), name]) for name in names]
    seen = []
    while any(writer.poll() is None for writer in writers):
        if (folder / FILE).exists():
            json.loads((folder / FILE).read_text())  # whole at any time
            seen.append(ProgressBook(folder).entries())
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen
    assert set(ProgressBook(folder).entries()) <= set(names)
    assert ProgressBook(folder).entries()
    assert sorted(path.name for path in folder.iterdir()) == [FILE, "02_pooling.ipynb"]


def test_in_a_folder_that_is_no_more(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    code = "import os, sys; os.rmdir(os.getcwd()); from cs231n_utils import progress; progress()"
    env = os.environ | {"PYTHONPATH": os.getcwd()}
    done = subprocess.run([sys.executable, "-c", code], cwd=gone, env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("Nothing has been checked yet")


# --- the table of contents ---


def test_contents_are_the_courses():
    assert contents.notebooks() == {a.name: {e.name: e.points for e in a.exercises} for a in ASSIGNMENTS}


@pytest.fixture
def nowhere(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def test_the_notebook_at_hand(nowhere, monkeypatch):
    assert contents.notebook_at_hand({}) is None
    pooling = dict.fromkeys(contents.notebooks()["02_pooling"], print)
    assert contents.notebook_at_hand(pooling | {"batchnorm_forward": print}) == "02_pooling"
    assert contents.notebook_at_hand(dict.fromkeys(pooling, 3)) is None
    assert contents.notebook_at_hand(pooling | {"__vsc_ipynb_file__": "/home/me/03_batchnorm.ipynb"}) == "03_batchnorm"
    monkeypatch.setenv("JPY_SESSION_NAME", "work/06_dropout.ipynb")
    assert contents.notebook_at_hand(pooling) == "06_dropout"
    monkeypatch.setenv("JPY_SESSION_NAME", "work/copy.ipynb")
    assert contents.notebook_at_hand(pooling) == "02_pooling"


# --- how it looks ---

ENTRIES = {
    "pool_output_size": RIGHT,
    "max_pool_forward_naive": Entry(Status.FAILED, 0.0),
    "rel_error": Entry(Status.PASSED, 3.0),
}


def test_an_overview():
    lines = overview.to_text("02_pooling", ENTRIES, ["A note."]).splitlines()
    assert lines[0] == "02_pooling: 1 of 16 right, 2 of 52 points so far"
    said = {line.split()[1]: " ".join(line.split()) for line in lines[1:17]}
    assert list(said) == list(contents.notebooks()["02_pooling"])
    assert said["pool_output_size"] == "✓ pool_output_size 2 of 2"
    assert said["max_pool_forward_naive"].startswith("✗ max_pool_forward_naive 0 of 6, wrong")
    assert said["max_pool_backward_naive"].startswith("… max_pool_backward_naive 0 of 8, not checked yet")
    assert [line for line in said.values() if line.endswith("← next")] == [list(said.values())[1]]
    assert lines[-3] == "Other notebooks:"
    assert lines[-2].split()[:2] == ["…", "01_gradient_checking"]
    assert lines[-1] == "A note."


def test_an_overview_as_html_says_the_same():
    page = overview.to_html("02_pooling", ENTRIES, ["A note."])
    for words in ("1 of 16 right, 2 of 52 points so far", "0 of 6, wrong", "  ← next", "Other notebooks:", "A note."):
        assert words in page
    assert page.count("role='img' aria-label='right'") == 1


def test_nothing_yet():
    assert overview.to_text(None, {}) == "Nothing has been checked yet: run check(...) below an exercise."


def test_all_done():
    entries = {name: Entry(Status.PASSED, points) for name, points in contents.notebooks()["06_dropout"].items()}
    page = overview.to_html("06_dropout", entries)
    assert "next" not in page
    assert "check-passed" in page
