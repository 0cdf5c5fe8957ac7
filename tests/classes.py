"""A small class for tests: a course directory, submissions, and executors that grade without a sandbox."""

import json
import os
import shutil
import signal
import sqlite3
import time
import warnings
from concurrent.futures import Executor, Future
from pathlib import Path

from autograder.build import Course
from autograder.coursedir import ClassFolder, create
from autograder.exercises import find_assignment
from autograder.grading import Report, made_from
from autograder.run import ClassRun
from cs231n_utils.checking.verdict import Finding, Status, Verdict

ROOT = Path(__file__).parent.parent
POOLING, CHECKING = "02_pooling", "01_gradient_checking"
STUDENTS = ("anna", "bert", "cleo", "dora")


def make_course(root, names=(POOLING, CHECKING), students=STUDENTS):
    """A course directory in which these students have handed these assignments in, some time ago."""
    with warnings.catch_warnings(action="ignore"):  # deprecations inside nbgrader
        course = create(root, Course(ROOT), "none", tuple(find_assignment(name) for name in names))
    for name in names:
        for student in students:
            hand_in(course, student, name)
    return course


def copy_course(course, root):
    """A course directory of its own for a test."""
    shutil.copytree(course.root, root, symlinks=True)
    return ClassFolder(root)


def hand_in(course, student, name=POOLING, points=None, seconds_ago=60):
    """Hand in a notebook that holds nothing but how many points it is to get."""
    path = course.root / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted = len(student) if points is None else points
    cell = {"cell_type": "markdown", "metadata": {}, "source": f"{student} {wanted}"}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))
    os.utime(path, (time.time() - seconds_ago,) * 2)
    return path


def points_of(job):
    return float(json.loads(job.data)["cells"][0]["source"].rsplit(maxsplit=1)[-1])


def report_of(job):
    """What a submission of `hand_in` gets: its points in the first exercise, nothing in the others."""
    first, *others = find_assignment(job.assignment).exercises
    findings = (Finding("c", Status.FAILED, "wrong"),)
    verdicts = [Verdict(first.name, Status.PARTIAL, points_of(job), first.points, findings)]
    verdicts += [Verdict(exercise.name, Status.FAILED, 0.0, exercise.points, findings) for exercise in others]
    assignment = find_assignment(job.assignment)
    sources = {exercise.name: made_from(assignment, exercise, job.seed) for exercise in assignment.exercises}
    return Report(job.name, job.assignment, job.sandbox, 0.0, tuple(verdicts), sources)


class Here(Executor):
    """Grades each job at once, in this process, with a function in place of the sandbox."""

    def __init__(self, grade=report_of):
        self.grade = grade
        self.jobs = []

    def submit(self, function, job):
        self.jobs.append(job)
        future = Future()
        try:
            future.set_result(self.grade(job))
        except Exception as problem:
            future.set_exception(problem)
        return future


class Through(Executor):
    """Another executor, with a function in place of grading."""

    def __init__(self, executor, act):
        self.executor = executor
        self.act = act

    def submit(self, function, job):
        return self.executor.submit(self.act, job)


def report_or_die(job):
    """Kill the process that grades it, if that is what stands in the submission: always, or once."""
    source = json.loads(job.data)["cells"][0]["source"].split()[0]
    if source == "killer":
        os.kill(os.getpid(), signal.SIGKILL)
    if source.startswith("/") and not Path(source).exists():
        Path(source).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return report_of(job)


def run(course, executor=None, names=(POOLING, CHECKING), force=False, **options):
    """One run over the class."""
    with warnings.catch_warnings(action="ignore"):
        graded = ClassRun(course, list(names), sandbox="none", force=force, **options)
        executor = executor or Here()
        graded.yielded = list(graded.grade(executor, in_flight=4))
    return graded


def scores(course):
    """The points in the gradebook, by student and assignment; fails if a submission lies there twice."""
    query = """
        SELECT s.student_id, a.name, SUM(g.auto_score), COUNT(DISTINCT s.id), COUNT(*), COUNT(DISTINCT g.cell_id)
        FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id
        JOIN submitted_notebook n ON n.assignment_id = s.id JOIN grade g ON g.notebook_id = n.id
        GROUP BY s.student_id, a.name
    """
    database = sqlite3.connect(course.root / "gradebook.db")
    rows = database.execute(query).fetchall()
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    assert all(submissions == 1 and grades == cells for *_, submissions, grades, cells in rows)
    return {(student, name): points for student, name, points, *_ in rows}
