"""Reports into nbgrader's gradebook and notebooks, by nbgrader's own `autograde`, whoever starts it.

In a course directory that `autograder init` made, nbgrader's converter reads each submission through
`GradingExporter`, which grades it in the sandbox (or takes the report that `autograder grade` has just kept), and saves
points through `SaveScores`. Nothing is executed in a kernel, and no cell's output is believed. So `nbgrader autograde`,
formgrader's button and `autograder grade` come to the same scores, by the same code.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import bleach
import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.converters import base as converters
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader.utils import is_solution
from traitlets import Bool, Dict, List, Unicode

from autograder.classroom import Job, grade_job
from autograder.coursedir import course_seed, report_store
from autograder.grading import Report
from autograder.limits import CourseLimits
from autograder.marking import mark
from autograder.pages import TEMPLATES
from autograder.submission import UngradableError, is_own_file, read_file
from cs231n_utils.checking.verdict import Status

__all__ = [
    "TEMPLATES",
    "FeedbackExporter",
    "FeedbackOf",
    "GraderError",
    "GradingExporter",
    "SaveScores",
    "own_files",
]

_find_all_files = converters.find_all_files


def own_files(path: str, exclude: Any = None) -> list[str]:
    """The files beside a notebook, which nbgrader copies into `autograded/`, and from there back with the feedback.

    It would follow symbolic links: to the reference, to another student's notebook, to a device without an end.
    """
    return [name for name in _find_all_files(path, exclude) if os.path.isfile(name) and not os.path.islink(name)]


converters.find_all_files = own_files


class GraderError(RuntimeError):
    """The grader failed, not the submission: nothing is recorded, so that it is graded again."""


class GradingExporter(NotebookExporter):  # type: ignore[misc]  # nbconvert publishes no types
    """Reads a submission, grades it, and hands nbgrader the notebook with the findings in it."""

    sandbox = Unicode("auto", help="Where students' code runs: auto, bubblewrap or none.").tag(config=True)

    limits = Dict(
        help="What students' processes may use, for example {'request_seconds': 20}; docs/classes.md has them all."
    ).tag(config=True)

    report: Report

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> Any:
        """nbgrader calls this twice: on what was submitted, and then on what came of it the first time."""
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources, **options)
        root = Path(self.parent.coursedir.root)
        names = resources["nbgrader"]
        path = Path(filename)
        if not is_own_file(path):
            raise UngradableError(f"{filename} is a symbolic link, which is not followed")
        job = Job(
            names["student"],
            names["assignment"],
            path.name,
            read_file(path),
            course_seed(root),
            self.sandbox,
            CourseLimits.of_settings(self.limits),
        )
        store = report_store(root)
        report = store.get(job)
        if report is None:
            report = grade_job(replace(job, known=store.unchanged(job)))
            store.put(job, report)
        if Status.GRADER_ERROR in report.statuses:
            raise GraderError(next(f.message for e in report.exercises for f in e.findings))
        self.report = report
        release = root / "release" / names["assignment"] / path.name
        text = mark(job.data, release.read_bytes(), report).text.decode()
        notebook = nbformat.reads(text, as_version=4)
        return super().from_notebook_node(notebook, resources, **options)


class FeedbackOf(GenerateFeedback):  # type: ignore[misc]  # nbgrader publishes no types
    """nbgrader's feedback for a list of students, so that several processes can share a class."""

    students = List(Unicode(), help="Whose pages are written.").tag(config=True)

    def init_notebooks(self) -> None:
        """Find their notebooks by name: to nbgrader a student's name is a pattern."""
        folders = (Path(self._format_source(self.coursedir.assignment_id, student)) for student in self.students)
        found = {str(folder): sorted(map(str, folder.glob("*.ipynb"))) for folder in folders}
        self.assignments = {folder: notebooks for folder, notebooks in found.items() if notebooks}


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]  # nbconvert publishes no types
    """The feedback page: nbgrader's, with the exercises by name, and with what students wrote made harmless."""

    sanitize_html = Bool(True).tag(config=True)

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **options: Any) -> Any:
        """Render the page as HTMLExporter does, which then parses all of it anew, to describe pictures.

        That takes longer than all the rest; here the template describes them.
        """
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        resources = self._init_resources(resources)
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer=lexer, parent=self))
        widgets = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
        self.register_filter("filter_data_type", widgets)
        return TemplateExporter.from_notebook_node(self, nb, resources, **options)

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Add the filter that the template cleans Markdown with; nbgrader's own template leaves it as it is."""
        yield from super().default_filters()
        yield "clean_markdown", _clean_markdown


def _clean_markdown(text: str) -> str:
    headings = [f"h{level}" for level in range(1, 7)]
    tags = {*bleach.ALLOWED_TAGS, *headings, "br", "div", "hr", "img", "p", "pre", "span", "sub", "sup", "table"}
    tags |= {"tbody", "td", "th", "thead", "tr"}
    return str(bleach.clean(text, tags=tags, attributes={"*": ["class", "id"], "a": ["href"], "img": ["alt"]}))


class SaveScores(SaveAutoGrades):  # type: ignore[misc]  # nbgrader publishes no types
    """nbgrader's saving step, with points from the report; free-text answers are nbgrader's own business."""

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        verdict = next((v for v in self.parent.report.exercises if f"check_{v.name}" == grade_id), None)
        if verdict is None and is_solution(cell):
            super()._add_score(cell, resources)
            return
        # A check of an exercise that is no longer graded waits for a person: its output is not believed.
        grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = verdict.points if verdict else None
        grade.needs_manual_grade = verdict is None or grade.manual_score is not None
        self.gradebook.db.commit()
