"""Graded submissions into nbgrader's gradebook and `autograded/`, many at a time, as `nbgrader autograde` leaves them.

nbgrader opens the database a dozen times for each submission and waits for the disk after each cell. Here a batch of
submissions is one transaction: nbgrader's own tables, the same rows, all of them or none. A test compares the two.
"""

import logging
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from autograder.classroom import Job
from autograder.coursedir import STATE, ClassFolder, put_alembic_on_path
from autograder.gradebook import own_files
from autograder.grading import Report
from autograder.marking import mark
from autograder.rows import MissingRows, Paper, save
from autograder.submission import is_own_file

__all__ = ["ByNbgrader", "Recorder", "RecordingError", "recorder"]

PATIENCE = 30.0
"""Seconds to wait for a gradebook that something else is writing to. When it was in vain, the next batch waits less."""

SHORT_PATIENCE = 1.0

STALE_SECONDS = 600.0
"""No file takes so long to be written."""

TRIES = 5
"""How often a transaction is tried that another one got in the way of."""


class RecordingError(Exception):
    """A submission is graded, and could not be recorded; the message says why, and what to do."""


Problems = dict[tuple[str, str], str]
"""What went wrong, by student and assignment."""


def recorder(course: ClassFolder) -> "Recorder | ByNbgrader":
    """Who records for a course: many at a time, unless the course's settings change nbgrader's steps."""
    return Recorder(course) if course.is_usual else ByNbgrader(course)


class ByNbgrader:
    """Records submission after submission by nbgrader's own autograde, which takes the reports that are kept."""

    def __init__(self, course: ClassFolder) -> None:
        self._course = course

    def record(self, graded: Sequence[tuple[Job, Report]]) -> Problems:
        """Record submissions; returns what went wrong."""
        found = {(job.student, job.assignment): self._course.autograde(job) for job, _ in graded}
        return {who: problem for who, problem in found.items() if problem}

    def close(self) -> None:
        """Nothing is open."""


class Recorder:
    """The one writer of a course's gradebook, in this run."""

    def __init__(self, course: ClassFolder) -> None:
        config = course.config("", "*")
        self._course = course
        self._coursedir = CourseDirectory(config=config)
        self._converter = Autograde(coursedir=self._coursedir, config=config)
        self._converter.log = logging.getLogger("autograder.recording")
        self._converter.log.propagate = False
        self._converter.log.addHandler(logging.NullHandler())
        self._releases: dict[str, bytes] = {}
        _remove_stale(course.root / STATE)
        self._patience = PATIENCE
        self._engine: Engine | None = None

    def close(self) -> None:
        """Leave the gradebook."""
        if self._engine is not None:
            self._engine.dispose()

    def record(self, graded: Sequence[tuple[Job, Report]]) -> Problems:
        """Record submissions; returns what went wrong, by student and assignment. What is not named lies there."""
        problems: Problems = {}
        written = []
        for job, report in sorted(graded, key=lambda pair: (pair[0].assignment, pair[0].student)):
            try:
                paper = Paper(job, mark(job.data, self._release(job), report), self._timestamp(job))
                self._write_files(paper)
                written.append(paper)
            except Exception as problem:  # a full disk, odd names, a mistake of ours: the others go on
                problems[job.student, job.assignment] = f"{type(problem).__name__}: {problem}"
        self._save(written, problems)
        return problems

    def _save(self, papers: Sequence[Paper], problems: Problems) -> None:
        """Save a batch; when it is refused, each of it by itself, so that one costs no other its place."""
        if not papers:
            return
        try:
            self._transaction(papers)
        except RecordingError as problem:  # the gradebook's, not one student's
            problems.update({(paper.job.student, paper.job.assignment): str(problem) for paper in papers})
        except (DBAPIError, MissingRows, UnicodeError, ValueError) as problem:
            if len(papers) == 1:
                job = papers[0].job
                problems[job.student, job.assignment] = f"{type(problem).__name__}: {str(problem).splitlines()[0]}"
            else:
                for paper in papers:
                    self._save([paper], problems)

    def _transaction(self, papers: Sequence[Paper]) -> None:
        """All rows of these papers, or none; waits for whoever else is writing."""
        deadline = time.monotonic() + self._patience
        tries = 0
        while True:
            try:
                with self._session() as db:
                    save(db, papers, self._converter)
                self._patience = PATIENCE
                return
            except IntegrityError:  # somebody else has made the same rows in the meantime: now they are there
                tries += 1
                if tries == TRIES:
                    raise
            except OperationalError as problem:
                if time.monotonic() > deadline:
                    self._patience = SHORT_PATIENCE
                    reason = str(problem.orig).strip().splitlines()[0]
                    raise RecordingError(
                        f"the gradebook cannot be written ({reason}). The report is kept: close what else uses the "
                        "gradebook, then grade again."
                    ) from problem
                time.sleep(0.05)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A transaction. SQLite's locks the gradebook from its beginning: what was read in it cannot change in it."""
        if self._engine is None:
            put_alembic_on_path()
            with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as opened:  # makes what is not there yet
                self._engine = opened.engine
        with Session(self._engine) as db:
            if self._engine.dialect.name == "sqlite":
                db.execute(text(f"PRAGMA busy_timeout = {int(1000 * min(5.0, self._patience))}"))
                db.execute(text("BEGIN IMMEDIATE"))
            yield db
            db.commit()

    def _release(self, job: Job) -> bytes:
        if job.assignment not in self._releases:
            self._releases[job.assignment] = self._course.release(job.assignment).read_bytes()
        return self._releases[job.assignment]

    def _timestamp(self, job: Job) -> datetime | None:
        """When it was handed in: nbgrader's `timestamp.txt`, which an exchange writes."""
        path = Path(self._submitted(job), "timestamp.txt")
        if not is_own_file(path):
            return None
        try:
            at: datetime | None = self._coursedir.get_existing_timestamp(str(path.parent))
        except Exception as problem:  # whatever nbgrader's and dateutil's ways of saying no are
            raise ValueError("timestamp.txt holds no time, such as 2026-01-31 23:59:59 UTC") from problem
        return at

    def _submitted(self, job: Job) -> str:
        folder = self._coursedir.submitted_directory
        return str(self._coursedir.format_path(folder, job.student, job.assignment))

    def _write_files(self, paper: Paper) -> None:
        """Write `autograded/STUDENT/ASSIGNMENT/`: at every moment each file is the old one or the new one, whole."""
        job = paper.job
        folder = self._coursedir.autograded_directory
        target = Path(self._coursedir.format_path(folder, job.student, job.assignment))
        target.mkdir(parents=True, exist_ok=True)
        source = self._coursedir.format_path(self._coursedir.source_directory, ".", job.assignment)
        exclude = [os.path.join(source, name) for name in self._converter.exclude_overwriting.get(job.assignment, [])]
        ignored = [*self._coursedir.ignore, "*.ipynb"]
        copies = {}
        for place, paths in (
            (self._submitted(job), own_files(self._submitted(job), ignored)),
            (source, [path for path in utils.find_all_files(source, ignored) if path not in exclude]),
        ):
            copies.update({os.path.relpath(path, place): path for path in paths})
        _remove_all_but(target, {str(target / name) for name in (*copies, job.name)})
        for name, path in copies.items():
            self._put(target / name, Path(path))
        self._put(target / job.name, paper.marked.text)
        self._converter.set_permissions(job.assignment, job.student)

    def _put(self, path: Path, content: bytes | Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = self._course.root / STATE / f"{uuid4().hex}.new"
        try:
            if isinstance(content, bytes):
                new.write_bytes(content)
            else:
                shutil.copy(content, new)
            shutil.move(new, path)
        finally:
            new.unlink(missing_ok=True)


def _remove_all_but(folder: Path, kept: set[str]) -> None:
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = os.path.join(place, name)
            if path not in kept:
                os.unlink(path)
        if place != str(folder) and not os.listdir(place):
            os.rmdir(place)


def _remove_stale(folder: Path) -> None:
    """Remove what runs that were killed have begun to write."""
    for path in folder.glob("**/*.new"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - STALE_SECONDS:
                path.unlink()
