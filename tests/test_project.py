"""What holds for the whole project: explicit public names, examples that run, and the three floors of the house."""

import ast
import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib
import pytest

import autograder
import cs231n_utils
import solutions
from autograder.exercises import ASSIGNMENTS

matplotlib.use("Agg")

import matplotlib.pyplot as plt

ROOT = Path(__file__).parent.parent
INSIDE = "autograder.sandbox.inside"  # runs in the sandbox, and changes the process that imports it


def modules_of(package):
    names = [package.__name__]
    names += [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=print)]
    return [name for name in names if not name.startswith(INSIDE)]


MODULES = [name for package in (autograder, cs231n_utils, solutions) for name in modules_of(package)]
FILES = [path for package in ("autograder", "cs231n_utils", "solutions") for path in (ROOT / package).rglob("*.py")]
PUBLIC = [name for name in MODULES if not any(part.startswith("_") for part in name.split("."))]
WITHOUT_NAMES = {"autograder", "autograder.exercises.mistakes", "solutions"}  # packages that hold modules only


def load(name):
    with warnings.catch_warnings(action="ignore"):  # deprecations inside nbgrader and traitlets
        return importlib.import_module(name)


def imports(path):
    """The modules that a file imports, wherever in it, by their whole names."""
    package = path.relative_to(ROOT).parts[:-1] if path.is_relative_to(ROOT) else ()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join((*above, *([node.module] if node.module else ())))


# --- names ---


def test_all_modules_are_found():
    assert len(FILES) > 40
    assert {"autograder.build", "cs231n_utils.checking.values", "solutions.pooling"} <= set(PUBLIC)


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - WITHOUT_NAMES))
def test_public_names_are_explicit_and_there(name):
    module = load(name)
    assert isinstance(module.__all__, list)
    assert len(set(module.__all__)) == len(module.__all__)
    missing = [public for public in module.__all__ if not hasattr(module, public)]
    assert missing == []
    assert not [public for public in module.__all__ if public.startswith("_")]


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - WITHOUT_NAMES))
def test_all_stands_in_the_source_as_a_list_of_words(name):
    tree = ast.parse(Path(load(name).__file__).read_text(encoding="utf-8"))
    values = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    ]
    assert len(values) == 1
    assert isinstance(ast.literal_eval(values[0]), list)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0][-1] in ".?:"


# --- examples ---


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = load(name)
    result = doctest.testmod(module)
    plt.close("all")
    assert result.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    with_examples = {name for name in MODULES if any(test.examples for test in finder.find(load(name)))}
    assert {"cs231n_utils.checking.values", "cs231n_utils.layers", "solutions.pooling"} <= with_examples


# --- floors ---

MAY_IMPORT = {
    "solutions": {"cs231n_utils.layers"},
    "cs231n_utils": {"cs231n_utils"},
    "autograder": {"autograder", "cs231n_utils", "solutions"},
}


def is_ours(name):
    return name.split(".")[0] in (*MAY_IMPORT, "tests", "notebooks", "benchmarks")


def is_below(name, floors):
    return any(name == floor or name.startswith(f"{floor}.") for floor in floors)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_floor_stands_on_those_below(path):
    floor = path.relative_to(ROOT).parts[0]
    ours = [name for name in imports(path) if is_ours(name)]
    assert [name for name in ours if not is_below(name, MAY_IMPORT[floor])] == []


def test_a_step_in_the_wrong_direction_is_seen(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("import numpy\ndef f():\n    from autograder.keys import make_key\n    import solutions as s, os\n")
    assert [name for name in imports(path) if is_ours(name)] == ["autograder.keys", "solutions"]
    assert not is_below("cs231n_utils.layers_of_mine", {"cs231n_utils.layers"})
    assert "autograder.sandbox.model" in imports(ROOT / "autograder" / "sandbox" / "__init__.py")  # from .model


@pytest.mark.parametrize("path", [p for p in FILES if "inside" in p.parts], ids=lambda path: path.stem)
def test_what_runs_in_the_sandbox_knows_nothing_of_the_grader(path):
    ours = [name for name in imports(path) if is_ours(name)]
    assert [name for name in ours if not is_below(name, {"cs231n_utils", INSIDE})] == []


def loaded_by(statement):
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_a_notebooks_first_import_is_light():
    heavy = {"matplotlib", "sklearn", "scipy", "IPython", "pandas", "autograder", "solutions"}
    loaded = loaded_by("import cs231n_utils")
    assert "cs231n_utils" in loaded
    assert loaded & heavy == set()


def test_check_loads_no_plotting_either():
    loaded = loaded_by("from cs231n_utils.checking.key import load; load('max_pool_forward_naive')")
    assert loaded & {"matplotlib", "sklearn", "scipy", "IPython"} == set()


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.name)
def test_exercises_come_in_the_order_of_their_notebook(assignment):
    """What is next, in a student's overview and in an instructor's tables, is what comes next in the notebook."""
    source = (ROOT / "notebooks" / "src" / f"{assignment.name}.py").read_text(encoding="utf-8")
    checks = re.findall(r'"grade_id": "(check_\w+)"', source)
    assert checks == [exercise.check_cell for exercise in assignment.exercises]
