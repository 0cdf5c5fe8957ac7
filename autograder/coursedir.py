"""A course directory: a standard nbgrader course, with the settings that make nbgrader grade through this package."""

import json
import logging
import os
import secrets
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.apps.exportapp import ExportApp
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.build import Course, instructor_notebook
from autograder.classroom import Job
from autograder.exercises import ASSIGNMENTS, Assignment
from autograder.gradebook import STATE, course_seed
from autograder.submission import is_own_file, read_file

__all__ = ["ClassFolder", "CourseDirectoryError", "create"]

CONFIG = '''"""The settings of this nbgrader course. Made by `autograder init`; yours to change from here on."""

from autograder.gradebook import TEMPLATES

c = get_config()  # noqa: F821  (nbgrader defines it)

# Students' code runs in a sandbox, and points come from what it answered, never from a cell's output.
c.Autograde.exporter_class = "autograder.gradebook.GradingExporter"
c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.LimitOutput",
    "autograder.gradebook.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GradingExporter.sandbox = "{sandbox}"

# What students wrote must not run in the browser of whoever reads it, here or in formgrader.
c.HTMLExporter.sanitize_html = True
c.GenerateFeedback.exporter_class = "autograder.gradebook.FeedbackExporter"
c.FeedbackExporter.template_name = "course_feedback"
c.FeedbackExporter.extra_template_basedirs = TEMPLATES
c.FeedbackExporter.extra_template_paths = TEMPLATES

c.ExportApp.plugin_class = "autograder.export.CsvExporter"
'''


class CourseDirectoryError(Exception):
    """The directory is not what the command needs; the message says what to do."""


@dataclass(frozen=True)
class ClassFolder:
    """A course directory, and what the commands do in it."""

    root: Path

    def __post_init__(self) -> None:
        if not (self.root / STATE / "seed").is_file():
            raise CourseDirectoryError(
                f"{self.root} is not a course directory of this autograder. Make one with: autograder init {self.root}"
            )

    @property
    def gradebook(self) -> Path:
        """Where nbgrader keeps the grades, unless its settings name another database."""
        return self.root / "gradebook.db"

    def jobs(self, assignments: Iterable[str], student: str | None, sandbox: str) -> Iterator[Job]:
        """What was submitted and is to be graded."""
        seed = course_seed(self.root)
        for folder in sorted((self.root / "submitted").glob("*/*")):
            if folder.name in assignments and student in (None, folder.parent.name):
                path = folder / f"{folder.name}.ipynb"
                if is_own_file(path):
                    yield Job(folder.parent.name, folder.name, path.name, read_file(path), seed, sandbox)

    def misnamed(self, assignments: Iterable[str]) -> Iterator[str]:
        """Submissions without the file that is graded: one sentence each."""
        for folder in sorted((self.root / "submitted").glob("*/*")):
            path = folder / f"{folder.name}.ipynb"
            if folder.name not in assignments or is_own_file(path):
                continue
            if folder.is_symlink() or folder.parent.is_symlink() or path.is_symlink():
                yield f"{folder.parent.name} handed in a symbolic link for {folder.name}, which is not followed."
                continue
            if not folder.is_dir():
                continue
            found = ", ".join(sorted(item.name for item in folder.iterdir())) or "nothing"
            yield f"{folder.parent.name} handed in no {path.name}; found {found}. Rename the file, then grade again."

    def record(self, job: Job, sandbox: str) -> str | None:
        """Store a graded job through nbgrader's own autograde; returns what went wrong, if anything did."""
        config = self._config(job.assignment, job.student)
        config.Autograde.force = True
        config.GradingExporter.sandbox = sandbox
        return self._convert(Autograde, config)

    def is_recorded(self, job: Job) -> bool:
        """Is exactly this job what lies in the gradebook, as far as we know?"""
        marked = self.root / "autograded" / job.student / job.assignment / job.name
        if not (self.gradebook.exists() and marked.exists()):
            return False
        return self._recorded().get(f"{job.student}/{job.assignment}") == job.fingerprint

    def note_recorded(self, jobs: Iterable[Job]) -> None:
        """Remember what lies in the gradebook now."""
        known = self._recorded() | {f"{job.student}/{job.assignment}": job.fingerprint for job in jobs}
        path = self.root / STATE / "recorded.json"
        path.with_suffix(".new").write_text(json.dumps(known, indent=1), encoding="utf-8")
        os.replace(path.with_suffix(".new"), path)

    def feedback(self, assignment: str, student: str = "*") -> str | None:
        """Write the feedback pages with nbgrader; returns what went wrong, if anything did."""
        config = self._config(assignment, student)
        config.GenerateFeedback.force = True
        return self._convert(GenerateFeedback, config)

    def export(self, plugin: str, to: Path) -> None:
        """Export the grades with one of our plugins."""
        app = ExportApp(config=self._config("", "*"))
        with warnings.catch_warnings(action="ignore"):
            app.initialize(["--exporter", plugin, "--to", str(to.resolve()), "--log-level", "ERROR"])
            app.config.merge(self._config("", "*"))
            app.coursedir = CourseDirectory(config=app.config)
            app.start()

    def _recorded(self) -> dict[str, str]:
        try:
            known = json.loads((self.root / STATE / "recorded.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _config(self, assignment: str, student: str) -> Config:
        config = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root.resolve())
        config.CourseDirectory.assignment_id = assignment
        config.CourseDirectory.student_id = student
        return config

    def _convert(self, converter: Any, config: Config) -> str | None:
        """Run one of nbgrader's converters; what it logs goes into a file, and what went wrong is returned."""
        _put_alembic_on_path()
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


def create(root: Path, course: Course, sandbox: str, assignments: tuple[Assignment, ...] = ASSIGNMENTS) -> ClassFolder:
    """Make a new course directory with these assignments, released and in the gradebook.

    Raises:
        CourseDirectoryError: there is something in the directory already, or the notebooks' sources are not here.
    """
    if root.exists() and any(root.iterdir()):
        raise CourseDirectoryError(f"{root} is not empty; nothing was changed. Name a new or an empty directory.")
    for assignment in assignments:
        if not course.source(assignment).is_file():
            raise CourseDirectoryError(
                f"{course.source(assignment)} is missing: `autograder init` needs the course's source checkout."
            )
    for name in (STATE, "submitted", "release"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG.format(sandbox=sandbox), encoding="utf-8")
    (root / STATE / "seed").write_text(str(secrets.randbits(63)))
    (root / STATE).chmod(0o700)
    folder = ClassFolder(root)
    for assignment in assignments:
        path = root / "source" / assignment.name / f"{assignment.name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(instructor_notebook(course, assignment)), encoding="utf-8")
        problem = folder._convert(GenerateAssignment, folder._config(assignment.name, "."))
        if problem:
            raise CourseDirectoryError(f"nbgrader could not release {assignment.name}: {problem}")
    return folder


def _put_alembic_on_path() -> None:
    """nbgrader starts `alembic` by name when it makes a gradebook; it lies beside this Python."""
    here = str(Path(sys.executable).parent)
    if here not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])
