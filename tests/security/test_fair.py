"""Right answers in odd clothes keep every point: a grader that is hard to fool must not be hard on the honest."""

# ruff: noqa: E501  (tables of attempts: one line each reads best)

import json
from pathlib import Path
from typing import Any

import pytest

from tests.security.conftest import Attempt
from tests.security.submissions import GLOBAL, IMPORTS, RIGHT, SIZE, answered, code, data, part_of_pooling

pytestmark = pytest.mark.sandbox

EXECUTED = Path(__file__).resolve().parents[2] / "solutions" / "executed"
FORWARD = "max_pool_forward_naive"
ALL = part_of_pooling(SIZE, GLOBAL, FORWARD)

LINES = {
    "warnings": "import warnings\nwarnings.warn('careful')\nnp.zeros(1) / 0",
    "warnings that are errors": "import warnings\nwarnings.simplefilter('error')\nnp.seterr(all='raise')",
    "prints to stderr": "import sys\nprint('note', file=sys.stderr)",
    "logging": "import logging\nlogging.basicConfig(level='DEBUG')\nlogging.debug('x')",
    "random draws": "np.random.seed(1)\nnp.random.randn(3)\nimport random\nrandom.random()",
    "%matplotlib": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "%load_ext autoreload": "%load_ext autoreload\n%autoreload 2",
    "%timeit": "%timeit -n 3 sum(range(10))",
    "%time": "%time total = sum(range(10))\nassert total == 45",
    "%%time": "%%time\nhelper = 3",
    "%%timeit": "%%timeit\nsum(range(10))",
    "%%capture": "%%capture out\nprint('x')",
    "!ls": "!ls -l\nfiles = !ls",
    "!pip install": "!pip install numpy\n%pip install numpy\n%conda install numpy",
    "%%bash": "%%bash\necho hello",
    "%%html": "%%html\n<b>hello</b>",
    "%%writefile": "%%writefile layers.py\nx = 1",
    "help": "np.mean?\n?np.mean",
    "a magic that does not exist": "%no_such_magic\n%%no_such_cell_magic\nx",
    "a display": "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))",
    "a last expression": "np.arange(3)",
    "Windows line ends": "a = 1\r\nb = 2\r\nassert a + b == 3\r\n",
    "old Macintosh line ends": "a = 1\rb = 2\r",
    "tabs": "if True:\n\ta = 1",
    "no code": "",
    "a comment": "# nothing yet",
    "an error": "1 / 0",
    "a syntax error": "def f(:",
    "a failing check": "check(print)",
    "set_printoptions": "np.set_printoptions(precision=2)",
    "from __future__": "from __future__ import annotations",
    "a global switch of dtype": "np.float = float\nnp.bool8 = bool",
    "names of ours overwritten": "def check(f):\n    pass\ndef display(*a):\n    pass\nget_ipython = None",
    "builtins overwritten": "sum = 3\nlist = [1]\nprint = None\nmax = 2",
    "a scheduler of its own": "import asyncio\nasync def f():\n    return 1\nasyncio.run(f())",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_lines_beside_the_answers(attempt: Attempt, repeats: int, line: str) -> None:
    functions = {name: RIGHT[name] for name in (SIZE, GLOBAL)}
    cells = [code(IMPORTS), {**code(""), "source": line}, *(code(source, name) for name, source in functions.items())]
    for _ in range(repeats):
        report = attempt(data(*cells), 4)
        assert report.score == 4, report


MEANS = {
    "slow loops": "return np.array([[sum(v for row in m for v in row) / m.size for m in image] for image in x]), None",
    "SciPy": "from scipy import ndimage\n    m = [[ndimage.mean(m) for m in image] for image in x]\n    return np.array(m), None",
    "a view": "out = np.zeros((9, *x.shape[:2]))\n    out[4] = x.mean(axis=(2, 3))\n    return out[4], None",
    "Fortran order": "return np.asfortranarray(x.mean(axis=(2, 3))), None",
    "a transposed view": "return x.transpose(1, 0, 2, 3).mean(axis=(2, 3)).T, None",
    "float32": "return x.mean(axis=(2, 3)).astype(np.float32), None",
    "long double": "return x.mean(axis=(2, 3)).astype(np.longdouble), None",
    "big end first": "return x.mean(axis=(2, 3)).astype('>f8'), None",
    "a read-only array": "out = x.mean(axis=(2, 3))\n    out.flags.writeable = False\n    return out, None",
    "a broadcast": "out = x.mean(axis=(2, 3))\n    return np.broadcast_to(out, out.shape), None",
    "a matrix": "return np.matrix(x.mean(axis=(2, 3))), None",
    "a masked array without masks": "return np.ma.array(x.mean(axis=(2, 3))), None",
    "a subclass": "class A(np.ndarray):\n        pass\n    return x.mean(axis=(2, 3)).view(A), None",
    "a list of two": "return [x.mean(axis=(2, 3)), x.shape]",
    "a named tuple": "from collections import namedtuple\n    return namedtuple('R', 'out cache')(x.mean(axis=(2, 3)), x)",
    "a warning": "import warnings\n    warnings.warn('slow')\n    return x.mean(axis=(2, 3)), None",
    "prints": "import sys\n    print('x' * 1000, file=sys.stderr)\n    print(x)\n    return x.mean(axis=(2, 3)), None",
    "a cache that cannot be copied": "import threading\n    return x.mean(axis=(2, 3)), threading.Lock()",
    "a random draw": "np.random.rand(3)\n    return x.mean(axis=(2, 3)), None",
    "a helper further below": "return later(x), None",
    "an object's method": "return Helper().mean(x), None",
    "threads": "from concurrent.futures import ThreadPoolExecutor\n    with ThreadPoolExecutor(2) as pool:\n"
    "        return np.array(list(pool.map(lambda i: i.mean(axis=(1, 2)), x))), None",
    "a file of its own": "np.save('/tmp/out.npy', x.mean(axis=(2, 3)))\n    return np.load('/tmp/out.npy'), None",
    "a memory map": "m = np.memmap('/tmp/m', float, 'w+', shape=x.shape[:2])\n    m[:] = x.mean(axis=(2, 3))\n    return m, None",
}
HELPERS = "def later(x):\n    return x.mean(axis=(2, 3))\nclass Helper:\n    mean = staticmethod(later)"


@pytest.mark.parametrize("mean", MEANS.values(), ids=MEANS)
def test_ways_to_be_right(attempt: Attempt, repeats: int, mean: str) -> None:
    functions = {SIZE: RIGHT[SIZE], GLOBAL: f"def global_avg_pool_forward(x):\n    {mean}\n"}
    for _ in range(repeats):
        report = attempt(answered(functions, last=HELPERS), 4)
        assert report.score == 4, report


KINDS = {
    "a lambda": "pool_output_size = lambda H, F, S: (H - F) // S + 1 if F <= H else fail()",
    "a partial": "from functools import partial\ndef f(one, H, F, S):\n    return size(H, F, S)\npool_output_size = partial(f, 1)",
    "a class": "class pool_output_size:\n    def __new__(cls, H, F, S):\n        return size(H, F, S)",
    "an object": "class P:\n    def __call__(self, H, F, S):\n        return size(H, F, S)\npool_output_size = P()",
    "a method": "class P:\n    def f(self, H, F, S):\n        return size(H, F, S)\npool_output_size = P().f",
    "a decorated function": "import functools\n@functools.lru_cache\ndef pool_output_size(H, F, S):\n    return size(H, F, S)",
    "other names of arguments": "def pool_output_size(height, window, stride):\n    return size(height, window, stride)",
    "more arguments": "def pool_output_size(H, F, S, pad=0, *more, **options):\n    return size(H, F, S)",
    "any arguments": "def pool_output_size(*args):\n    return size(*args)",
    "a NumPy integer": "def pool_output_size(H, F, S):\n    return np.int32(size(H, F, S))",
    "an array of no dimension": "def pool_output_size(H, F, S):\n    return np.array(size(H, F, S))",
    "vectorised": "pool_output_size = np.vectorize(lambda *a: size(*a))",
}
ABOVE = "def fail():\n    raise ValueError\ndef size(H, F, S):\n    return (H - F) // S + 1 if F <= H else fail()"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_kinds_of_functions(attempt: Attempt, repeats: int, kind: str) -> None:
    for _ in range(repeats):
        report = attempt(answered({SIZE: kind, GLOBAL: RIGHT[GLOBAL]}, ABOVE), 4)
        assert report.score == 4, report


NOT_FUNCTIONS = {
    "missing": ("", "not defined"),
    "a number": ("pool_output_size = 3", "not defined"),
    "too few arguments": ("def pool_output_size(H):\n    return 1", "argument"),
    "keyword-only arguments": ("def pool_output_size(*, H, F, S):\n    return 1", "argument"),
    "a generator": ("def pool_output_size(H, F, S):\n    yield 1", "generator"),
    "a coroutine": ("async def pool_output_size(H, F, S):\n    return 1", "coroutine"),
    "nothing returned": ("def pool_output_size(H, F, S):\n    (H - F) // S + 1", "None"),
    "deleted again": (RIGHT[SIZE] + "\ndel pool_output_size", "not defined"),
    "a syntax error": ("def pool_output_size(H, F, S)\n    return 1", "SyntaxError"),
    "a class with other arguments": ("class pool_output_size:\n    pass", "argument"),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(("source", "said"), NOT_FUNCTIONS.values(), ids=NOT_FUNCTIONS)
def test_what_is_no_answer_is_named(attempt: Attempt, source: str, said: str) -> None:
    report = attempt(answered({SIZE: source, GLOBAL: RIGHT[GLOBAL]}), 2)
    size, mean = report.exercises
    assert mean.points == 2
    assert said in " ".join(f.message for f in size.findings), size


def split(source: str) -> list[str]:
    """A function's cell, cut in two: a helper of its own above."""
    return ["def mean_of(x):\n    return x.mean(axis=(2, 3))", source]


def test_a_cell_split_in_two_and_cells_added(attempt: Attempt) -> None:
    helper, function = split("def global_avg_pool_forward(x):\n    return mean_of(x), None")
    cells = [code(IMPORTS), code(helper, GLOBAL), code(function), code("1 + 1"), code(RIGHT[SIZE], SIZE)]
    assert attempt(data(*cells), 4).score == 4


LOST = {
    "tags": lambda cell: cell["metadata"].pop("tags", None),
    "tags and ids": lambda cell: (cell["metadata"].pop("tags", None), cell.pop("id")),
    "tags and texts": lambda cell: (
        cell["metadata"].pop("tags", None),
        cell.update(
            source=cell["source"] + "\n# and I changed it" if "nbgrader" not in cell["metadata"] else cell["source"]
        ),
    ),
}


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST)
def test_experiments_are_not_run_though_an_editor_lost_their_tags(attempt: Attempt, lose: Any) -> None:
    """All of notebook 02 with its experiments, which train for seconds, within a time that one of them would use up."""
    handed_in = json.loads((EXECUTED / "02_pooling.ipynb").read_text(encoding="utf-8"))
    for cell in handed_in["cells"]:
        cell["source"] = "".join(cell["source"])
        lose(cell)
    assert sum("train" in cell["source"] for cell in handed_in["cells"]) > 3
    report = attempt(json.dumps(handed_in).encode(), 10, ALL, total_seconds=4.5, request_seconds=4.5)
    assert report.score == 10, report


def test_an_answer_in_a_cell_that_is_called_an_experiment(attempt: Attempt) -> None:
    """Such a cell is not run, but what it defines is there."""
    functions = {SIZE: RIGHT[SIZE], GLOBAL: "global_avg_pool_forward = lambda x: (x.mean(axis=(2, 3)), None)"}
    cells = [code(IMPORTS), *(code(source) for source in functions.values()), code("while True:\n    pass")]
    for cell in cells:
        cell["metadata"]["tags"] = ["experiment"]
    assert attempt(data(*cells), 4).score == 4


def test_twenty_times_in_a_row(attempt: Attempt) -> None:
    submission = answered({exercise.name: RIGHT[exercise.name] for exercise in ALL.exercises})
    assert [attempt(submission, 10, ALL).score for _ in range(20)] == [10.0] * 20
