"""The command line: what an instructor types."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from autograder.build import BuildError, Course
from autograder.build import build as build_course
from autograder.build import stale as stale_files
from autograder.classroom import Job, grade_class
from autograder.cluster import ClusterError, cluster
from autograder.coursedir import ClassFolder, CourseDirectoryError, create
from autograder.exercises import ASSIGNMENTS, find_assignment
from autograder.fingerprint import InstallationMismatch
from autograder.gradebook import report_store
from autograder.grading import Report
from autograder.grading import grade as grade_submission
from autograder.sandbox import SandboxUnavailable, open_sandbox
from autograder.submission import UngradableError, read_file
from cs231n_utils.checking.panel import to_text
from cs231n_utils.checking.verdict import Status

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Grade the course's notebooks, safely and fast.",
)
out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
err = Console(stderr=True, highlight=False)

PASSED, NOT_ALL, UNGRADABLE, GRADER_ERROR = 0, 1, 2, 3  # exit codes of `check`

COURSE = Course(Path(__file__).resolve().parent.parent)
SAMPLE_CLASS = COURSE.root / "tests" / "data" / "sample_class"
DEMO_MARK = ".autograder/demo"

SandboxOption = Annotated[
    str, typer.Option(help="Where students' code runs: bubblewrap (auto is the same), or none: without protection.")
]
AssignmentOption = Annotated[str | None, typer.Option(help="The assignment's name, for example 02_pooling.")]
Folder = Annotated[Path, typer.Argument(metavar="[DIR]", help="The course directory.", show_default=False)]


def main() -> None:
    """Run the command line; what goes wrong is said in one sentence, without a traceback."""
    try:
        app()
    except SandboxUnavailable as problem:
        _stop(f"{problem}\nTo run code that you trust as your own without a sandbox: --sandbox none", GRADER_ERROR)
    except (ClusterError, InstallationMismatch) as problem:
        _stop(str(problem), GRADER_ERROR)
    except (CourseDirectoryError, BuildError, LookupError) as problem:
        _stop(str(problem.args[0]), UNGRADABLE)


def _stop(message: str, code: int) -> None:
    err.print(f"[bold]autograder:[/] {escape(_printable(message))}")
    sys.exit(code)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A notebook, or a Python file; functions are found by name.")],
    assignment: AssignmentOption = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the report here as JSON.")] = None,
    sandbox: SandboxOption = "auto",
    seed: Annotated[int | None, typer.Option(help="Draw the hidden cases from this seed, to repeat a run.")] = None,
) -> None:
    """Grade one submission. Exit code: 0 all passed, 1 not all, 2 ungradable, 3 grader error."""
    only = find_assignment(assignment) if assignment else None
    drawn = int.from_bytes(os.urandom(7)) if seed is None else seed
    try:
        data = _read_file(file)
        with open_sandbox(sandbox) as place:
            report = grade_submission(data, file.name, ASSIGNMENTS, place, drawn, only=only)
    except UngradableError as problem:
        if json_out:
            nothing = Report(file.name, assignment or "", sandbox, 0.0, ())
            _write_json(nothing.to_json() | {"error": str(problem)}, json_out)
        _stop(str(problem), UNGRADABLE)
        raise
    except SandboxUnavailable:
        raise
    except Exception as problem:
        _stop(f"the grader failed, not the submission: {type(problem).__name__}: {problem}", GRADER_ERROR)
        raise
    if json_out:
        _write_json(report.to_json(), json_out)
    _print_report(report)
    if Status.GRADER_ERROR in report.statuses:
        sys.exit(GRADER_ERROR)
    if Status.UNGRADABLE in report.statuses:
        sys.exit(UNGRADABLE)
    sys.exit(PASSED if report.statuses <= {Status.PASSED} else NOT_ALL)


def _read_file(file: Path) -> bytes:
    if not file.exists():
        raise UngradableError(f"there is no file {file}. Is the path right?")
    if file.is_dir():
        raise UngradableError(f"{file} is a folder; name the notebook or the Python file in it.")
    try:
        return read_file(file)
    except OSError as problem:
        raise UngradableError(f"{file} cannot be read: {problem.strerror}") from None


def _write_json(data: object, path: Path) -> None:
    path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def _print_report(report: Report) -> None:
    for verdict in report.exercises:
        if verdict.status is Status.UNGRADABLE:
            out.print(escape(_printable(verdict.findings[0].message)))
            break
        points = f"{verdict.points:g} of {verdict.max_points:g} points"
        text = _printable(to_text(verdict, brief=True))
        out.print(f"[bold]{points:>18}[/]  {escape(text)}", soft_wrap=True)
    out.print(f"\n[bold]{report.assignment}: {report.score:g} of {report.max_score:g} points[/]")
    if report.sandbox == "none":
        out.print("Graded without a sandbox: the code ran with all of your rights.")


def _printable(text: str) -> str:
    """Without control characters: a submission must not steer the reader's terminal."""
    return "".join(char if char.isprintable() or char in "\n" else "�" for char in text)


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR")], sandbox: SandboxOption = "auto") -> None:
    """Make a new nbgrader course directory with every assignment."""
    made = create(folder, COURSE, sandbox)
    out.print(f"{made.root} is ready: {', '.join(a.name for a in ASSIGNMENTS)}, released in {made.root / 'release'}.")
    out.print(
        f"Next: put submissions into {made.root}/submitted/STUDENT/ASSIGNMENT/, then: autograder grade {made.root}"
    )


@app.command()
def grade(
    folder: Folder = Path("."),
    assignment: AssignmentOption = None,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes at a time; by default one a core.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Grade on a Dask cluster, e.g. tcp://10.0.0.1:8786.")] = None,
    force: Annotated[bool, typer.Option(help="Grade also what has not changed.")] = False,
    sandbox: SandboxOption = "auto",
) -> None:
    """Grade what is new, into nbgrader's gradebook."""
    if scheduler and workers:
        _stop("--workers counts processes here; with --scheduler, the cluster has its own. Say one.", UNGRADABLE)
    here = ClassFolder(folder)
    names = [find_assignment(assignment).name] if assignment else [a.name for a in ASSIGNMENTS]
    reports, problems = _grade(here, names, student, _pool(workers, scheduler, sandbox), force, sandbox)
    _print_class(reports)
    for problem in [*here.misnamed(names), *problems]:
        err.print(f"[bold]![/] {escape(_printable(problem))}")
    out.print(f"Gradebook: {here.gradebook}")
    out.print(f"Next: autograder feedback {folder}, then autograder export {folder} --to csv")
    sys.exit(GRADER_ERROR if problems else 0)


def _grade(
    here: ClassFolder,
    names: list[str],
    student: str | None,
    pool: AbstractContextManager[Executor],
    force: bool,
    sandbox: str,
) -> tuple[list[tuple[Job, Report]], list[str]]:
    """Grade and record; returns the reports in order of students, and what went wrong with the grader."""
    jobs = list(here.jobs(names, student, sandbox))
    done, problems = [], []
    with pool as executor, _progress() as progress:
        task = progress.add_task("grading", total=len(jobs))
        recorded = []
        for job, report in grade_class(jobs, executor, report_store(here.root), force):
            done.append((job, report))
            if Status.GRADER_ERROR in report.statuses:
                problems.append(f"{job.student}, {job.assignment}: {_first_message(report)} Grade again.")
            elif force or not here.is_recorded(job):
                problem = here.record(job, sandbox)
                if problem:
                    problems.append(f"{job.student}, {job.assignment}: not recorded: {problem}")
                else:
                    recorded.append(job)
            progress.advance(task)
        here.note_recorded(recorded)
    return sorted(done, key=lambda pair: (pair[0].assignment, pair[0].student)), problems


@contextmanager
def _pool(workers: int | None, scheduler: str | None, sandbox: str) -> Iterator[Executor]:
    """Where jobs are graded: in processes here, or on a cluster."""
    if scheduler:
        with cluster(scheduler, sandbox) as executor:
            yield executor
        return
    open_sandbox(sandbox).close()  # says at once, and once, what is missing
    count = workers or os.cpu_count() or 1
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as executor:
        yield executor


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True)


def _first_message(report: Report) -> str:
    wrong = (f for e in report.exercises for f in e.findings if f.status not in (Status.PASSED, Status.REMARK))
    finding = next(wrong, None)
    return "" if finding is None else _printable(finding.title or finding.message)


def _print_class(reports: list[tuple[Job, Report]]) -> None:
    titles = ("student", "points", "exercises right", "the first thing found")
    rows = []
    for job, report in reports:
        right = sum(exercise.status is Status.PASSED for exercise in report.exercises)
        points, of = f"{report.score:g} of {report.max_score:g}", f"{right} of {len(report.exercises)}"
        rows.append((_printable(job.student), points, of, _first_message(report)))
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(3)]
    left = max(20, out.width - sum(widths) - 2 * len(widths))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in titles:
        table.add_column(title, no_wrap=True, justify="right" if title in titles[1:3] else "left")
    for *cells, message in rows:
        cut = message if len(message) <= left else message[: left - 1] + "…"
        table.add_row(*(escape(cell) for cell in (*cells, cut)))
    out.print(table)


@app.command()
def feedback(folder: Folder = Path("."), assignment: AssignmentOption = None) -> None:
    """Write the feedback pages, with nbgrader."""
    here = ClassFolder(folder)
    for name in [find_assignment(assignment).name] if assignment else [a.name for a in ASSIGNMENTS]:
        if not any((here.root / "autograded").glob(f"*/{name}")):
            continue
        problem = here.feedback(name)
        if problem:
            _stop(problem, GRADER_ERROR)
    out.print(f"Feedback pages: {here.root / 'feedback'}/STUDENT/ASSIGNMENT/")


@app.command()
def export(
    folder: Folder = Path("."),
    to: Annotated[str, typer.Option(help="The format: csv.")] = "csv",
    output: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
) -> None:
    """Export the grades."""
    plugins = {"csv": "autograder.export.CsvExporter"}
    if to not in plugins:
        raise LookupError(f"there is no export format {to!r}; there are: {', '.join(plugins)}")
    here = ClassFolder(folder)
    path = output or here.root / f"grades.{to}"
    here.export(plugins[to], path)
    out.print(f"Grades: {path}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", show_default=False)] = Path("demo"),
    workers: Annotated[int | None, typer.Option(min=1)] = None,
    sandbox: SandboxOption = "auto",
) -> None:
    """Grade the sample class in a fresh course directory, with feedback and export: a term in a minute."""
    if (folder / DEMO_MARK).is_file():
        shutil.rmtree(folder)
    here = create(folder, COURSE, sandbox)
    (folder / DEMO_MARK).touch()
    students = _copy_sample_class(folder)
    out.print(f"{folder}: a fresh course directory, and {students} submissions of every kind. Grading ...")
    names = [a.name for a in ASSIGNMENTS]
    reports, problems = _grade(here, names, None, _pool(workers, None, sandbox), False, sandbox)
    _print_class(reports)
    for name in {job.assignment for job, _ in reports}:
        problem = here.feedback(name)
        problems += [problem] if problem else []
    here.export("autograder.export.CsvExporter", folder / "grades.csv")
    for problem in problems:
        err.print(f"[bold]![/] {escape(_printable(problem))}")
    example = sorted((folder / "feedback").glob("*/*/*.html"))
    out.print(f"\nGradebook       {here.gradebook}")
    out.print(f"Feedback pages  {example[0] if example else folder / 'feedback'} and so on")
    out.print(f"Grades          {folder / 'grades.csv'}")
    out.print("\nNext:")
    out.print("  autograder check FILE      one submission, in detail")
    out.print(f"  cd {folder} && jupyter lab    menu Nbgrader, Formgrader: mark the answers in students' own words")
    out.print("  autograder init DIR        a course directory for your own class")
    sys.exit(GRADER_ERROR if problems else 0)


def _copy_sample_class(folder: Path) -> int:
    names = [a.name for a in ASSIGNMENTS]
    submissions = sorted(path for name in names for path in SAMPLE_CLASS.glob(f"*/{name}"))
    if not submissions:
        raise CourseDirectoryError(f"{SAMPLE_CLASS} is missing: the demo needs the course's source checkout.")
    for path in submissions:
        shutil.copytree(path, folder / "submitted" / path.parent.name / path.name)
    return len(submissions)


@app.command()
def build(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ASSIGNMENT]...", help="By default all.")] = None,
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing; fail where something is stale.")] = False,
) -> None:
    """Regenerate notebooks, answer keys and executed solutions from their sources."""
    assignments = tuple(find_assignment(name) for name in names) if names else ASSIGNMENTS
    if not check_only:
        for path in build_course(COURSE, assignments):
            out.print(f"wrote {path.relative_to(COURSE.root)}")
        return
    problems = list(stale_files(COURSE, assignments))
    for problem in problems:
        err.print(escape(problem))
    if problems:
        sys.exit(1)
    out.print("All generated files are up to date.")


if __name__ == "__main__":
    main()
