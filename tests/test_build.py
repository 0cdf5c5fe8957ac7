"""The build: what it refuses, that two builds are equal, that ids stay, and what is stale."""

import re
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import jupytext
import nbformat
import pytest

from autograder import build as building
from autograder.build import BuildError, Course, build, instructor_notebook, release_notebook, stale
from autograder.exercises import ASSIGNMENTS, find_assignment
from autograder.keys import function_source

ROOT = Path(__file__).parent.parent
WHOLE = find_assignment("02_pooling")
NAMES = ("pool_output_size", "max_pool_forward_naive", "activations_discarded")
SMALL = replace(WHOLE, exercises=tuple(WHOLE.exercise(name) for name in NAMES))
FREE_TEXT = "explain_pooling_invariance"

NOTE = "# %% [markdown]\n# A note on windows.\n"
EXPERIMENT = '# %% tags=["experiment"]\nprint(pool_output_size(4, 2, 2))\n'


def small_source():
    """Notebook 02 with a few exercises, one experiment and the free-text question, cut from the real one."""
    text = (ROOT / "notebooks" / "src" / "02_pooling.py").read_text(encoding="utf-8")
    header, *cells = re.split(r"^(?=# %%)", text, flags=re.MULTILINE)
    wanted = [*NAMES, *(f"check_{name}" for name in NAMES), FREE_TEXT]
    graded = [cell for cell in cells if any(f'"grade_id": "{grade_id}"' in cell for grade_id in wanted)]
    assert len(graded) == len(wanted)
    imports = next(cell for cell in cells if "import numpy as np" in cell)
    return "".join([header, cells[0], imports, NOTE, *graded, EXPERIMENT])


SOURCE = small_source()


def course(folder, source=SOURCE):
    path = Course(folder).source(SMALL)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    return Course(folder)


def edited(old, new, source=SOURCE):
    assert source.count(old) == 1, old
    return source.replace(old, new)


def refusal(tmp_path, source):
    with pytest.raises(BuildError) as caught:
        instructor_notebook(course(tmp_path, source), SMALL)
    return str(caught.value)


def number_of(text, source=SOURCE):
    """The number of the one cell that holds a text."""
    cells = jupytext.reads(source, fmt="py:percent").cells
    found = [number for number, cell in enumerate(cells, start=1) if text in cell.source]
    assert len(found) == 1
    return found[0]


IMPORT = "from solutions.pooling import pool_output_size\n"
HEADER = '# %% nbgrader={"grade_id": "pool_output_size", "solution": true}'
CHECK_HEADER = '# %% nbgrader={"grade_id": "check_pool_output_size", "grade": true}'
FREE_TEXT_HEADER = next(line for line in SOURCE.splitlines() if f'"{FREE_TEXT}"' in line)

# --- what it refuses ---


@pytest.mark.parametrize(
    "line",
    [
        "from solutions.pooling import max_pool_backward_naive\n",
        "from solutions.batchnorm import pool_output_size\n",
        "from solutions import pooling\n",
        "from solutions.pooling import *\n",
        "from solutions.pooling import pool_output_size as size\n",
        "from solutions.pooling import pool_output_size, global_avg_pool_forward\n",
        f"import numpy as np\n{IMPORT}",
        f"{IMPORT}print(pool_output_size(4, 2, 2))\n",
        f"{IMPORT}{IMPORT}",
        "def pool_output_size(H, F, S):\n    return (H - F) // S + 1\n",
        "",
    ],
)
def test_a_solution_cell_is_exactly_one_import(tmp_path, line):
    message = refusal(tmp_path, edited(f"{HEADER}\n{IMPORT}", f"{HEADER}\n{line}\n"))
    assert message.startswith(f"02_pooling.py, cell {number_of(IMPORT.strip())}: ")
    assert "a solution's cell holds exactly the line 'from solutions.pooling import pool_output_size'" in message


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("# BEGIN SOLUTION", "# begin", "END SOLUTION"),
        ("# END SOLUTION", "# end", "BEGIN SOLUTION"),
        ("# END SOLUTION", "# BEGIN SOLUTION", "BEGIN SOLUTION, BEGIN SOLUTION"),
        ("# BEGIN SOLUTION", "# END SOLUTION\n    # BEGIN SOLUTION", "END SOLUTION, BEGIN SOLUTION, END SOLUTION"),
        ("# BEGIN SOLUTION", "# BEGIN SOLUTION\n    # BEGIN SOLUTION", "BEGIN SOLUTION, BEGIN SOLUTION, END SOLUTION"),
        ("SOLUTION", "ANSWER", "neither"),
    ],
)
def test_unbalanced_markers(tmp_path, monkeypatch, old, new, found):
    def source_of(module, name):
        source = function_source(module, name)
        return source.replace(old, new) if name == "pool_output_size" else source

    monkeypatch.setattr(building, "function_source", source_of)
    message = refusal(tmp_path, SOURCE)
    assert message.startswith(
        f"02_pooling.py, cell {number_of(IMPORT.strip())}: the body of solutions.pooling.pool_out"
    )
    assert message.endswith(f"found {found}")


def test_a_solution_that_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "function_source", lambda module, name: function_source(module, f"{name}_x"))
    assert "cell 4: solutions.pooling has no function pool_output_size_x" in refusal(tmp_path, SOURCE)


@pytest.mark.parametrize("header", [HEADER, CHECK_HEADER, FREE_TEXT_HEADER], ids=["solution", "check", "free text"])
def test_a_grade_id_is_used_once(tmp_path, header):
    again = f"\n{header}\n# again\n"
    message = refusal(tmp_path, SOURCE + again)
    grade_id = re.search(r'"grade_id": "(\w+)"', header).group(1)
    last = len(jupytext.reads(SOURCE + again, fmt="py:percent").cells)
    assert message == f"02_pooling.py, cell {last}: grade_id {grade_id!r} is used twice; each must be unique"


@pytest.mark.parametrize(
    "header",
    [
        '# %% nbgrader={"grade_id": "pool_output_size", "solution": true',
        "# %% nbgrader={'grade_id': 'pool_output_size', 'solution': true}",
        '# %% nbgrader={"grade_id": "pool_output_size" "solution": true}',
        '# %% nbgrader={"grade_id": "pool_output_size", solution: true}',
    ],
)
def test_a_broken_cell_header(tmp_path, header):
    message = refusal(tmp_path, edited(HEADER, header))
    assert re.match(r"02_pooling\.py, cell \d+: the header cannot be read: ", message)
    assert "pool_output_size" in message


@pytest.mark.parametrize("module", ["solutions", "autograder"])
@pytest.mark.parametrize(
    "line",
    [
        "import {}",
        "import {} as answers",
        "from {} import keys",
        "from {}.pooling import max_pool_forward_naive",
        "import numpy as np, {}",
        "import numpy, os, {}.pooling",
        "import os; import {}",
        "if True:\n    from {} import keys",
    ],
)
def test_an_import_of_ours_in_another_cell(tmp_path, line, module):
    source = edited(EXPERIMENT, EXPERIMENT + line.format(module) + "\n")
    message = refusal(tmp_path, source)
    last = len(jupytext.reads(source, fmt="py:percent").cells)
    assert message == (
        f"02_pooling.py, cell {last}: imports {module}, which no student has, outside of an exercise's cell"
    )


def test_an_import_of_ours_in_a_cell_that_checks(tmp_path):
    source = edited("check(pool_output_size)\n", "from solutions.pooling import pool_output_size\n")
    assert "imports solutions, which no student has" in refusal(tmp_path, source)


@pytest.mark.parametrize(
    "line",
    [
        "from cs231n_utils import check",
        "# import solutions",
        "from solutions_of_mine import x",
        "x = 'import solutions'",
    ],
)
def test_other_imports_are_let_through(tmp_path, line):
    instructor_notebook(course(tmp_path, edited(EXPERIMENT, f"{EXPERIMENT}{line}\n")), SMALL)


@pytest.mark.parametrize("grade_id", NAMES + tuple(f"check_{name}" for name in NAMES))
def test_a_missing_cell(tmp_path, grade_id):
    cells = re.split(r"^(?=# %%)", SOURCE, flags=re.MULTILINE)
    source = "".join(cell for cell in cells if f'"grade_id": "{grade_id}"' not in cell)
    assert refusal(tmp_path, source) == (
        f"02_pooling.py: no cell has the grade_id '{grade_id}', and the exercise needs one"
    )


def test_a_free_text_question_that_lost_its_header(tmp_path):
    message = refusal(tmp_path, edited(FREE_TEXT_HEADER, FREE_TEXT_HEADER.replace("nbgrader", "nbgarder")))
    assert message == f"02_pooling.py: no cell has the grade_id {FREE_TEXT!r}, and there is a model answer to it"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ('{"grade_id": "check_pool", "grade": true}', "'check_pool' checks no exercise of 02_pooling"),
        ('{"grade_id": "check_max_pool_forward_fast", "grade": true}', "checks no exercise of 02_pooling"),
        ('{"grade_id": "pool_size", "solution": true}', "'pool_size' is not an exercise of 02_pooling"),
        ('{"grade_id": "pool_size"}', "is a solution, a check, or both; 'pool_size' is neither"),
        ('{"grade_id": "more", "grade": true, "solution": true, "points": 3}', "a free-text answer is a markdown cell"),
        ("{}", "'' is neither"),
    ],
)
def test_a_graded_cell_of_no_exercise(tmp_path, header, said):
    source = SOURCE + f"\n# %% nbgrader={header}\npass\n"
    number = len(jupytext.reads(source, fmt="py:percent").cells)
    message = refusal(tmp_path, source)
    assert message.startswith(f"02_pooling.py, cell {number}: ")
    assert said in message


@pytest.mark.parametrize(("old", "new"), [(', "points": 3', ""), (FREE_TEXT, "another_question")])
def test_a_free_text_question_has_points_and_a_model_answer(tmp_path, old, new):
    source = SOURCE.replace(FREE_TEXT_HEADER, FREE_TEXT_HEADER.replace(old, new))
    assert source != SOURCE
    assert "a markdown cell with points, and has a model answer" in refusal(tmp_path, source)


def test_a_source_that_is_not_there(tmp_path):
    with pytest.raises(BuildError, match=r"02_pooling\.py: missing; every assignment is written there"):
        instructor_notebook(Course(tmp_path), SMALL)


LINE_OF_ANSWER = "out[:, :, i, j] = x[:, :, i * S : i * S + HH, j * S : j * S + WW].max(axis=(2, 3))"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LINE_OF_ANSWER, "a line of max_pool_forward_naive's solution is left in the release: 'out[:, :, i, j] = x"),
        ("### BEGIN SOLUTION", "a solution's marker is left"),
        ("# END SOLUTION", "a solution's marker is left"),
        ("import solutions", "imports solutions, which no student has"),
        (WHOLE.solutions.MODEL_ANSWERS[FREE_TEXT].splitlines()[3], f"the model answer to {FREE_TEXT} is left"),
    ],
)
def test_an_answer_left_in_the_release_is_refused(release, text, said):
    leaking = nbformat.from_dict(release)
    place = next(cell for cell in leaking.cells if "A note on windows" in cell.source)
    place.source += f"\n    {text}"
    with pytest.raises(BuildError) as caught:
        building._refuse_answers(leaking, SMALL, Path("notebooks/02_pooling.ipynb"))
    assert str(caught.value).startswith(f"02_pooling.ipynb, cell {place.id}: ")
    assert said in str(caught.value)


def test_what_is_refused_writes_nothing(tmp_path):
    refused = course(tmp_path, edited(EXPERIMENT, f"{EXPERIMENT}import solutions\n"))
    with pytest.raises(BuildError):
        list(build(refused, (SMALL,)))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["02_pooling.py"]


# --- what it makes ---


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    return instructor_notebook(course(tmp_path_factory.mktemp("course")), SMALL)


@pytest.fixture(scope="module")
def release(solved):
    return release_notebook(solved, SMALL)


def by_id(notebook):
    return {cell.id: cell for cell in notebook.cells}


def test_the_solved_notebook_holds_the_references(solved):
    for name in NAMES:
        assert by_id(solved)[name].source == function_source(WHOLE.solutions, name)
    assert by_id(solved)[FREE_TEXT].source.startswith("**A model answer.**")


def test_the_release_holds_the_specification_and_no_answer(release):
    for name in NAMES:
        source = by_id(release)[name].source
        before, _, body = function_source(WHOLE.solutions, name).partition("    # BEGIN SOLUTION")
        assert source.startswith(before)
        assert source.endswith("raise NotImplementedError()")
        for line in body.split("# END SOLUTION")[0].splitlines():
            assert not line.strip() or line.strip() not in source.splitlines()
    text = "\n".join(cell.source for cell in release.cells)
    assert "SOLUTION" not in text
    assert "A model answer" not in text
    assert "solutions" not in text
    building._refuse_answers(release, SMALL, Path("release.ipynb"))


def test_checks_carry_points_are_locked_and_may_raise(release):
    for name in NAMES:
        cell = by_id(release)[f"check_{name}"]
        assert cell.metadata.nbgrader.points == WHOLE.exercise(name).points
        assert cell.metadata.nbgrader.locked
        assert "raises-exception" in cell.metadata.tags
        assert cell.source == f"check({name})"


def test_a_generated_notebook_says_so(solved, release):
    for notebook in (solved, release):
        assert notebook.metadata["generated"]["source"] == "notebooks/src/02_pooling.py"
        assert notebook.metadata["generated"]["command"] == "autograder build"
        nbformat.validate(notebook)


def test_two_builds_give_the_same_cells(tmp_path, solved, release):
    again = instructor_notebook(course(tmp_path), SMALL)
    assert nbformat.writes(again) == nbformat.writes(solved)
    assert building._cells(release_notebook(again, SMALL)) == building._cells(release)


@pytest.mark.parametrize("place", [EXPERIMENT, NOTE, HEADER], ids=["end", "middle", "before an exercise"])
@pytest.mark.parametrize("new", ["# %% [markdown]\n# New.\n", "# %%\nnew = 1\n"], ids=["text", "code"])
def test_ids_do_not_shift_when_a_cell_is_inserted(tmp_path, solved, place, new):
    longer = instructor_notebook(course(tmp_path, edited(place, f"{new}\n{place}")), SMALL)
    ids, before = [cell.id for cell in longer.cells], [cell.id for cell in solved.cells]
    assert len(ids) == len(before) + 1
    assert [id for id in ids if id in before] == before
    assert len(set(ids)) == len(ids)


def test_equal_cells_have_ids_of_their_own(tmp_path):
    twice = instructor_notebook(course(tmp_path, SOURCE + NOTE + NOTE), SMALL)
    ids = [cell.id for cell in twice.cells]
    assert len(set(ids)) == len(ids)
    first, second, third = (cell.id for cell in twice.cells if "A note on windows" in cell.source)
    assert (second, third) == (f"{first}-2", f"{first}-3")


# --- what is stale ---


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A small course with everything generated."""
    made = course(tmp_path_factory.mktemp("built"))
    made.key("x").parent.mkdir(parents=True)
    with warnings.catch_warnings(action="ignore"):  # of Jupyter's client
        paths = list(build(made, (SMALL,)))
    keys_and_contents = [*map(made.key, NAMES), made.contents]
    assert paths == [*keys_and_contents, made.experiments(SMALL), made.release(SMALL), made.executed(SMALL)]
    return made


@pytest.fixture
def fresh(built, tmp_path):
    shutil.copytree(built.root, tmp_path / "course")
    return Course(tmp_path / "course")


RELEASE, EXECUTED = "notebooks/02_pooling.ipynb", "solutions/executed/02_pooling.ipynb"
EXPERIMENTS = "autograder/exercises/experiments/02_pooling.json"
REBUILD = "is stale: run `autograder build 02_pooling`"


def test_what_was_just_built_is_not_stale(built):
    assert list(stale(built, (SMALL,))) == []


def test_the_executed_notebook_has_its_outputs(built):
    cells = by_id(nbformat.read(built.executed(SMALL), as_version=4))
    assert "all 7 cases are right" in str(cells["check_pool_output_size"].outputs)
    assert all("raises-exception" not in cell.metadata.get("tags", []) for cell in cells.values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# A note on windows.", "# Another note."),
        (NOTE, ""),
        ('tags=["experiment"]', 'tags=["experiment", "slow"]'),
        ("check(pool_output_size)", "check(pool_output_size)  # now"),
    ],
)
def test_a_changed_source_makes_both_notebooks_stale(fresh, old, new):
    course(fresh.root, edited(old, new))
    assert list(stale(fresh, (SMALL,))) == [f"{RELEASE} {REBUILD}", f"{EXECUTED} {REBUILD}"]


@pytest.mark.parametrize("name", [RELEASE, EXECUTED, EXPERIMENTS, "cs231n_utils/checking/keys/pool_output_size.npz"])
def test_a_file_that_is_missing(fresh, name):
    (fresh.root / name).unlink()
    assert list(stale(fresh, (SMALL,))) == [f"{name} {REBUILD}"]


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("{}")], ids=["missing", "other"])
def test_a_table_of_contents_that_is_not_the_courses(fresh, damage):
    damage(fresh.contents)
    assert list(stale(fresh, (SMALL,))) == ["cs231n_utils/checking/keys/contents.json is stale: run `autograder build`"]


def test_a_notebook_that_was_edited_by_hand(fresh):
    notebook = nbformat.read(fresh.release(SMALL), as_version=4)
    notebook.cells[0].source += "!"
    nbformat.write(notebook, fresh.release(SMALL))
    assert list(stale(fresh, (SMALL,))) == [f"{RELEASE} {REBUILD}"]


def test_an_executed_notebook_with_an_error_in_it(fresh):
    notebook = nbformat.read(fresh.executed(SMALL), as_version=4)
    last = notebook.cells[-1]
    last.outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])]
    by_id(notebook)["pool_output_size"].execution_count = None
    nbformat.write(notebook, fresh.executed(SMALL))
    assert list(stale(fresh, (SMALL,))) == [
        f"{EXECUTED}: cell pool_output_size was not executed without an error",
        f"{EXECUTED}: cell {last.id} was not executed without an error",
    ]


def test_a_changed_experiment_makes_the_list_of_experiments_stale(fresh):
    """By its id and by its text a cell is known to be an experiment though it has lost its tag."""
    course(fresh.root, edited(EXPERIMENT, EXPERIMENT.replace("4, 2, 2", "6, 2, 2")))
    assert f"{EXPERIMENTS} {REBUILD}" in list(stale(fresh, (SMALL,)))


def test_a_changed_exercise_makes_its_key_stale(fresh):
    changed = replace(SMALL.exercises[0], mistakes=SMALL.exercises[0].mistakes[1:])
    assignment = replace(SMALL, exercises=(changed, *SMALL.exercises[1:]))
    assert list(stale(fresh, (assignment,))) == [f"cs231n_utils/checking/keys/pool_output_size.npz {REBUILD}"]


def test_a_key_of_no_exercise(fresh):
    shutil.copy(fresh.key("pool_output_size"), fresh.key("old_name"))
    assert list(stale(fresh, (SMALL,))) == ["cs231n_utils/checking/keys/old_name.npz belongs to no exercise: delete it"]


def test_an_error_in_an_executed_cell_ends_the_build(tmp_path):
    broken = course(tmp_path, edited(EXPERIMENT, f"{EXPERIMENT}1 / 0\n"))
    broken.key("x").parent.mkdir(parents=True)
    with pytest.raises(Exception, match="ZeroDivisionError"), warnings.catch_warnings(action="ignore"):
        list(build(broken, (SMALL,)))
    assert not broken.executed(SMALL).exists()


# --- what is committed ---


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.name)
def test_committed_files_are_up_to_date(assignment):
    assert list(stale(Course(ROOT), (assignment,))) == []
