"""What a student has done so far, kept between sessions in a small file beside the notebook.

The file is a convenience and never required: where it cannot be read or written, everything works without it, for this
session only. Nobody grades by it.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cs231n_utils.checking.contents import notebooks
from cs231n_utils.checking.finding import Status, Verdict

__all__ = ["FILE", "Entry", "ProgressBook"]

FILE = ".progress.json"
_NOTICE = "What check() found last, for progress(). It can be deleted at any time; nobody grades by it."
_LARGEST = 2**20  # bytes of a file that is read


@dataclass(frozen=True)
class Entry:
    """How the last check of an exercise ended."""

    status: Status
    points: float


class ProgressBook:
    """The last result of each exercise: of this session, and of earlier ones as far as the file tells.

    Args:
        folder: where the file is kept. If there is no notebook in it, there will be no file.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._fresh: dict[str, Entry] = {}

    @classmethod
    def here(cls) -> "ProgressBook":
        """The book of the folder in which this process started: a kernel starts in its notebook's."""
        try:
            return cls(Path.cwd())
        except OSError:  # the folder has been deleted
            return cls(Path())

    def record(self, verdict: Verdict) -> None:
        """Note how an exercise did."""
        self._fresh[verdict.name] = Entry(verdict.status, verdict.points)
        if any(self._path.parent.glob("*.ipynb")):
            # Another notebook's kernel may have written in between: its entries are kept.
            self._write({**self._stored(), verdict.name: self._fresh[verdict.name]})

    def entries(self) -> dict[str, Entry]:
        """The last result of each exercise that was ever checked, by name."""
        return {**self._stored(), **self._fresh}

    @property
    def is_kept(self) -> bool:
        """Is the file there, so that the next session knows of this one?"""
        return self._path.is_file()

    def _stored(self) -> dict[str, Entry]:
        """What the file says; nothing where it is missing, damaged or somebody else's."""
        try:
            if self._path.stat().st_size > _LARGEST:
                return {}
            stored = json.loads(self._path.read_text(encoding="utf-8"))["exercises"]
            return {name: entry for name in stored if (entry := _entry(name, stored[name])) is not None}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return {}

    def _write(self, entries: Mapping[str, Entry]) -> None:
        """Write the whole file beside its place and move it there: who reads finds the old one or the new one."""
        exercises = {name: {"status": e.status.value, "points": e.points} for name, e in sorted(entries.items())}
        draft = self._path.with_name(f"{FILE}.{os.getpid()}")
        try:
            draft.write_text(json.dumps({"notice": _NOTICE, "exercises": exercises}, indent=1) + "\n", encoding="utf-8")
            os.replace(draft, self._path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()


def _entry(name: str, value: object) -> Entry | None:
    """An entry as it was written; None for anything else."""
    largest = next((exercises[name] for exercises in notebooks().values() if name in exercises), None)
    if largest is None or not isinstance(value, dict) or type(value["points"]) not in (int, float):
        return None
    return Entry(Status(value["status"]), min(max(0.0, value["points"]), largest))
