"""The sample class, graded for real: every exercise of every student ends as its author intended."""

import json
from pathlib import Path

import pytest

from autograder.classroom import Job, grade_job
from autograder.grading import Report

SAMPLE_CLASS = Path(__file__).parent / "data" / "sample_class"
INTENDED = json.loads((SAMPLE_CLASS / "intended.json").read_text(encoding="utf-8"))
SEED = 1


@pytest.fixture(scope="module")
def reports(bubblewrap: None) -> dict[str, Report]:
    jobs = (
        Job(path.parts[-3], path.parts[-2], path.name, path.read_bytes(), SEED)
        for path in sorted(SAMPLE_CLASS.glob("*/*/*.ipynb"))
    )
    return {job.student: grade_job(job) for job in jobs}


@pytest.mark.sandbox
@pytest.mark.parametrize("student", sorted(INTENDED))
def test_graded_as_intended(student: str, reports: dict[str, Report]) -> None:
    report = reports[student]
    came = {exercise.name: (exercise.status.value, exercise.points) for exercise in report.exercises}
    assert came == {name: (want["status"], want["points"]) for name, want in INTENDED[student].items()}


@pytest.mark.sandbox
@pytest.mark.parametrize("student", sorted(INTENDED))
def test_mistakes_are_named(student: str, reports: dict[str, Report]) -> None:
    for exercise in reports[student].exercises:
        wanted = INTENDED[student][exercise.name]["mistake"]
        if wanted is not None:
            assert wanted in {finding.mistake for finding in exercise.findings}, exercise
