"""Feedback pages of a class: nbgrader's own, written by several processes, each for some students at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, as_completed
from pathlib import Path

from autograder.coursedir import ClassFolder

__all__ = ["pages", "write"]

CHUNK = 8
"""Students for whom a process writes pages before it says how it went."""


def pages(course: ClassFolder, assignments: Sequence[str]) -> list[tuple[str, str]]:
    """Whose submissions of what have been graded: assignment and student."""
    folder = course.root / "autograded"
    return [(name, path.parent.name) for name in assignments for path in sorted(folder.glob(f"*/{name}"))]


def write(course: ClassFolder, assignments: Sequence[str], executor: Executor) -> Iterator[tuple[int, str | None]]:
    """Write every page; yields how many more have been looked at, with what went wrong, if anything did."""
    wanted = pages(course, assignments)
    # nbgrader finds a student's name in a path by a pattern that no line break matches, and then stops altogether.
    odd = [(name, student) for name, student in wanted if "\n" in student]
    for name, student in odd:
        yield 1, f"{student}, {name}: no feedback page, since nbgrader cannot write one for a name with a line break"
    futures = {}
    for name in assignments:
        students = [student for assignment, student in wanted if assignment == name and "\n" not in student]
        for start in range(0, len(students), CHUNK):
            chunk = students[start : start + CHUNK]
            futures[executor.submit(_write_chunk, course.root, course.db, name, chunk)] = len(chunk)
    for future in as_completed(futures):
        try:
            yield futures[future], future.result()
        except Exception as problem:  # a worker that was killed: the others' pages are written
            yield futures[future], f"feedback pages: {type(problem).__name__}: {problem}. Run it again."


def _write_chunk(root: Path, db: str | None, assignment: str, students: list[str]) -> str | None:
    return ClassFolder(root, db).feedback(assignment, students)
