"""Exercises that are classes: each method is cut out by itself, and keeps its signature and its docstring."""

import importlib
import inspect

import pytest

from autograder import build as building
from autograder.build import BuildError, Course, instructor_notebook, release_notebook
from autograder.exercises.exercise import Assignment, Exercise, question_cases
from cs231n_utils.checking.calls import Call

CELLS = """# %% nbgrader={"grade_id": "Counter", "solution": true}
from counting import Counter

# %% nbgrader={"grade_id": "check_Counter", "grade": true}
check(Counter)
"""
CLASS = '''class Counter:
    """Counts."""

    def __init__(self, first: int) -> None:
        """Begin at first."""
        # BEGIN SOLUTION
        self.number_of_things_so_far = first

        def unused() -> None: ...
        # END SOLUTION

    step = 1

    def count(self) -> int:
        """One more."""
        # BEGIN SOLUTION
        self.number_of_things_so_far += self.step
        return self.number_of_things_so_far
        # END SOLUTION
'''
RELEASED = '''class Counter:
    """Counts."""

    def __init__(self, first: int) -> None:
        """Begin at first."""
        # YOUR CODE HERE
        raise NotImplementedError()

    step = 1

    def count(self) -> int:
        """One more."""
        # YOUR CODE HERE
        raise NotImplementedError()'''


@pytest.fixture
def solve(tmp_path, monkeypatch):
    """Returns the assignment and its solved notebook, for a text of the class."""

    def notebook(text):
        tmp_path.joinpath("counting.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(importlib.sys.modules, "counting", raising=False)
        importlib.invalidate_caches()
        inspect.linecache.clearcache()
        exercise = Exercise("Counter", 1.0, (Call("Counter"),), question_cases)
        assignment = Assignment("09_counting", importlib.import_module("counting"), (exercise,))
        source = Course(tmp_path).source(assignment)
        source.parent.mkdir(parents=True)
        source.write_text(CELLS, encoding="utf-8")
        return assignment, instructor_notebook(Course(tmp_path), assignment)

    return notebook


def test_each_method_has_its_own_stub(solve, tmp_path):
    assignment, solved = solve(CLASS)
    assert solved.cells[0].source == CLASS.strip()
    released = release_notebook(solved, assignment)
    assert released.cells[0].source == RELEASED
    building._refuse_answers(released, assignment, tmp_path / "09_counting.ipynb")


@pytest.mark.parametrize("line", ["self.number_of_things_so_far = first", "return self.number_of_things_so_far"])
def test_a_line_of_any_method_left_in_the_release_is_refused(solve, tmp_path, line):
    assignment, solved = solve(CLASS)
    released = release_notebook(solved, assignment)
    released.cells[1].source += f"\n# {line}\n{line}"
    with pytest.raises(BuildError, match="a line of Counter's solution is left in the release"):
        building._refuse_answers(released, assignment, tmp_path / "09_counting.ipynb")


BEGIN, END = "        # BEGIN SOLUTION\n", "        # END SOLUTION\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            f"first\n\n        def unused() -> None: ...\n{END}",
            "first\n",
            "BEGIN SOLUTION, BEGIN SOLUTION, END SOLUTION",
        ),
        (f'"""One more."""\n{BEGIN}', '"""One more."""\n', "BEGIN SOLUTION, END SOLUTION, END SOLUTION"),
        (BEGIN, END, "END SOLUTION, END SOLUTION, END SOLUTION, END SOLUTION"),
        (BEGIN, BEGIN + BEGIN, "BEGIN SOLUTION, BEGIN SOLUTION, END SOLUTION, BEGIN SOLUTION"),
        ("SOLUTION", "ANSWER", "found neither"),
        (
            f'{END}\n    step = 1\n\n    def count(self) -> int:\n        """One more."""\n{BEGIN}',
            "\n    step = 1\n\n    def count(self) -> int:\n",
            "inside one method",
        ),
        (f"{END}\n    step = 1\n", f"\n    step = 1\n{END}", "inside one method"),
        (
            "    step = 1\n\n    def count(self) -> int:\n",
            f"{BEGIN[4:]}    def count(self) -> int:\n",
            "BEGIN SOLUTION",
        ),
        ("        # ", "    # ", "inside one method"),
    ],
    ids=[
        "an end is missing",
        "a begin is missing",
        "ends only",
        "nested",
        "none",
        "one pair for two methods",
        "a pair that leaves its method",
        "a begin between methods",
        "less indented than a method's body",
    ],
)
def test_what_is_refused(solve, old, new, said):
    assert old in CLASS
    with pytest.raises(BuildError, match=r"^09_counting\.py, cell 1: ") as caught:
        solve(CLASS.replace(old, new))
    assert said in str(caught.value)
