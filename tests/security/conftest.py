"""Grades one hostile submission after the other in one warm sandbox, and sees after each that all is as it was."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.exercises import Assignment
from autograder.grading import Report, grade
from autograder.sandbox import Limits, Sandbox, open_sandbox
from cs231n_utils.checking.verdict import Status
from tests.security.submissions import HONEST, SMALL, descendants

SEED = 20_260_417
LEFT = "left_behind"
"""What hostile submissions call the files that they write."""

LIMITS = Limits(request_seconds=3.0, total_seconds=20.0, memory_bytes=512 * 2**20)

Attempt = Callable[..., Report]


@pytest.fixture(scope="session")
def sandbox(bubblewrap: None) -> Iterator[Sandbox]:
    """One sandbox for all attempts: each has to leave it as it found it."""
    with open_sandbox("bubblewrap") as opened:
        yield opened


def outcome(report: Report) -> list[tuple[str, Status, float]]:
    """What a report comes to, without the times in it."""
    return [(verdict.name, verdict.status, verdict.points) for verdict in report.exercises]


def traces(*folders: Path) -> set[str]:
    """Files that a hostile submission has left outside its sandbox."""
    places = {Path(tempfile.gettempdir()), Path("/tmp"), Path("/dev/shm"), Path.cwd(), Path.home(), *folders}
    return {str(path) for place in places if place.is_dir() for path in place.iterdir() if LEFT in path.name}


@pytest.fixture
def attempt(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attempt:
    """Grade a submission, and assert what THREATS asks for of every attempt.

    The score is at most `most`; what is not right is explained; the report can be written and read back; no process
    and no file is left; an honest submission that is graded next by the same sandbox gets full marks.
    """
    monkeypatch.chdir(tmp_path)

    def run(
        data: bytes, most: float = 0.0, assignment: Assignment = SMALL, name: str = "02_pooling.ipynb", **limits: float
    ) -> Report:
        before = descendants()
        settings = replace(LIMITS, **limits)  # type: ignore[arg-type]
        report = grade(data, name, [assignment], sandbox, SEED, settings, only=assignment)
        assert descendants() == before, "processes are left behind"
        assert traces() == set(), "files are left behind"
        assert os.listdir(tmp_path) == []
        assert report.score <= most, report
        assert Status.GRADER_ERROR not in report.statuses, report
        assert [verdict.name for verdict in report.exercises] == [exercise.name for exercise in assignment.exercises]
        for verdict in report.exercises:
            assert 0 <= verdict.points <= verdict.max_points
            wrong = [f for f in verdict.findings if f.status not in (Status.PASSED, Status.REMARK)]
            assert verdict.status is Status.PASSED or wrong, verdict
            assert all(finding.message.strip() for finding in wrong), verdict
            assert all(len(finding.message) < 10_000 for finding in verdict.findings)
        again = Report.from_json(json.loads(json.dumps(report.to_json()).encode()))
        assert outcome(again) == outcome(report)
        honest = grade(HONEST, "02_pooling.ipynb", [SMALL], sandbox, SEED, LIMITS, only=SMALL)
        assert honest.statuses == {Status.PASSED}, "the next submission's score has changed"
        assert honest.score == honest.max_score
        return report

    return run


def messages(report: Report) -> str:
    """All that a report says."""
    return "\n".join(finding.message for verdict in report.exercises for finding in verdict.findings)
