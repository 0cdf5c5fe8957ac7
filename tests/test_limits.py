"""Limits as an instructor sets them: read, refused with one clear sentence, and kept by every way to grade."""

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.build import Course
from autograder.coursedir import create
from autograder.exercises import find_assignment
from autograder.limits import CourseLimits, LimitsError
from autograder.sandbox import Limits
from solutions.pooling import activations_discarded, two_by_two_pool_size

ROOT = Path(__file__).parent.parent
NAME = "02_pooling"
SLOW = f"""
import time

def two_by_two_pool_size():
    time.sleep(3)
    return {two_by_two_pool_size()!r}

def activations_discarded():
    time.sleep(3)
    return {activations_discarded()!r}
"""


def test_none_are_the_defaults():
    assert CourseLimits.of_settings({}) == CourseLimits() == CourseLimits.of_options([])
    assert CourseLimits().of("anything") == Limits()


def test_those_of_a_course_and_of_single_exercises():
    own = {"max_pool_backward_fast": {"cpu_seconds": 5, "memory_bytes": 2**30}, "batchnorm_forward": {}}
    limits = CourseLimits.of_settings({"request_seconds": 20, "exercises": own})
    course = replace(Limits(), request_seconds=20.0)
    assert limits.of("pool_output_size") == limits.of("batchnorm_forward") == limits.course == course
    assert limits.of("max_pool_backward_fast") == replace(course, cpu_seconds=5, memory_bytes=2**30)
    assert type(limits.course.request_seconds) is float


def test_options_of_the_command_line():
    limits = CourseLimits.of_options(["request_seconds=20", "batchnorm_forward.cpu_seconds=7", "processes=3"])
    assert limits.course == replace(Limits(), request_seconds=20.0, processes=3)
    assert limits.of("batchnorm_forward").cpu_seconds == 7


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"memroy_bytes": 1},
            r"no limit called memroy_bytes \(did you mean memory_bytes\?\); there are: request_seconds",
        ),
        (
            {"exercises": {"batchnorm_foward": {}}},
            r"no exercise called 'batchnorm_foward' \(did you mean batchnorm_forward",
        ),
        ({"exercises": {"batchnorm_forward": {"x": 1}}}, "no limit called batchnorm_forward.x"),
        (
            {"exercises": {"batchnorm_forward": {"processes": 0}}},
            "batchnorm_forward.processes is 0; expected",
        ),
        ({"exercises": {"batchnorm_forward": 5}}, "those of batchnorm_forward are 5, and not a dictionary"),
        ({"exercises": 5}, "exercises is 5, and not a dictionary"),
        ({"request_seconds": "20"}, "request_seconds is '20'; expected a number above 0"),
        ({"request_seconds": True}, "request_seconds is True"),
        ({"request_seconds": float("nan")}, "request_seconds is nan"),
        ({"request_seconds": float("inf")}, "request_seconds is inf"),
        ({"request_seconds": -1}, "request_seconds is -1"),
        ({"cpu_seconds": 1.5}, "cpu_seconds is 1.5; expected a whole number"),
        (7, "limits are 7, and not a dictionary"),
    ],
)
def test_what_is_no_limit_is_refused(settings, said):
    with pytest.raises(LimitsError, match=said):
        CourseLimits.of_settings(settings)


@pytest.mark.parametrize("option", ["request_seconds", "request_seconds=", "request_seconds=long", "="])
def test_an_option_that_is_none(option):
    with pytest.raises(LimitsError, match="expected LIMIT=NUMBER or EXERCISE"):
        CourseLimits.of_options([option])


def autograder(*arguments, code, cwd=None):
    bin_first = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PATH": bin_first, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.sandbox
def test_check_takes_limits(bubblewrap, tmp_path):
    path = tmp_path / "layers.py"
    path.write_text(SLOW)
    said = autograder("check", path, "--limit", "two_by_two_pool_size.request_seconds=0.5", code=1)
    assert "stopped after 1.5 s" in said  # who slept has three times the time, for the machine might have been busy
    assert "1 of 2 points" in said
    assert "there is no limit called seconds" in autograder("check", path, "--limit", "seconds=1", code=2)


@pytest.mark.sandbox
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_courses_limits_hold_for_both_ways_to_grade(bubblewrap, tmp_path):
    """Both time out one exercise of two that are equally slow; and a setting that is wrong stops both with a reason."""
    with warnings.catch_warnings(action="ignore"):
        course = create(tmp_path / "course", Course(ROOT), "auto", (find_assignment(NAME),))
    path = course.root / "submitted" / "anna" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    lines = SLOW.replace("\n", "\\n").replace('"', '\\"')
    path.write_text(f'{{"nbformat": 4, "cells": [{{"cell_type": "code", "metadata": {{}}, "source": "{lines}"}}]}}')
    config = course.root / "nbgrader_config.py"
    before = config.read_text()
    limits = {"exercises": {"two_by_two_pool_size": {"request_seconds": 0.5}}}
    config.write_text(f"{before}\nc.GradingExporter.limits = {limits}\n")
    said = autograder("grade", course.root, "--workers", "1", code=0)
    assert "1 of 52" in said
    assert "timed_out 1" in said
    reports = course.root / ".autograder" / "reports"
    kept = sorted(reports.iterdir())
    nbgrader = [Path(sys.executable).parent / "nbgrader", "autograde", NAME, "--force"]
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(nbgrader, cwd=course.root, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert sorted(reports.iterdir()) == kept  # it took the report of the same limits

    config.write_text(f"{before}\nc.GradingExporter.limits = {{'request_secs': 3}}\n")
    assert "limits: there is no limit called request_secs" in autograder("grade", course.root, code=2)
    done = subprocess.run(nbgrader, cwd=course.root, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "there is no limit called request_secs" in done.stderr
