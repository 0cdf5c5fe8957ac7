"""Cells for pasting: solved notebooks hold the functions, released ones a line that says what may stand there."""

from types import ModuleType

import pytest

from autograder.build import BuildError, Course, instructor_notebook, release_notebook
from autograder.exercises.exercise import Assignment

CELL = '# %% tags=["paste"]\n{}\n'


@pytest.fixture
def build(tmp_path):
    def notebook(line):
        assignment = Assignment("09_pasting", ModuleType("no_solutions"), ())
        source = tmp_path / "notebooks" / "src" / "09_pasting.py"
        source.parent.mkdir(parents=True)
        source.write_text(CELL.format(line))
        solved = instructor_notebook(Course(tmp_path), assignment)
        return solved.cells[0].source, release_notebook(solved, assignment).cells[0].source

    return notebook


def test_functions_of_another_notebook(build):
    solved, released = build("from solutions.pooling import global_avg_pool_forward, pool_output_size")
    assert solved.startswith("def global_avg_pool_forward(")
    assert "\n\n\ndef pool_output_size(" in solved
    assert "SOLUTION" not in solved
    assert released == "# Paste your global_avg_pool_forward and pool_output_size here, or leave this cell empty."


@pytest.mark.parametrize(
    "line", ["import solutions.pooling", "from solutions.pooling import (pool_output_size)", "x = 1"]
)
def test_anything_else_is_refused(build, line):
    with pytest.raises(BuildError, match="a cell tagged 'paste' holds one line"):
        build(line)
