"""What is graded: one module per notebook, each with its exercises, cases, points and known mistakes."""

from autograder.exercises import (
    batchnorm,
    convnet,
    dropout,
    fc_as_conv,
    gradient_checking,
    group_norms,
    pooling,
    spatial_batchnorm,
)
from autograder.exercises.exercise import Assignment, CaseInputs, Exercise, KnownMistake

__all__ = ["ASSIGNMENTS", "Assignment", "CaseInputs", "Exercise", "KnownMistake", "assignment_of", "find_assignment"]

ASSIGNMENTS: tuple[Assignment, ...] = (
    gradient_checking.ASSIGNMENT,
    pooling.ASSIGNMENT,
    batchnorm.ASSIGNMENT,
    spatial_batchnorm.ASSIGNMENT,
    group_norms.ASSIGNMENT,
    dropout.ASSIGNMENT,
    fc_as_conv.ASSIGNMENT,
    convnet.ASSIGNMENT,
)


def find_assignment(name: str) -> Assignment:
    """The assignment of this name.

    Raises:
        LookupError: there is none; the message names those there are.
    """
    for assignment in ASSIGNMENTS:
        if assignment.name == name:
            return assignment
    known = ", ".join(assignment.name for assignment in ASSIGNMENTS)
    raise LookupError(f"there is no assignment called {name!r}; there are: {known}")


def assignment_of(exercise: str) -> Assignment | None:
    """The assignment that holds the exercise of this name, if there is one."""
    return next((a for a in ASSIGNMENTS if any(e.name == exercise for e in a.exercises)), None)
