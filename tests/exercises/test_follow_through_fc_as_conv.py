"""Follow-through with several gradients: all of dx, dw and db must be right for the student's own forward pass."""

from pathlib import Path

import pytest

from autograder.exercises.fc_as_conv import ASSIGNMENT
from autograder.grading import grade
from autograder.sandbox import open_sandbox
from cs231n_utils.checking.verdict import Status

SOLUTIONS = Path(ASSIGNMENT.solutions.__file__).read_text(encoding="utf-8")
FLIPPED = {
    "forward": ("window, w, axes", "window, w[:, :, ::-1, ::-1], axes"),
    "dx": ("dout[:, :, i, j], w, axes", "dout[:, :, i, j], w[:, :, ::-1, ::-1], axes"),
    "dw": ("xpad[here], axes=(0, 0))", "xpad[here], axes=(0, 0))[:, :, ::-1, ::-1]"),
}


def verdicts(*edits):
    source = SOLUTIONS
    for old, new in edits:
        assert source.count(old) == 1
        source = source.replace(old, new)
    with open_sandbox("bubblewrap") as sandbox:
        report = grade(source.encode(), "fc_as_conv.py", (ASSIGNMENT,), sandbox, seed=3)
    return {exercise.name: exercise for exercise in report.exercises}


@pytest.mark.sandbox
@pytest.mark.usefixtures("bubblewrap")
def test_a_backward_pass_that_follows_a_flipped_filter_earns_half():
    given = verdicts(*FLIPPED.values())
    assert given["conv_forward_naive"].points == 0
    assert given["conv_backward_naive"].status is Status.PARTIAL
    assert given["conv_backward_naive"].points == 4
    assert given["conv_backward_naive"].findings[0].case == "your own forward pass"


@pytest.mark.sandbox
@pytest.mark.usefixtures("bubblewrap")
@pytest.mark.parametrize("missing", ["dx", "dw"])
def test_one_that_follows_with_some_of_its_gradients_only_earns_nothing(missing):
    given = verdicts(*(edit for name, edit in FLIPPED.items() if name != missing))
    assert given["conv_forward_naive"].points == given["conv_backward_naive"].points == 0


@pytest.mark.sandbox
@pytest.mark.usefixtures("bubblewrap")
def test_the_references_earn_all():
    given = verdicts()
    assert sum(exercise.points for exercise in given.values()) == sum(e.points for e in ASSIGNMENT.exercises)
