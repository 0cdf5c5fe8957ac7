"""What a job can see of the file system, and what it can write to."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import autograder
from autograder.sandbox import bubblewrap

pytestmark = pytest.mark.sandbox

PROJECT = Path(autograder.__file__).parents[1]
TEXTS = (".py", ".pyc", ".ipynb", ".json", ".npz", ".npy", ".pkl", ".txt", ".md", ".html", ".orig")


def test_the_root_holds_nothing_else(ask):
    visible = set(ast.literal_eval(ask("import os; reply(os.listdir('/'))")))
    ours = {"course", "inside", "runner", "packages", "tmp", "proc", "dev"}
    system = {"usr", "lib", "lib32", "lib64", "etc"}
    pythons = {Path(sys.base_prefix).resolve().parts[1]}
    assert visible <= ours | system | pythons
    assert ask("import os; reply(os.listdir('/etc'))") in ("['ld.so.cache']", "[]")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/etc/shadow",
        str(Path.home() / ".ssh"),
        str(Path.home() / ".bash_history"),
        "/home",
        "/var",
        "/run",
        "/sys",
        "/proc/1/environ",
        "/proc/self/mem",
        "/usr/bin/env",
        str(PROJECT / "solutions"),
        str(PROJECT / "autograder"),
        str(PROJECT / "tests"),
        str(PROJECT / "pyproject.toml"),
        str(PROJECT / ".git"),
        __file__,
    ],
)
def test_not_there(ask, path):
    assert ask(f"import os; reply(os.path.lexists({path!r}))") == "False"


@pytest.mark.parametrize("module", ["autograder", "solutions", "solutions.pooling", "autograder.exercises", "tests"])
def test_not_importable(ask, module):
    assert "ModuleNotFoundError" in ask(f"import {module}")


def test_importable(ask):
    source = "import numpy, scipy.special, matplotlib.pyplot, cs231n_utils, zoneinfo; zoneinfo.ZoneInfo('Europe/Paris')"
    assert ask(source + "; reply(cs231n_utils.__path__[0])") == "/course/cs231n_utils"


def test_copies_that_are_installed_are_hidden(tmp_path):
    python = bubblewrap.Interpreter()
    packages = tmp_path / "site-packages"
    for name in ("autograder", "solutions", "numpy"):
        (packages / name).mkdir(parents=True)
    python.packages.append(packages)
    line = " ".join(bubblewrap.bubblewrap_command("bwrap", python, "cs231n_utils", None))
    place = python.shown(packages)
    assert f"--ro-bind {packages} {place}" in line
    for name in ("autograder", "solutions"):
        assert f"--tmpfs {place / name} --remount-ro {place / name}" in line
    assert f"{place / 'numpy'}" not in line


def test_a_virtual_environment_may_lie_in_tmp(tmp_path):
    """Each job has a /tmp of its own, which would hide whatever lies there."""
    python = bubblewrap.Interpreter()
    python.packages.append(tmp_path / "venv" / "site-packages")
    words = bubblewrap.bubblewrap_command("bwrap", python, "cs231n_utils", None)
    places = [words[i + 2] for i, word in enumerate(words) if word == "--ro-bind"]
    assert not [place for place in places if place.startswith("/tmp")]


def test_only_the_scratch_directory_can_be_written_to(ask):
    writable = ask(
        """
        import os
        writable, seen = [], 0
        for directory, children, _ in os.walk('/'):
            seen += 1
            try: open(os.path.join(directory, 'note'), 'x').close(); writable.append(directory)
            except OSError: pass
        reply((writable, seen > 100))
        """,
        request_seconds=30,
    )
    assert writable == "(['/tmp'], True)"


def test_no_visible_file_holds_an_answer(ask):
    needles = answers()
    assert len(needles) >= 1
    found = ask(
        f"""
        import os
        needles, found, read = {needles!r}, [], 0
        for directory, _, names in os.walk('/'):
            for name in names:
                path = os.path.join(directory, name)
                if name.endswith({TEXTS}) and os.path.isfile(path) and os.path.getsize(path) < 2**20:
                    try: data = open(path, 'rb').read()
                    except OSError: continue
                    read += 1
                    found += [(path, needle) for needle in needles if needle in data]
        reply((found, read > 1000))
        """,
        request_seconds=60,
        cpu_seconds=60,
    )
    assert found == "([], True)"


def answers() -> list[bytes]:
    """The longest line of each reference solution that does not stand in the layers that are given to students."""
    given = (PROJECT / "cs231n_utils" / "layers.py").read_text()
    needles = []
    for path in sorted((PROJECT / "solutions").glob("*.py")):
        body, inside = [], False
        for line in path.read_text().splitlines():
            inside = inside or "BEGIN SOLUTION" in line
            inside = inside and "END SOLUTION" not in line
            if inside and line.strip() not in given:
                body.append(line.strip())
        if body:
            needles.append(max(body, key=len).encode())
    return needles
