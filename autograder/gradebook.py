"""Reports into nbgrader's gradebook and notebooks, by nbgrader's own `autograde`, whoever starts it.

In a course directory that `autograder init` made, nbgrader's converter reads each submission through
`GradingExporter`, which grades it in the sandbox (or takes the report that `autograder grade` has just kept), and saves
points through `SaveScores`. Nothing is executed in a kernel, and no cell's output is believed. So `nbgrader autograde`,
formgrader's button and `autograder grade` come to the same scores, by the same code.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import bleach
import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import base as converters
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader.server_extensions import formgrader
from traitlets import Bool, Unicode

import autograder
from autograder.classroom import Job, ReportStore, grade_job
from autograder.grading import Report
from autograder.submission import UngradableError, is_own_file, raw_cells, read_file
from cs231n_utils.checking.panel import summary, to_html, to_text
from cs231n_utils.checking.verdict import Status, Verdict

__all__ = [
    "TEMPLATES",
    "FeedbackExporter",
    "GraderError",
    "GradingExporter",
    "SaveScores",
    "course_seed",
    "marked",
    "report_store",
]

_FORMGRADER = Path(formgrader.__file__).parent
TEMPLATES = [
    str(Path(autograder.__file__).parent / "templates"),
    str(_FORMGRADER / "templates"),
    str(_FORMGRADER / "static" / "node_modules" / "bootstrap" / "dist" / "css"),
]
"""Where the feedback page's template lies, nbgrader's, which it builds upon, and that one's style sheet."""

SAFE_OUTPUTS = {"text/plain", "text/html", "text/latex", "text/markdown", "image/png", "image/jpeg"}
"""What of a student's outputs is kept for the reader: nothing that a browser would run."""

STATE = ".autograder"
"""The folder in a course directory that holds what the grader keeps: the seed, and reports."""


_find_all_files = converters.find_all_files


def _own_files(path: str, exclude: Any = None) -> list[str]:
    """The files beside a notebook, which nbgrader copies into `autograded/`, and from there back with the feedback.

    It would follow symbolic links: to the reference, to another student's notebook, to a device without an end.
    """
    return [name for name in _find_all_files(path, exclude) if os.path.isfile(name) and not os.path.islink(name)]


converters.find_all_files = _own_files


class GraderError(RuntimeError):
    """The grader failed, not the submission: nothing is recorded, so that it is graded again."""


def course_seed(root: Path) -> int:
    """The course's secret seed, from which hidden cases are drawn."""
    return int((root / STATE / "seed").read_text())


def report_store(root: Path) -> ReportStore:
    """Where a course's reports are kept."""
    return ReportStore(root / STATE / "reports")


class GradingExporter(NotebookExporter):  # type: ignore[misc]  # nbconvert publishes no types
    """Reads a submission, grades it, and hands nbgrader the notebook with the findings in it."""

    sandbox = Unicode("auto", help="Where students' code runs: auto, bubblewrap or none.").tag(config=True)

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
        job = Job(names["student"], names["assignment"], path.name, read_file(path), course_seed(root), self.sandbox)
        store = report_store(root)
        report = store.get(job)
        if report is None:
            report = grade_job(job)
            store.put(job, report)
        if Status.GRADER_ERROR in report.statuses:
            raise GraderError(next(f.message for e in report.exercises for f in e.findings))
        self.report = report
        release = root / "release" / names["assignment"] / path.name
        notebook = marked(job.data, nbformat.read(release, as_version=4), report)
        return super().from_notebook_node(notebook, resources, **options)


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]  # nbconvert publishes no types
    """The feedback page: nbgrader's, with the exercises by name, and with what students wrote made harmless."""

    sanitize_html = Bool(True).tag(config=True)

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
        if verdict is None:
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = verdict.points
        grade.needs_manual_grade = grade.manual_score is not None
        self.gradebook.db.commit()


def marked(data: bytes, release: NotebookNode, report: Report) -> NotebookNode:
    """The submitted notebook as it goes into `autograded/`: graded cells as they were released, findings in place.

    The student's own cells, their order and their outputs stay. A graded cell that is missing is put back; of one that
    is there twice the last counts, as it does when cells are run from top to bottom. A notebook that cannot be read
    is replaced by the released one, with the reason on top.
    """
    verdicts = {f"check_{verdict.name}": verdict for verdict in report.exercises}
    cells = _readable_cells(data)
    if cells is None:
        cells = [nbformat.v4.new_markdown_cell(_unreadable_notice(report))]
    graded = {cell.metadata.nbgrader.grade_id: cell for cell in release.cells if "nbgrader" in cell.metadata}
    last = {_grade_id(cell): number for number, cell in enumerate(cells)}
    for number, cell in enumerate(cells):
        grade_id = _grade_id(cell)
        cell.metadata.pop("nbgrader", None)
        if grade_id in graded and last[grade_id] == number:
            cells[number] = _restored(cell, graded[grade_id])
    _put_back_missing(cells, graded)
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
        verdict = verdicts.get(_grade_id(cell) or "")
        if verdict is not None:
            cell.outputs = [_finding_output(verdict)]
            cell.metadata["autograder"] = {"exercise": verdict.name, "result": summary(verdict)}
    notebook = nbformat.from_dict(release)
    notebook.cells = cells
    return notebook


def _readable_cells(data: bytes) -> list[NotebookNode] | None:
    """The cells of a submission, each made valid; None where it is no notebook."""
    try:
        text = json.dumps(raw_cells(data, "the notebook"), ensure_ascii=False)
        raw = json.loads(text.encode(errors="replace"))  # half a pair of UTF-16 could not be written again
        return [_valid_cell(cell) for cell in raw if isinstance(cell, dict)]
    except (ValueError, RecursionError):  # an UngradableError too
        return None


def _valid_cell(raw: Mapping[str, Any]) -> NotebookNode:
    source = raw.get("source", raw.get("input", ""))  # `input` in format 3
    source = "".join(map(str, source)) if isinstance(source, list) else str(source)
    metadata = raw.get("metadata")
    given = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = given.get("grade_id") if isinstance(given, dict) else None
    keep = {"nbgrader": {"grade_id": grade_id}} if isinstance(grade_id, str) else {}
    if raw.get("cell_type") == "code":
        outputs = raw.get("outputs")
        valid = [output for output in outputs if _is_valid_output(output)] if isinstance(outputs, list) else []
        for output in valid:
            if "data" in output:
                output["data"] = {mime: value for mime, value in output["data"].items() if mime in SAFE_OUTPUTS}
        return nbformat.v4.new_code_cell(source, metadata=keep, outputs=nbformat.from_dict(valid))
    make = nbformat.v4.new_raw_cell if raw.get("cell_type") == "raw" else nbformat.v4.new_markdown_cell
    return make(source, metadata=keep)


def _is_valid_output(output: Any) -> bool:
    try:
        nbformat.validate(nbformat.from_dict(output), ref="output", version=4, version_minor=5)
    except (nbformat.ValidationError, AttributeError, TypeError, ValueError, RecursionError):
        return False
    return True


def _grade_id(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")  # type: ignore[no-any-return]


def _restored(cell: NotebookNode, released: NotebookNode) -> NotebookNode:
    """A student's graded cell with everything as it was released, but for what the student may write."""
    whole = nbformat.from_dict(released)
    if not released.metadata.nbgrader.locked:
        whole.source = cell.source
        if "outputs" in whole and "outputs" in cell:
            whole.outputs = cell.outputs
    return whole


def _put_back_missing(cells: list[NotebookNode], graded: Mapping[str, NotebookNode]) -> None:
    """Put each graded cell that is missing behind the graded cell that it followed in the release."""
    before: str | None = None
    for grade_id, released in graded.items():
        present = [_grade_id(cell) for cell in cells]
        if grade_id not in present:
            place = present.index(before) + 1 if before in present else len(cells)
            cells.insert(place, nbformat.from_dict(released))
        before = grade_id


def _unreadable_notice(report: Report) -> str:
    message = next((finding.message for e in report.exercises for finding in e.findings), "it cannot be read")
    return f"**This submission could not be graded.** {message}"


def _finding_output(verdict: Verdict) -> NotebookNode:
    data = {"text/html": to_html(verdict, brief=True), "text/plain": to_text(verdict, brief=True)}
    return nbformat.v4.new_output("display_data", data=data)
