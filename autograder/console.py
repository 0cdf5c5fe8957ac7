"""What an instructor sees in the terminal while a class is graded, and when it is done."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from autograder.register import Line
from cs231n_utils.checking.verdict import Status

__all__ = ["err", "out", "print_class", "print_problems", "printable", "progress"]

out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
err = Console(stderr=True, highlight=False)

LONGEST_TABLE = 100
"""Submissions that are shown one by one; of a larger class only those that somebody should look at."""

TITLES = ("student", "points", "exercises right", "the first thing found")
ODD = {Status.UNGRADABLE, Status.GRADER_ERROR, Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED}


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def progress(quiet: bool = False) -> Progress:
    """A bar with the count, the rate, the time passed and the time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True, disable=quiet)


def printable(text: str) -> str:
    """Without control characters: a submission must not steer the reader's terminal."""
    return "".join(char if char.isprintable() or char in "\n" else "�" for char in text)


def print_class(lines: Iterable[Line], graded: int, seconds: float) -> None:
    """The table of the class, and a summary of each assignment.

    Args:
        lines: one for each submission.
        graded: how many of them were graded or recorded in this run.
        seconds: how long that took.
    """
    ordered = sorted(lines, key=lambda line: (line.assignment, line.student))
    shown = ordered if len(ordered) <= LONGEST_TABLE else [line for line in ordered if ODD & set(line.statuses)]
    if len(shown) < len(ordered):
        out.print(f"{len(ordered)} submissions; those that ended in no ordinary way:")
    if shown:
        _print_table(shown[:LONGEST_TABLE])
    if len(shown) > LONGEST_TABLE:
        out.print(f"... and {len(shown) - LONGEST_TABLE} more; all are in the grades (autograder export).")
    out.print()
    for name in dict.fromkeys(line.assignment for line in ordered):
        _print_summary(name, [line for line in ordered if line.assignment == name])
    rate = f", {graded / seconds:.1f} a second" if graded and seconds else ""
    unchanged = len(ordered) - graded
    out.print(f"{graded} graded in {seconds:.1f} s{rate}; {max(0, unchanged)} unchanged.")


def _print_table(lines: Sequence[Line]) -> None:
    rows = []
    for line in lines:
        points, right = f"{line.score:g} of {line.max_score:g}", f"{line.right} of {line.of}"
        rows.append((printable(line.student), points, right, printable(line.message)))
    widths = [max(len(row[column]) for row in [TITLES, *rows]) for column in range(3)]
    left = max(20, out.width - sum(widths) - 2 * len(widths))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in TITLES:
        table.add_column(title, no_wrap=True, justify="right" if title in TITLES[1:3] else "left")
    for *cells, message in rows:
        cut = message if len(message) <= left else message[: left - 1] + "…"
        table.add_row(*(escape(cell) for cell in (*cells, cut)))
    out.print(table)


def _print_summary(name: str, lines: Sequence[Line]) -> None:
    whole = sum(line.right == line.of for line in lines)
    mean = fmean(line.score for line in lines)
    odd = Counter(status for line in lines for status in ODD & set(line.statuses))
    also = "".join(f"; {status} {count}" for status, count in sorted(odd.items()))
    of = lines[0].max_score
    out.print(
        f"[bold]{name}[/]: {len(lines)} submissions, {whole} with everything right, mean {mean:.1f} of {of:g}{also}"
    )


def print_problems(problems: Iterable[str]) -> None:
    """What somebody should do something about, a line each."""
    for problem in problems:
        err.print(f"[bold]![/] {escape(printable(problem))}")
