"""`autograder check` as an instructor types it: exit codes, JSON, and one clear message for what cannot be graded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sandbox

ROOT = Path(__file__).parent.parent
RIGHT = ROOT / "solutions" / "pooling.py"


def check(*arguments: str | Path, code: int) -> str:
    command = [Path(sys.executable).parent / "autograder", "check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    return " ".join(said.split())


def test_right_file_passes(bubblewrap: None, tmp_path: Path) -> None:
    said = check(RIGHT, "--json", tmp_path / "report.json", code=0)
    assert "02_pooling: 52 of 52 points" in said
    report = json.loads((tmp_path / "report.json").read_text())
    assert set(report) == {"submission", "assignment", "score", "max_score", "sandbox", "seconds", "exercises"}
    assert (report["score"], report["max_score"], report["sandbox"]) == (52, 52, "bubblewrap")
    assert {exercise["status"] for exercise in report["exercises"]} == {"passed"}


def test_wrong_file_names_the_mistake(bubblewrap: None, tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(RIGHT.read_text().replace("j * S + q] += dout", "j * S + q] = dout"))
    said = check(path, "--json", tmp_path / "report.json", code=1)
    assert "A pixel in several windows keeps the last gradient only." in said
    report = json.loads((tmp_path / "report.json").read_text())
    exercise = next(e for e in report["exercises"] if e["name"] == "max_pool_backward_naive")
    assert exercise["status"] == "failed"
    finding = next(f for f in exercise["findings"] if f["status"] == "failed")
    assert finding["mistake"] == "assigns_on_overlap"
    assert {"case", "status", "message", "mistake", "hint"} <= set(finding)


def test_only_what_a_file_defines_is_graded(bubblewrap: None, tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text("def pool_output_size(H, F, S):\n    if F > H: raise ValueError\n    return (H - F) // S + 1\n")
    assert "02_pooling: 2 of 2 points" in check(path, code=0)
    assert "02_pooling: 2 of 52 points" in check(path, "--assignment", "02_pooling", code=1)


def test_notebook_is_graded(bubblewrap: None) -> None:
    assert "02_pooling: 0 of 52 points" in check(ROOT / "notebooks" / "02_pooling.ipynb", code=1)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.ipynb", b'{"cells": [{"cell_type": "co', "It seems to be cut off"),
        ("text.ipynb", b"Dear teacher, my dog ate it.", "is not a notebook"),
        ("list.ipynb", b"[1, 2]", "is JSON, but not a notebook"),
        ("empty.ipynb", b"", "is empty"),
        ("old.ipynb", b'{"nbformat": 2, "worksheets": []}', "format 2"),
        ("other.ipynb", b'{"nbformat": 4, "cells": []}', "answers no exercise"),
        ("latin.py", "x = 'ü'".encode("latin-1"), "is not text in UTF-8"),
    ],
)
def test_ungradable_says_why(bubblewrap: None, tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert said in check(path, "--json", tmp_path / "report.json", code=2)
    report = json.loads((tmp_path / "report.json").read_text())
    assert said in report["error"]
    assert report["exercises"] == []


def test_missing_file_and_unknown_assignment(bubblewrap: None, tmp_path: Path) -> None:
    assert "there is no file" in check(tmp_path / "nothing.ipynb", code=2)
    assert "there is no assignment called '2'; there are:" in check(RIGHT, "--assignment", "2", code=2)


def test_syntax_error_costs_its_own_file_only_a_sentence(bubblewrap: None, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def pool_output_size(H, F, S)\n    return 1\n")
    assert "pool_output_size is not defined, because broken.py failed: SyntaxError: expected ':' (line 1)" in check(
        path, code=1
    )


def test_old_imports_get_advice(bubblewrap: None, tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text("from past.builtins import xrange\ndef pool_output_size(H, F, S):\n    return 1\n")
    assert "write range where the code says xrange" in check(path, code=1)


def test_without_a_sandbox_only_when_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text("def two_by_two_pool_size():\n    return 27\n")
    assert "Graded without a sandbox" in check(path, "--sandbox", "none", code=0)
