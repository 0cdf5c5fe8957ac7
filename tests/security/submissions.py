"""Whole submissions to attack with: a notebook of right or wrong functions, and a trick planted in it."""

import json
import os
import textwrap
from pathlib import Path
from typing import Any

import solutions.pooling
from autograder.exercises import Assignment, find_assignment
from autograder.keys import function_source

POOLING = find_assignment("02_pooling")


def part_of_pooling(*names: str) -> Assignment:
    """The pooling notebook with only these exercises, to be fast."""
    return Assignment(POOLING.name, solutions.pooling, tuple(POOLING.exercise(name) for name in names))


SIZE, GLOBAL = "pool_output_size", "global_avg_pool_forward"
SMALL = part_of_pooling(SIZE, GLOBAL)
TIES = part_of_pooling("global_max_pool_forward", "global_max_pool_backward")
FAST = part_of_pooling("max_pool_forward_fast")
QUESTION = part_of_pooling("activations_discarded")

IMPORTS = "from typing import Any\nimport numpy as np\nfrom cs231n_utils.checking import check\n"


def right(name: str) -> str:
    """The reference, as a student might have written it."""
    return function_source(solutions.pooling, name)


WRONG = {
    SIZE: "def pool_output_size(H, F, S):\n    return ANSWER\n",
    GLOBAL: "def global_avg_pool_forward(x):\n    return ANSWER, None\n",
}
"""Functions that answer with whatever a trick has made."""

RIGHT = {exercise.name: right(exercise.name) for exercise in POOLING.exercises}


def code(source: str, grade_id: str = "", **fields: Any) -> dict[str, Any]:
    """A code cell; with a grade_id it is an exercise's."""
    nbgrader = {"grade_id": grade_id, "cell_type": "code", "solution": True, "locked": False, "grade": False}
    metadata = {"nbgrader": nbgrader} if grade_id else {}
    cell = {"cell_type": "code", "source": textwrap.dedent(source), "metadata": metadata}
    return cell | {"outputs": [], "execution_count": None} | fields


def check_cell(name: str) -> dict[str, Any]:
    """The locked cell that checks an exercise."""
    cell = code(f"check({name})", f"check_{name}")
    cell["metadata"]["nbgrader"] |= {"solution": False, "locked": True, "grade": True, "points": 2}
    return cell


def notebook(*cells: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A notebook of these cells."""
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | fields


def data(*cells: dict[str, Any], **fields: Any) -> bytes:
    """A notebook as the bytes that are handed in."""
    return json.dumps(notebook(*cells, **fields)).encode()


def answered(functions: dict[str, str], *first: str, last: str = "") -> bytes:
    """A submission: cells with tricks, the exercises' cells each with its check, and a cell at the end."""
    cells = [code(IMPORTS), *map(code, first)]
    for name, source in functions.items():
        cells += [code(source, name), check_cell(name)]
    return data(*cells, code(last))


HONEST = answered({name: RIGHT[name] for name in (SIZE, GLOBAL)})


def descendants() -> set[int]:
    """The processes that this one has started, and those that they have started."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(name)] = int(fields[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found
