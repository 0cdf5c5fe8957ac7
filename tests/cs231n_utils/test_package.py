"""What holds for every module: names, examples, and that importing stays cheap."""

import doctest
import importlib
import subprocess
import sys

import matplotlib
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt

MODULES = ("cifar10", "data", "download", "gradient_check", "layers", "nets", "optim", "plotting", "progress", "solver")


@pytest.mark.parametrize("name", MODULES)
def test_all_is_what_is_public(name):
    module = importlib.import_module(f"cs231n_utils.{name}")
    own = {key for key, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    assert list(module.__all__) == sorted(module.__all__)
    assert {key for key in own if not key.startswith("_")} <= set(module.__all__)
    for public in module.__all__:
        assert hasattr(module, public)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    result = doctest.testmod(importlib.import_module(f"cs231n_utils.{name}"))
    plt.close("all")
    assert result.failed == 0
    assert result.attempted > 0


@pytest.mark.parametrize("later", ["from cs231n_utils.progress import progress_bar", "import cs231n_utils.solver"])
def test_progress_is_the_students_function_whatever_is_imported(later):
    code = f"from cs231n_utils import progress; {later}; from cs231n_utils import progress as again; again(); "
    code += "assert again is progress; from cs231n_utils.progress import progress_bar; progress_bar"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("Nothing has been checked yet")


def test_importing_everything_loads_neither_matplotlib_nor_scikit_learn():
    imports = "; ".join(f"import cs231n_utils.{name}" for name in MODULES)
    heavy = {"matplotlib", "pooch", "requests", "scipy", "sklearn", "tqdm"}
    code = f"{imports}; import sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
