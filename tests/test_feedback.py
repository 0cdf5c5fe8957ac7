"""Feedback pages: by several processes, and without parsing each page anew, they are nbgrader's all the same."""

import os
import shutil
import subprocess
import sys
import warnings
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter

from autograder import feedback
from autograder.gradebook import FeedbackExporter
from tests.classes import POOLING, Here, copy_course, hand_in, make_course, report_of, run

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

STUDENTS = ("anna", "bert", "[x]", 'o\'brien "x"')
PICTURE = nbformat.v4.new_output("display_data", data={"image/png": "aGk=", "text/plain": "<img src=x>"})
HTML = nbformat.v4.new_output("display_data", data={"text/html": "<p>unclosed <b>bold<img src=x onerror=alert(1)>"})


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    made = make_course(tmp_path_factory.mktemp("course") / "course", names=(POOLING,), students=STUDENTS)
    path = hand_in(made, "anna", points=1)
    notebook = nbformat.v4.new_notebook()
    code = nbformat.v4.new_code_cell("def f(x):\n    return x < 1 and '&'", outputs=[PICTURE, HTML])
    notebook.cells = [nbformat.v4.new_markdown_cell("# Title\n<script>alert(1)</script> $x<y$"), code]
    notebook.cells.append(nbformat.v4.new_markdown_cell("anna 1"))
    nbformat.write(notebook, path)
    with warnings.catch_warnings(action="ignore"):
        executor = Here(lambda job: report_of(replace(job, data=b'{"cells": [{"source": "points 1"}]}')))
        assert run(made, executor, names=[POOLING]).problems == []
    return made


class InThisProcess:
    def submit(self, function, *arguments):
        future = Future()
        with warnings.catch_warnings(action="ignore"):
            future.set_result(function(*arguments))
        return future


def pages(course):
    return {path.parent.parent.name: path.read_text() for path in (course.root / "feedback").rglob("*.html")}


def written(course):
    with warnings.catch_warnings(action="ignore"):
        done = list(feedback.write(course, [POOLING], InThisProcess()))
    return done, pages(course)


def test_every_student_has_a_page(course, monkeypatch):
    monkeypatch.setattr(feedback, "CHUNK", 3)
    done, found = written(course)
    assert done == [(3, None), (1, None)] or done == [(1, None), (3, None)]
    assert set(found) == set(STUDENTS)
    assert "alert(1)</script>" not in found["anna"]
    assert 'alt="A figure in the notebook"' in found["anna"]


def test_pages_are_those_of_nbconvert(course, monkeypatch):
    """With HTMLExporter's own last step, which parses and writes a page anew, they are the same."""
    _, ours = written(course)
    monkeypatch.delattr(FeedbackExporter, "from_notebook_node")
    assert FeedbackExporter.from_notebook_node is HTMLExporter.from_notebook_node
    _, theirs = written(course)
    undescribed = ' alt="No description has been provided for this image"'  # an <img> of the student's own HTML
    for student in STUDENTS:
        parsed = str(BeautifulSoup(ours[student], features="html.parser"))
        assert parsed == theirs[student].replace(undescribed, "")


@pytest.mark.parametrize("odd", ["red\nname"])
def test_a_name_that_nbgrader_cannot_read(course, tmp_path, odd):
    own = copy_course(course, tmp_path / "course")
    shutil.copytree(own.root / "autograded" / "anna", own.root / "autograded" / odd)
    done, found = written(own)
    assert sum(count for count, _ in done) == len(STUDENTS) + 1
    assert [problem for _, problem in done if problem] == [
        f"{odd}, {POOLING}: no feedback page, since nbgrader cannot write one for a name with a line break"
    ]
    assert set(found) == set(STUDENTS)


def test_nbgraders_command_writes_the_same(course, tmp_path):
    _, ours = written(course)
    shutil.rmtree(course.root / "feedback")
    shutil.rmtree(course.root / "autograded" / "[x]")  # a pattern to nbgrader
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [Path(sys.executable).parent / "nbgrader", "generate_feedback", POOLING]
    done = subprocess.run(command, cwd=course.root, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert pages(course) == {student: page for student, page in ours.items() if student != "[x]"}
