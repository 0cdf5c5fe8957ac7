"""Which cells of a released notebook are experiments: they train and plot, and are not run to grade.

They are tagged in the release, but not every editor keeps tags. So what was released is known here, too, by the cells'
ids and by their texts. `autograder build` writes one file for each notebook.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from autograder.submission import EXPERIMENT, text_digest

__all__ = ["FOLDER", "describe", "released"]

FOLDER = Path(__file__).parent / "exercises" / "experiments"
"""Where they are kept, one JSON file for each assignment."""


def describe(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a released notebook: the ids of its experiments, each with the digest of its text."""
    cells = [cell for cell in notebook["cells"] if EXPERIMENT in cell["metadata"].get("tags", [])]
    known = {cell["id"]: text_digest(cell["source"]) for cell in cells}
    return {"generated": notebook["metadata"]["generated"], "experiments": known}


@cache
def released(assignment: str) -> frozenset[str]:
    """The ids and the texts' digests of an assignment's experiments, as they were released."""
    path = FOLDER / f"{assignment}.json"
    if not path.is_file():
        return frozenset()
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["experiments"]
    return frozenset(known) | frozenset(known.values())
