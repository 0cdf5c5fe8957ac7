"""What is printed when a class is done: a table, of a large class those to look at, and a summary."""

import io

import pytest
from rich.console import Console

from autograder import console
from autograder.register import Line


def line(number, statuses=("failed", "passed"), score=2.0, message="A title"):
    right = 2 if statuses == ("passed",) else 1
    return Line(f"student{number:03}", "02_pooling", score, 4.0, right, 2, statuses, message)


@pytest.fixture
def said(monkeypatch):
    """What is printed, as one line without repeated spaces."""
    out = io.StringIO()
    monkeypatch.setattr(console, "out", Console(file=out, width=100))
    return lambda: " ".join(out.getvalue().split())


def test_a_small_class_is_shown_whole(said):
    lines = [line(2), line(1, ("passed",), 4.0, "")]
    console.print_class(lines, graded=1, seconds=0.5)
    assert said().startswith("student points exercises right the first thing found student001 4 of 4 2 of 2 student002")
    assert "02_pooling: 2 submissions, 1 with everything right, mean 3.0 of 4" in said()
    assert said().endswith("1 graded in 0.5 s, 2.0 a second; 1 unchanged.")


def test_of_a_large_class_those_are_shown_that_ended_in_no_ordinary_way(said):
    lines = [line(number) for number in range(200)]
    lines += [line(300, ("crashed", "passed")), line(301, ("grader_error",), 0.0, "the grader failed")]
    console.print_class(lines, graded=202, seconds=10.0)
    assert "202 submissions; those that ended in no ordinary way:" in said()
    assert "student300" in said()
    assert "student301 0 of 4 1 of 2 the grader failed" in said()
    assert "student000" not in said()
    assert "crashed 1; grader_error 1" in said()


def test_a_class_without_submissions(said):
    console.print_class([], graded=0, seconds=0.1)
    assert said() == "0 graded in 0.1 s; 0 unchanged."


def test_nothing_printed_steers_a_terminal_or_is_markup(said):
    console.print_class([line(1, message="\x1b[2J[bold]x[/]" + "y" * 300)], 1, 1.0)
    assert "\x1b" not in said()
    assert "[bold]x[/]yyy" in said()
    assert "…" in said()


def test_progress_tells_rate_and_time_left():
    with console.progress(quiet=True) as bar:
        task = bar.add_task("grading", total=10)
        for _ in range(3):
            bar.advance(task)
        cells = [str(column(bar.tasks[0])) for column in bar.columns if callable(column)]
    assert "3/10" in " ".join(cells)
    assert any(cell.endswith("/s") for cell in cells)
