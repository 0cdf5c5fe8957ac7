"""A class with hostile students, graded by our command and by nbgrader's own: what comes out, and what does not."""

import csv
import json
import os
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.build import Course
from autograder.coursedir import create
from tests.security.conftest import traces
from tests.security.submissions import GLOBAL, HONEST, IMPORTS, RIGHT, SIZE, WRONG, answered, code, data

pytestmark = [pytest.mark.sandbox, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

BIN = Path(sys.executable).parent
NAME = "02_pooling"
PLANT = "open('{}', 'w').write('x')\nraise SystemExit('planted')\n"

ALERTS = [
    "markdown",
    "raw",
    "output",
    "latex",
    "png",
    "stream",
    "traceback",
    "source",
    "message",
    "name",
    "svg",
    "svgout",
]


def alert(where: str) -> str:
    return f"</pre></code><script>alert('{where}')</script><img src=x onerror=alert('{where}')>"


def hostile_page() -> bytes:
    """HTML wherever a notebook can hold text, broken unicode and escape codes with it."""
    odd = "\x1b[2J\x1b]0;title\x07 \ud83d \u202e "
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": alert("output")}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/latex": alert("latex")}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": '"' + alert("png")}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": f"<svg>{alert('svgout')}</svg>"}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": alert("markdown")}},
        {"output_type": "stream", "name": "stdout", "text": alert("stream") + odd},
        {"output_type": "error", "ename": alert("name"), "evalue": alert("message"), "traceback": [alert("traceback")]},
    ]
    said = json.dumps(alert("message") + odd)
    functions = {
        SIZE: f"def pool_output_size(H, F, S):\n    raise ValueError({said})",
        GLOBAL: f"class Odd(Exception):\n    pass\nOdd.__name__ = {json.dumps(alert('name') + odd)}\n"
        "def global_avg_pool_forward(x):\n    raise Odd",
    }
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": alert("markdown") + odd + f"<svg>{alert('svg')}</svg>"},
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": "[x](javascript:alert('markdown')) ![x](javascript:alert(1))",
        },
        {"cell_type": "raw", "metadata": {}, "source": alert("raw")},
        code(IMPORTS + f"# {alert('source')}{odd}", outputs=outputs),
        *(code(source, name) for name, source in functions.items()),
    ]
    return data(*cells)


def reaching_for(course: Path) -> bytes:
    """Reads and writes what lies in the course directory, whose place is no secret; what worked would be told."""
    wanted = [
        "gradebook.db",
        ".autograder/seed",
        "nbgrader_config.py",
        f"submitted/zoe/{NAME}/{NAME}.ipynb",
        "left_behind",
    ]
    tries = f"""
        hits = []
        for path in {[str(course / path) for path in wanted]!r}:
            for mode in ("rb", "r+b", "ab", "xb"):
                try:
                    with open(path, mode) as file:
                        hits += [path, file.read() if mode == "rb" else file.write(b"5 of 5")]
                except OSError:
                    pass
        found = hits[0]
        """
    told = "def tell():\n    raise LookupError('GOT' + ' OUT ' + str(found)[:200])"
    functions = {
        SIZE: "def pool_output_size(H, F, S):\n    return tell()",
        GLOBAL: "def global_avg_pool_forward(x):\n    return tell(), None",
    }
    return answered(functions, tries, told)


SUBMISSIONS = {
    "anna": (HONEST, 4.0),
    "forger": (answered(WRONG, "import numpy as np\nnp.allclose = lambda *a: True\nANSWER = 0"), 0.0),
    "leaver": (answered({SIZE: RIGHT[SIZE]}, "import os\nos._exit(0)"), 0.0),
    "html": (hostile_page(), 0.0),
    "deep": (b'{"nbformat": 4, "cells": ' + b"[" * 10**6, 0.0),
    "doubled": (data(*json.loads(HONEST)["cells"] * 2), 4.0),
    "not_text": (b"PK\x03\x04\xff", 0.0),
    "beside": (HONEST, 4.0),
    'o\'brien "x" & sons': (HONEST, 4.0),
    "=HYPERLINK(1)": (HONEST, 4.0),
    "\u202ebob": (HONEST, 4.0),
    "<img src=x onerror=alert('student')>": (HONEST, 4.0),
    "zoe": (HONEST, 4.0),
}
LINKERS = ("linked_folder", "linked_file", "linked_student")
ODD = "\x1b[31mred\nname"


def run(*command: str | Path, cwd: Path, code: int = 0) -> str:
    env = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=900)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def scores(folder: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(NAME)}


def hand_in(folder: Path, student: str, content: bytes) -> Path:
    place = folder / "submitted" / student / NAME
    place.mkdir(parents=True)
    (place / f"{NAME}.ipynb").write_bytes(content)
    return place


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, bubblewrap: None) -> Path:
    """A course directory with the class, before anything is graded."""
    from autograder.exercises import find_assignment

    folder = tmp_path_factory.mktemp("hostile") / "course"
    create(folder, Course(Path(__file__).resolve().parents[2]), "auto", (find_assignment(NAME),))
    for student, (content, _) in SUBMISSIONS.items():
        hand_in(folder, student, content)
    hand_in(folder, "writer", reaching_for(folder))
    source = folder / "source" / NAME / f"{NAME}.ipynb"
    beside = folder / "submitted" / "beside" / NAME
    for name in (
        "numpy.py",
        "sitecustomize.py",
        "nbgrader_config.py",
        "jupyter_config.py",
        "nbformat.py",
        "alembic.py",
    ):
        (beside / name).write_text(PLANT.format(folder / f"left_behind_{name}"))
    (beside / "secret.ipynb.txt").symlink_to(source)
    (beside / "endless").symlink_to("/dev/zero")
    (beside / "folder").symlink_to(source.parent)
    (beside / "gone").symlink_to("nowhere")
    os.mkfifo(beside / "pipe")
    submitted = folder / "submitted"
    (submitted / "linked_folder").mkdir()
    (submitted / "linked_folder" / NAME).symlink_to(source.parent)
    (submitted / "linked_file" / NAME).mkdir(parents=True)
    (submitted / "linked_file" / NAME / f"{NAME}.ipynb").symlink_to(source)
    (submitted / "linked_student").symlink_to(submitted / "anna")
    (submitted / "stray.txt").write_text("x")
    (submitted / "stray_student").mkdir()
    (submitted / "stray_student" / NAME).write_text("a file where a folder should be")
    (submitted / "misnamed" / NAME).mkdir(parents=True)
    (submitted / "misnamed" / NAME / "\x1b[2J\x1b[31mpwned.ipynb").write_bytes(HONEST)
    (submitted / "misnamed" / NAME / "\udcff.ipynb").write_bytes(HONEST)
    return folder


def test_the_class(course: Path) -> None:
    """One test in order: our command, then nbgrader's, then the feedback and the export."""
    wanted = {student: score for student, (_, score) in SUBMISSIONS.items()} | {"writer": 0.0}
    kept = {name: (course / name).read_bytes() for name in (".autograder/seed", "nbgrader_config.py")}
    said = run(BIN / "autograder", "grade", course, "--workers", "2", cwd=course)
    assert scores(course) == wanted
    assert "\x1b" not in said
    assert "\u202e" not in said
    for linker in LINKERS:
        assert f"{linker} handed in a symbolic link" in said
    assert "misnamed handed in no 02_pooling.ipynb" in said
    assert traces(course) == set()
    check_folders(course)

    shutil.rmtree(course / ".autograder" / "reports")
    shutil.rmtree(course / "autograded")
    for name in (*LINKERS, "misnamed", "stray_student"):  # nbgrader fails on these, and says so
        path = course / "submitted" / name
        path.unlink() if path.is_symlink() else shutil.rmtree(path)
    run(BIN / "nbgrader", "autograde", NAME, "--force", cwd=course)
    assert scores(course) == wanted
    assert traces(course) == set()
    check_folders(course)

    run(BIN / "autograder", "feedback", course, cwd=course)
    for student in wanted:
        page = course / "feedback" / student / NAME / f"{NAME}.html"
        check_page(page)
    secret = "unclaimed & (x[here] == out)"
    for path in [*(course / "feedback").rglob("*"), *(course / "autograded").rglob("*")]:
        assert not path.is_file() or secret not in path.read_text(errors="replace"), path
    assert secret in (course / "source" / NAME / f"{NAME}.ipynb").read_text()
    check_folders(course)

    run(BIN / "autograder", "export", course, "--to", "csv", "--output", course / "out.csv", cwd=course)
    with (course / "out.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == NAME]
    assert {row["student_id"].removeprefix("'"): float(row["score"]) for row in rows} == wanted
    for row in rows:
        assert not any(value.startswith(("=", "+", "@")) for value in row.values())
    assert traces(course) == set()
    page = (course / "feedback" / "writer" / NAME / f"{NAME}.html").read_text()
    assert "NameError" in page
    assert "GOT OUT" not in page
    assert {name: (course / name).read_bytes() for name in kept} == kept


def check_folders(course: Path) -> None:
    """Nothing that was a link has been copied, and none of a student's modules was imported."""
    for folder in ("autograded", "feedback"):
        copied = {path.name for path in (course / folder).rglob("*")}
        assert not copied & {"secret.ipynb.txt", "endless", "folder", "gone", "pipe"}
    for path in (course / "autograded").rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))


class Page(HTMLParser):
    """Collects what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_script = tag == "script"
        for name, value in attrs:
            text = (value or "").strip().lower()
            if name.startswith("on") or text.startswith(("javascript:", "data:text")):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False

    def handle_data(self, text: str) -> None:
        if self.in_script and any(f"alert('{where}')" in text for where in ALERTS):
            self.found.append(text)


def check_page(path: Path) -> None:
    page = Page()
    page.feed(path.read_text())
    page.close()
    assert page.found == [], path


def test_a_name_with_a_newline_stops_nobody(course: Path, tmp_path: Path) -> None:
    """What nbgrader cannot record is said, and the others are graded."""
    folder = tmp_path / "course"
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("submitted", "autograded", "feedback", "reports"))
    (folder / "submitted").mkdir()
    for student in ("aaron", ODD, "caf\udce9", "[x]", "zoe"):
        hand_in(folder, student, HONEST)
    env = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    command = [BIN / "autograder", "grade", folder, "--workers", "1"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=900)
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert "\x1b" not in said
    graded = scores(folder)
    assert graded["aaron"] == graded["zoe"] == 4.0, said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("\x1b[2J\x1b]0;title\x07.ipynb", hostile_page()),
        ("[bold red]x.ipynb", b""),
        ("a\nb.ipynb", data(nbformat="\x1b[2J")),
    ],
    ids=["page", "empty", "format"],
)
def test_the_command_line_prints_nothing_that_steers_a_terminal(
    bubblewrap: None, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    command = [BIN / "autograder", "check", tmp_path / name, "--assignment", NAME, "--json", tmp_path / "out.json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    said = done.stdout + done.stderr
    assert done.returncode in (1, 2), said
    assert "Traceback" not in said
    assert all(char.isprintable() or char == "\n" for char in said)
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["score"] == 0
