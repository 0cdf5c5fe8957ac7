"""The command line: what an instructor types."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from autograder.classroom import JOBS_PER_WORKER, get_ready
from autograder.cluster import ClusterError, cluster
from autograder.console import err, out, print_class, print_problems, printable, progress
from autograder.coursedir import ClassFolder, CourseDirectoryError, create
from autograder.exercises import ASSIGNMENTS, find_assignment
from autograder.grading import Report
from autograder.grading import grade as grade_submission
from autograder.limits import CourseLimits, LimitsError
from autograder.pool import Pool
from autograder.sandbox import SandboxUnavailable, open_sandbox
from autograder.submission import UngradableError, read_file
from cs231n_utils.checking.panel import to_text
from cs231n_utils.checking.verdict import Status

if TYPE_CHECKING:
    from autograder.build import Course

# What imports nbgrader, jupytext or SQLAlchemy does so where it is needed: together they take a second or two. One more
# would go into this package, which jsonschema imports to check addresses that no notebook holds (its issue 1428).
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Grade the course's notebooks, safely and fast.",
)
PASSED, NOT_ALL, UNGRADABLE, GRADER_ERROR = 0, 1, 2, 3  # exit codes of `check`

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_CLASS = ROOT / "tests" / "data" / "sample_class"
DEMO_MARK = ".autograder/demo"

IN_FLIGHT_ON_CLUSTER = 1000
"""Jobs that a cluster has at a time; here it is a few for each worker."""

SandboxOption = Annotated[
    str, typer.Option(help="Where students' code runs: bubblewrap (auto is the same), or none: without protection.")
]
DatabaseOption = Annotated[
    str | None, typer.Option("--db", help="The gradebook's address, e.g. postgresql+psycopg://USER@HOST/NAME.")
]
WorkersOption = Annotated[int | None, typer.Option(min=1, help="Processes at a time; by default one a core.")]
AssignmentOption = Annotated[str | None, typer.Option(help="The assignment's name, for example 02_pooling.")]
Folder = Annotated[Path, typer.Argument(metavar="[DIR]", help="The course directory.", show_default=False)]


def main() -> None:
    """Run the command line; what goes wrong is said in one sentence, without a traceback."""
    try:
        app()
    except SandboxUnavailable as problem:
        _stop(f"{problem}\nTo run code that you trust as your own without a sandbox: --sandbox none", GRADER_ERROR)
    except ClusterError as problem:
        _stop(str(problem), GRADER_ERROR)
    except (CourseDirectoryError, LimitsError, LookupError) as problem:
        _stop(str(problem.args[0]), UNGRADABLE)


def _stop(message: str, code: int) -> None:
    err.print(f"[bold]autograder:[/] {escape(printable(message))}")
    sys.exit(code)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A notebook, or a Python file; functions are found by name.")],
    assignment: AssignmentOption = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the report here as JSON.")] = None,
    sandbox: SandboxOption = "auto",
    seed: Annotated[int | None, typer.Option(help="Draw the hidden cases from this seed, to repeat a run.")] = None,
    limit: Annotated[
        list[str] | None, typer.Option(help="LIMIT=NUMBER or EXERCISE.LIMIT=NUMBER, e.g. request_seconds=20.")
    ] = None,
) -> None:
    """Grade one submission. Exit code: 0 all passed, 1 not all, 2 ungradable, 3 grader error."""
    only = find_assignment(assignment) if assignment else None
    limits = CourseLimits.of_options(limit or [])
    drawn = int.from_bytes(os.urandom(7)) if seed is None else seed
    try:
        data = _read_file(file)
        with open_sandbox(sandbox) as place:
            report = grade_submission(data, file.name, ASSIGNMENTS, place, drawn, limits, only)
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
            out.print(escape(printable(verdict.findings[0].message)))
            break
        points = f"{verdict.points:g} of {verdict.max_points:g} points"
        text = printable(to_text(verdict, brief=True))
        out.print(f"[bold]{points:>18}[/]  {escape(text)}", soft_wrap=True)
    out.print(f"\n[bold]{report.assignment}: {report.score:g} of {report.max_score:g} points[/]")
    if report.sandbox == "none":
        out.print("Graded without a sandbox: the code ran with all of your rights.")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR")], sandbox: SandboxOption = "auto", db: DatabaseOption = None
) -> None:
    """Make a new nbgrader course directory with every assignment."""
    made = create(folder, _course(), sandbox, db=db)
    out.print(f"{made.root} is ready: {', '.join(a.name for a in ASSIGNMENTS)}, released in {made.root / 'release'}.")
    out.print(
        f"Next: put submissions into {made.root}/submitted/STUDENT/ASSIGNMENT/, then: autograder grade {made.root}"
    )


@app.command()
def grade(
    folder: Folder = Path("."),
    assignment: AssignmentOption = None,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    workers: WorkersOption = None,
    scheduler: Annotated[str | None, typer.Option(help="Grade on a Dask cluster, e.g. tcp://10.0.0.1:8786.")] = None,
    db: DatabaseOption = None,
    force: Annotated[bool, typer.Option(help="Grade also what has not changed.")] = False,
    sandbox: Annotated[str | None, typer.Option(help="Where students' code runs; by default as in `init`.")] = None,
) -> None:
    """Grade what is new, into nbgrader's gradebook."""
    from autograder.recorded import shown

    if scheduler and workers:
        _stop("--workers counts processes here; with --scheduler, the cluster has its own. Say one.", UNGRADABLE)
    here = ClassFolder(folder, db)
    names = _names(assignment)
    problems = _grade(here, names, student, workers, scheduler, force, sandbox)
    print_problems(here.misnamed(names))
    out.print(f"Gradebook: {shown(here.gradebook)}")
    out.print(f"Next: autograder feedback {folder}, then autograder export {folder} --to csv")
    sys.exit(GRADER_ERROR if problems else 0)


def _grade(
    here: ClassFolder,
    names: list[str],
    student: str | None,
    workers: int | None,
    scheduler: str | None,
    force: bool,
    sandbox: str | None,
) -> list[str]:
    """Grade, record, and print how it went; returns what went wrong with the grader."""
    from autograder.run import ClassRun

    start = time.perf_counter()
    place = sandbox or here.sandbox
    run = ClassRun(here, names, student, place, force)
    if run.todo:
        here.prepare(sorted({handed.assignment for handed in run.todo}))
        in_flight = IN_FLIGHT_ON_CLUSTER if scheduler else JOBS_PER_WORKER * _count(workers)
        with _pool(workers, scheduler, place) as executor, progress() as bar:
            task = bar.add_task("grading", total=len(run.todo))
            for _ in run.grade(executor, in_flight):
                bar.advance(task)
    print_class(run.lines, len(run.todo), time.perf_counter() - start)
    print_problems(run.problems)
    return run.problems


@contextmanager
def _pool(workers: int | None, scheduler: str | None, sandbox: str) -> Iterator[Executor]:
    """Where jobs are graded: in processes here, or on a cluster."""
    if scheduler:
        with cluster(scheduler, sandbox) as executor:
            yield executor
        return
    with Pool(_count(workers)) as executor:
        getting_ready = [executor.submit(get_ready, sandbox) for _ in range(_count(workers))]
        import_module("autograder.recording")  # which takes as long as they do
        with suppress(BrokenExecutor):  # a process that was killed is replaced
            getting_ready[0].result()  # says at once, and once, what is missing
        yield executor


def _count(workers: int | None) -> int:
    return workers or os.cpu_count() or 1


def _names(assignment: str | None) -> list[str]:
    return [find_assignment(assignment).name] if assignment else [a.name for a in ASSIGNMENTS]


def _course() -> "Course":
    from autograder.build import Course

    return Course(ROOT)


@app.command()
def feedback(
    folder: Folder = Path("."),
    assignment: AssignmentOption = None,
    workers: WorkersOption = None,
    db: DatabaseOption = None,
) -> None:
    """Write the feedback pages, with nbgrader."""
    problems = _feedback(ClassFolder(folder, db), _names(assignment), workers)
    print_problems(problems)
    out.print(f"Feedback pages: {folder / 'feedback'}/STUDENT/ASSIGNMENT/")
    sys.exit(GRADER_ERROR if problems else 0)


def _feedback(here: ClassFolder, names: list[str], workers: int | None) -> list[str]:
    """Write the pages in several processes; returns what went wrong."""
    from autograder.feedback import pages, write

    problems: list[str] = []
    with Pool(_count(workers)) as executor, progress() as bar:
        task = bar.add_task("feedback", total=len(pages(here, names)))
        for count, problem in write(here, names, executor):
            bar.advance(task, count)
            problems += [problem] if problem else []
    return problems


@app.command()
def export(
    folder: Folder = Path("."),
    to: Annotated[str, typer.Option(help="The format: csv.")] = "csv",
    output: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    db: DatabaseOption = None,
) -> None:
    """Export the grades."""
    plugins = {"csv": "autograder.export.CsvExporter"}
    if to not in plugins:
        raise LookupError(f"there is no export format {to!r}; there are: {', '.join(plugins)}")
    here = ClassFolder(folder, db)
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
    here = create(folder, _course(), sandbox)
    (folder / DEMO_MARK).touch()
    students = _copy_sample_class(folder)
    out.print(f"{folder}: a fresh course directory, and {students} submissions of every kind. Grading ...")
    names = _names(None)
    problems = _grade(here, names, None, workers, None, False, sandbox)
    pages = _feedback(here, names, workers)
    print_problems(pages)
    here.export("autograder.export.CsvExporter", folder / "grades.csv")
    example = sorted((folder / "feedback").glob("*/*/*.html"))
    out.print(f"\nGradebook       {folder / 'gradebook.db'}")
    out.print(f"Feedback pages  {example[0] if example else folder / 'feedback'} and so on")
    out.print(f"Grades          {folder / 'grades.csv'}")
    out.print("\nNext:")
    out.print("  autograder check FILE      one submission, in detail")
    out.print(f"  cd {folder} && jupyter lab    menu Nbgrader, Formgrader: mark the answers in students' own words")
    out.print("  autograder init DIR        a course directory for your own class")
    sys.exit(GRADER_ERROR if problems or pages else 0)


def _copy_sample_class(folder: Path) -> int:
    names = [a.name for a in ASSIGNMENTS]
    submissions = sorted(path.parent for name in names for path in SAMPLE_CLASS.glob(f"*/{name}/{name}.ipynb"))
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
    from autograder.build import BuildError, stale
    from autograder.build import build as build_course

    assignments = tuple(find_assignment(name) for name in names) if names else ASSIGNMENTS
    try:
        if not check_only:
            for path in build_course(_course(), assignments):
                out.print(f"wrote {path.relative_to(ROOT)}")
            return
        problems = list(stale(_course(), assignments))
    except BuildError as problem:
        _stop(str(problem), UNGRADABLE)
        raise
    for line in problems:
        err.print(escape(line))
    if problems:
        sys.exit(1)
    out.print("All generated files are up to date.")


if __name__ == "__main__":
    main()
