"""A course directory: a standard nbgrader course, with the settings that make nbgrader grade through this package."""

import logging
import os
import secrets
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets.config import Config, PyFileConfigLoader

from autograder.classroom import Job, ReportStore
from autograder.exercises import ASSIGNMENTS, Assignment
from autograder.limits import CourseLimits
from autograder.settings import config_text, has_usual_steps
from autograder.submission import is_own_file, read_file

if TYPE_CHECKING:
    from autograder.build import Course

# nbgrader, nbconvert and nbformat take more than a second to import: they are, where they are needed.

__all__ = [
    "STATE",
    "ClassFolder",
    "CourseDirectoryError",
    "Handed",
    "course_seed",
    "create",
    "put_alembic_on_path",
    "report_store",
]

STATE = ".autograder"
"""The folder in a course directory for what the grader keeps: the seed, reports, and what is known of each file."""


class CourseDirectoryError(Exception):
    """The directory is not what the command needs; the message says what to do."""


@dataclass(frozen=True)
class Handed:
    """A submission in the course directory, not read yet."""

    student: str
    assignment: str
    path: Path


@dataclass(frozen=True)
class ClassFolder:
    """A course directory, and what the commands do in it.

    Attributes:
        root: the directory.
        db: the gradebook's address, where it is not what the course's settings say.
    """

    root: Path
    db: str | None = None

    def __post_init__(self) -> None:
        if not (self.root / STATE / "seed").is_file():
            raise CourseDirectoryError(
                f"{self.root} is not a course directory of this autograder. Make one with: autograder init {self.root}"
            )

    @cached_property
    def seed(self) -> int:
        """The course's secret seed; read once, not for each submission."""
        return course_seed(self.root)

    @property
    def gradebook(self) -> str:
        """The address of nbgrader's gradebook: by default a file in the course directory."""
        settings = self.config("", "*").CourseDirectory
        return str(settings.get("db_url") or f"sqlite:///{self.root.resolve() / 'gradebook.db'}")

    @property
    def sandbox(self) -> str:
        """Where students' code runs, by the course's settings."""
        return str(self.config("", "*").GradingExporter.get("sandbox", "auto"))

    @property
    def limits(self) -> CourseLimits:
        """What students' processes may use, by the course's settings."""
        return CourseLimits.of_settings(self.config("", "*").GradingExporter.get("limits", {}))

    @property
    def is_usual(self) -> bool:
        """Are nbgrader's steps of autograding those that `init` set, so that another way to take them is known?"""
        return has_usual_steps(self.config("", "*"))

    def submissions(self, assignments: Iterable[str], student: str | None) -> Iterator[Handed]:
        """What was submitted for these assignments, in order."""
        for folder in self._folders(assignments):
            path = folder / f"{folder.name}.ipynb"
            if student in (None, folder.parent.name) and is_own_file(path):
                yield Handed(folder.parent.name, folder.name, path)

    def job(self, handed: Handed, sandbox: str, limits: CourseLimits) -> Job:
        """The job of grading a submission."""
        data = read_file(handed.path)
        return Job(handed.student, handed.assignment, handed.path.name, data, self.seed, sandbox, limits)

    def release(self, assignment: str) -> Path:
        """The notebook that students were given."""
        return self.root / "release" / assignment / f"{assignment}.ipynb"

    def misnamed(self, assignments: Iterable[str]) -> Iterator[str]:
        """Submissions without the file that is graded: one sentence each."""
        for folder in self._folders(assignments):
            path = folder / f"{folder.name}.ipynb"
            if is_own_file(path):
                continue
            if folder.is_symlink() or folder.parent.is_symlink() or path.is_symlink():
                yield f"{folder.parent.name} handed in a symbolic link for {folder.name}, which is not followed."
                continue
            if not folder.is_dir():
                continue
            found = ", ".join(sorted(item.name for item in folder.iterdir())) or "nothing"
            yield f"{folder.parent.name} handed in no {path.name}; found {found}. Rename the file, then grade again."

    def _folders(self, assignments: Iterable[str]) -> list[Path]:
        return sorted(path for name in assignments for path in (self.root / "submitted").glob(f"*/{name}"))

    def autograde(self, job: Job) -> str | None:
        """Record a graded job through nbgrader's own autograde; returns what went wrong, if anything did."""
        from nbgrader.converters import Autograde

        config = self.config(job.assignment, job.student)
        config.Autograde.force = True
        config.GradingExporter.sandbox = job.sandbox
        return self._convert(Autograde, config)

    def generate_assignment(self, assignment: str) -> str | None:
        """Make the release and the gradebook's entries from the source; returns what went wrong, if anything did."""
        from nbgrader.converters import GenerateAssignment

        config = self.config(assignment, ".")
        config.GenerateAssignment.force = True
        if not self.gradebook.startswith("sqlite"):
            self._name_course(str(config.CourseDirectory.get("course_id", "")))
        return self._convert(GenerateAssignment, config)

    def prepare(self, assignments: Iterable[str]) -> None:
        """See that the gradebook holds these assignments; those that it does not are made from the course's source.

        Raises:
            CourseDirectoryError: that cannot be done.
        """
        from autograder.recorded import known_assignments  # imports SQLAlchemy

        known = known_assignments(self.gradebook)
        for name in assignments:
            if known is None or name in known:
                continue
            if not (self.root / "source" / name).is_dir():
                raise CourseDirectoryError(
                    f"{name} is not in the gradebook, and there is no {self.root / 'source' / name} to make it from. "
                    "Make a new course directory, which has every assignment, with: autograder init"
                )
            problem = self.generate_assignment(name)
            if problem and name not in (known_assignments(self.gradebook) or {}):  # another run may have been first
                raise CourseDirectoryError(f"{name} cannot be put into the gradebook: {problem}")

    def _name_course(self, course_id: str) -> None:
        """Make the row of the course that assignments refer to: nbgrader makes none for a course without a name.

        SQLite does not look, PostgreSQL does.
        """
        from nbgrader.api import Course, Gradebook
        from sqlalchemy.exc import DBAPIError, IntegrityError

        from autograder.recorded import shown

        put_alembic_on_path()
        try:
            with warnings.catch_warnings(action="ignore"), Gradebook(self.gradebook, course_id) as book:
                if book.db.get(Course, course_id) is None:
                    book.db.add(Course(id=course_id))
                    book.db.commit()
        except IntegrityError:  # another run was first
            return
        except DBAPIError as problem:
            reason = str(problem.orig).strip().splitlines()[0]
            raise CourseDirectoryError(f"the gradebook {shown(self.gradebook)} does not answer: {reason}") from problem

    def feedback(self, assignment: str, students: Iterable[str]) -> str | None:
        """Write the feedback pages of some students with nbgrader; returns what went wrong, if anything did."""
        from autograder.gradebook import FeedbackOf

        config = self.config(assignment, "*")
        config.FeedbackOf.force = True
        config.FeedbackOf.students = list(students)
        return self._convert(FeedbackOf, config)

    def export(self, plugin: str, to: Path) -> None:
        """Export the grades with one of our plugins."""
        from nbgrader.apps.exportapp import ExportApp
        from nbgrader.coursedir import CourseDirectory

        app = ExportApp(config=self.config("", "*"))
        with warnings.catch_warnings(action="ignore"):
            app.initialize(["--exporter", plugin, "--to", str(to.resolve()), "--log-level", "ERROR"])
            app.config.merge(self.config("", "*"))
            app.coursedir = CourseDirectory(config=app.config)
            app.start()

    def config(self, assignment: str, student: str) -> Config:
        """The course's settings, for nbgrader."""
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root.resolve())
        config.CourseDirectory.assignment_id = assignment
        config.CourseDirectory.student_id = student
        if self.db:
            config.CourseDirectory.db_url = self.db
        return config

    def _convert(self, converter: Any, config: Config) -> str | None:
        """Run one of nbgrader's converters; what it logs goes into a file, and what went wrong is returned."""
        from nbgrader.converters.base import NbGraderException
        from nbgrader.coursedir import CourseDirectory

        put_alembic_on_path()
        path = self.root / STATE / "nbgrader.log"
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=True)
        with warnings.catch_warnings(action="ignore"):  # deprecations inside nbgrader, nbconvert and traitlets
            made = converter(coursedir=CourseDirectory(config=config), config=config)
            quiet = logging.getLogger(f"autograder.{converter.__name__}")
            quiet.propagate = False
            quiet.handlers = [handler]
            made.log = quiet
            try:
                made.start()
            except (NbGraderException, SystemExit):
                return f"nbgrader's {converter.__name__} failed; {path} says why"
            finally:
                handler.close()
        return None


def course_seed(root: Path) -> int:
    """The course's secret seed, from which hidden cases are drawn."""
    return int((root / STATE / "seed").read_text())


def report_store(root: Path) -> ReportStore:
    """Where a course's reports are kept."""
    return ReportStore(root / STATE / "reports")


def create(
    root: Path,
    course: "Course",
    sandbox: str,
    assignments: tuple[Assignment, ...] = ASSIGNMENTS,
    db: str | None = None,
) -> ClassFolder:
    """Make a new course directory with these assignments, released and in the gradebook.

    Args:
        root: where.
        course: the notebooks' sources.
        sandbox: where students' code will run.
        assignments: those of the course.
        db: the gradebook's address; None: a file in the directory.

    Raises:
        CourseDirectoryError: there is something in the directory already, or the notebooks' sources are not here.
    """
    import nbformat

    from autograder.build import BuildError, instructor_notebook

    if root.exists() and any(root.iterdir()):
        raise CourseDirectoryError(f"{root} is not empty; nothing was changed. Name a new or an empty directory.")
    for assignment in assignments:
        if not course.source(assignment).is_file():
            raise CourseDirectoryError(
                f"{course.source(assignment)} is missing: `autograder init` needs the course's source checkout."
            )
    for name in (STATE, "submitted", "release"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(config_text(sandbox, db), encoding="utf-8")
    (root / STATE / "seed").write_text(str(secrets.randbits(63)))
    (root / STATE).chmod(0o700)
    folder = ClassFolder(root)
    for assignment in assignments:
        path = root / "source" / assignment.name / f"{assignment.name}.ipynb"
        path.parent.mkdir(parents=True)
        try:
            path.write_text(nbformat.writes(instructor_notebook(course, assignment)), encoding="utf-8")
        except BuildError as problem:
            raise CourseDirectoryError(str(problem)) from problem
        failure = folder.generate_assignment(assignment.name)
        if failure:
            raise CourseDirectoryError(f"nbgrader could not release {assignment.name}: {failure}")
    return folder


def put_alembic_on_path() -> None:
    """nbgrader starts `alembic` by name when it makes a gradebook; it lies beside this Python."""
    here = str(Path(sys.executable).parent)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])
