"""The sample class, graded for real: every exercise of every student ends as its author intended."""

import json
from pathlib import Path

import pytest

from autograder.classroom import Job, grade_job
from autograder.grading import Report

SAMPLE_CLASS = Path(__file__).parent / "data" / "sample_class"
INTENDED = json.loads((SAMPLE_CLASS / "intended.json").read_text(encoding="utf-8"))
SUBMISSIONS = [(assignment, student) for assignment, students in INTENDED.items() for student in students]
SEED = 1


@pytest.fixture(scope="module")
def reports(bubblewrap: None) -> dict[tuple[str, str], Report]:
    jobs = (
        Job(path.parts[-3], path.parts[-2], path.name, path.read_bytes(), SEED)
        for path in sorted(SAMPLE_CLASS.glob("*/*/*.ipynb"))
    )
    return {(job.assignment, job.student): grade_job(job) for job in jobs}


@pytest.mark.sandbox
@pytest.mark.parametrize(("assignment", "student"), SUBMISSIONS)
def test_graded_as_intended(assignment: str, student: str, reports: dict[tuple[str, str], Report]) -> None:
    came = {e.name: (e.status.value, e.points) for e in reports[assignment, student].exercises}
    wanted = INTENDED[assignment][student]
    assert came == {name: (want["status"], want["points"]) for name, want in wanted.items()}


@pytest.mark.sandbox
@pytest.mark.parametrize(("assignment", "student"), SUBMISSIONS)
def test_mistakes_are_named(assignment: str, student: str, reports: dict[tuple[str, str], Report]) -> None:
    for exercise in reports[assignment, student].exercises:
        wanted = INTENDED[assignment][student][exercise.name]["mistake"]
        if wanted is not None:
            assert wanted in {finding.mistake for finding in exercise.findings}, exercise
