"""What is known of each submission from earlier runs, so that an unchanged class is seen to be so without reading it.

As git does with its index, a file that looks the same (size, times, inode) is taken to be the same. The register saves
work and decides nothing else: when it is lost, everything is read, and recorded, once more.
"""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["Known", "Line", "Register", "signature"]

UNSETTLED_NS = 2 * 10**9
"""A file that was changed so short a time ago may be changed again without looking different."""

WAIT_SECONDS = 10  # for another run on the same course, which writes for a moment now and then

TABLE = """
CREATE TABLE IF NOT EXISTS known (
    gradebook TEXT, student BLOB, assignment TEXT, signature TEXT, digest TEXT, fingerprint TEXT, line TEXT,
    PRIMARY KEY (gradebook, student, assignment)
)
"""


@dataclass(frozen=True)
class Line:
    """A submission's line in the class's table.

    Attributes:
        right: how many exercises passed, of `of`.
        statuses: how the exercises ended, each status once.
        message: the first thing that was found wrong.
    """

    student: str
    assignment: str
    score: float
    max_score: float
    right: int
    of: int
    statuses: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Known:
    """What is known of a submission.

    Attributes:
        signature: how its files looked.
        digest: of the notebook's content.
        fingerprint: of the job that lies in the gradebook.
        line: how that one did.
    """

    signature: str
    digest: str
    fingerprint: str
    line: Line


class Register:
    """A small database beside the course's reports.

    Args:
        path: the file.
        gradebook: which gradebook is spoken of.
    """

    def __init__(self, path: Path, gradebook: str) -> None:
        self._path = path
        self._gradebook = hashlib.sha256(gradebook.encode()).hexdigest()  # its address may hold a password

    def read(self) -> dict[tuple[str, str], Known]:
        """All that is known, by student and assignment."""
        query = "SELECT student, assignment, signature, digest, fingerprint, line FROM known WHERE gradebook = ?"
        try:
            with self._open() as database:
                rows = database.execute(query, [self._gradebook]).fetchall()
            return {
                (os.fsdecode(student), assignment): Known(looks, digest, fingerprint, _line(student, assignment, line))
                for student, assignment, looks, digest, fingerprint, line in rows
            }
        except sqlite3.OperationalError:  # locked, or the disk is full
            return {}
        except (sqlite3.DatabaseError, ValueError, TypeError):  # damaged: a new one is as good
            self._path.unlink(missing_ok=True)
            return {}

    def note(self, known: Iterable[Known]) -> None:
        """Remember what lies in the gradebook now; sqlite3.Error if that is not possible."""
        rows = []
        for one in known:
            fields = asdict(one.line)
            student, assignment = fields.pop("student"), fields.pop("assignment")
            row = (self._gradebook, os.fsencode(student), assignment, one.signature, one.digest, one.fingerprint)
            rows.append((*row, json.dumps(fields)))
        with self._open() as database:
            database.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=WAIT_SECONDS)) as database, database:
            database.execute(TABLE)
            yield database


def _line(student: bytes, assignment: str, text: str) -> Line:
    fields: dict[str, Any] = json.loads(text)
    return Line(os.fsdecode(student), assignment, **fields | {"statuses": tuple(fields["statuses"])})


def signature(folder: Path) -> str | None:
    """How the files in a submission's folder look; None where one was changed so recently that this means nothing."""
    newest = 0
    digest = hashlib.sha256()
    try:
        for name, stat in _files(folder, ""):
            newest = max(newest, stat.st_mtime_ns, stat.st_ctime_ns)
            looks = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_mode)
            digest.update(os.fsencode(f"{name}\0{looks}\0"))
    except OSError:
        return None
    return None if newest > time.time_ns() - UNSETTLED_NS else digest.hexdigest()


def _files(folder: Path | str, above: str) -> Iterator[tuple[str, os.stat_result]]:
    """Everything below a folder, in order; links are looked at themselves, and not followed."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            name = f"{above}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path, f"{name}/")
            else:
                yield name, entry.stat(follow_symlinks=False)
