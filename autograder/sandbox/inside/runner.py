"""The student's side of the border: loads one submission and runs its functions on the inputs that it is sent.

One process loads a submission, and each exercise is answered in one of its own, forked from there. Nothing it says is
believed: it answers with plain values, which are compared when it is dead. It knows neither the references nor what is
right. It imports only what may be in the sandbox.
"""

import ast
import builtins
import gc
import importlib
import linecache
import marshal
import os
import pkgutil
import signal
import sys
import types
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot  # noqa: F401  (imported here, once, so that no student's process pays for it)
import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

import cs231n_utils
from cs231n_utils.checking import time_of_windows
from cs231n_utils.checking.calls import Call, run
from cs231n_utils.checking.values import ValueFormatError, pack, unpack

CELL_SECONDS = 5.0  # a cell that takes longer is left, and the next one goes on

ADVICE = {
    "past": "Python 3 needs no 'past': delete the line, and write range where the code says xrange.",
    "future": "Python 3 needs no 'future': delete the line.",
    "six": "Python 3 needs no 'six': delete the line, and write plain Python 3.",
    "cs231n": "The grader has no 'cs231n' package: functions that you need must stand in the file that you hand in.",
    "builtins": "Python 3 needs nothing from 'builtins': delete the line.",
}


class CellTimeout(BaseException):
    """A cell took longer than CELL_SECONDS. Not an Exception, so that `except Exception` does not swallow it."""


class Runner:
    """Handles requests, one after the other; each is a plain value, and so is each reply."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self.compiled = b""
        self.problems: list[dict[str, str]] = []

    def handle(self, request: bytes) -> bytes:
        """Do what the request says, and pack the reply."""
        wanted = unpack(request)
        reply = getattr(self, "do_" + wanted.pop("do"))(**wanted)
        try:
            return pack(reply)
        except ValueFormatError as problem:
            return pack({"results": {}, "arguments": {}, "error": _error("ValueError", str(problem))})

    def do_windows(self, window: list[int], calls: int) -> Any:
        """The speed baseline: call np.max on so many windows. The time is taken outside."""
        time_of_windows((window[0], window[1]), calls)

    def do_compile(self, cells: list[dict[str, Any]]) -> Any:
        """Compile the submission's cells, and execute nothing of them: once is enough for all exercises."""
        compiled, flags = [], 0
        for cell in cells:
            filename, code, problem, source = f"<{cell['label']}>", None, "", cell["source"]
            try:
                source, tree = _parsed(source, filename)
                if cell["definitions_only"]:
                    tree.body = [statement for statement in tree.body if _defines(statement)]
                code = compile(tree, filename, "exec", flags=flags, dont_inherit=True)
                flags |= code.co_flags & _FUTURE_FLAGS  # a `from __future__` holds for the cells below, as in Jupyter
            except Exception as error:
                problem = _say(error, filename)
            compiled.append((cell["label"], cell["grade_id"], source, code, problem))
        self.compiled = marshal.dumps(compiled)
        return {"code": np.frombuffer(self.compiled, np.uint8)}

    def do_load(self, code: np.ndarray | None, functions: list[str], name: str) -> Any:
        """Execute cells in order, by default those just compiled. One that fails is reported, and the next goes on."""
        self.module = types.ModuleType(name)
        sys.modules[name] = self.module
        space = self.module.__dict__
        shell = Shell(space)
        space["get_ipython"] = lambda: shell
        space["display"] = lambda *values, **options: None
        signal.signal(signal.SIGALRM, _cell_timeout)
        cells = self.compiled if code is None else code.tobytes()
        for label, grade_id, source, compiled, problem in marshal.loads(cells):
            filename = f"<{label}>"
            if compiled is not None:
                linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
                try:
                    signal.setitimer(signal.ITIMER_REAL, CELL_SECONDS)
                    exec(compiled, space)
                except BaseException as error:
                    problem = _say(error, filename)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            if problem:
                self.problems.append({"cell": label, "grade_id": grade_id, "message": problem})
        gc.freeze()  # a collection in a process that is forked from here would touch, and so copy, every page
        return self._loaded(functions)

    def do_fork(self, functions: list[str]) -> Any:
        """Answer all further requests in a process forked from this one, until it is told to end.

        What an exercise does to a variable, to NumPy's settings or to its random numbers, no other one sees. Says first
        which of the functions are missing.
        """
        child = os.fork()
        if child == 0:
            return self._loaded(functions)
        _, status = os.waitpid(child, 0)
        if status != 0:  # it crashed: that is the end of this job
            os._exit(1)
        return {}

    def do_end(self) -> Any:
        """End this process; the one that it was forked from answers."""
        os._exit(0)

    def do_run(self, calls: list[dict[str, Any]], inputs: dict[str, Any]) -> Any:
        """Call the student's functions as planned; the record goes back."""
        plan = [Call.from_value(call) for call in calls]
        functions: dict[str, Callable[..., Any]] = {call.function: self.module.__dict__[call.function] for call in plan}
        return run(plan, functions, inputs)

    def _loaded(self, functions: list[str]) -> Any:
        """What came of loading the submission, for an exercise that calls these functions."""
        missing = [function for function in functions if not callable(self.module.__dict__.get(function))]
        return {"missing": missing, "problems": self.problems}


class Shell:
    """Stands for IPython's shell. Magics that run Python run it; the others, and shell commands, do nothing."""

    def __init__(self, space: dict[str, Any]) -> None:
        self.space = space

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> None:
        """%time runs its statement; everything else does nothing."""
        if name == "time":
            exec(line, self.space)

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """Cells under %%time, %%timeit, %%capture and %%prun are run once."""
        if name in ("time", "timeit", "capture", "prun"):
            exec(TransformerManager().transform_cell(cell), self.space)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


_FUTURE_FLAGS = 0
for _feature in __import__("__future__").all_feature_names:
    _FUTURE_FLAGS |= getattr(__import__("__future__"), _feature).compiler_flag


def _parsed(source: str, filename: str) -> tuple[str, ast.Module]:
    """A cell's text and syntax tree; where it is no Python as it stands, of what IPython makes of it."""
    try:
        return source, ast.parse(source, filename)
    except SyntaxError:
        source = TransformerManager().transform_cell(source)
        return source, ast.parse(source, filename)


def _defines(statement: ast.stmt) -> bool:
    """Imports, functions, classes and plain constants: what other cells may need of an experiment's cell."""
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        return isinstance(statement.value, ast.Constant | ast.Lambda)
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)


def _cell_timeout(signum: int, frame: Any) -> None:
    raise CellTimeout


def _say(problem: BaseException, filename: str) -> str:
    """One sentence about what stopped a cell."""
    if isinstance(problem, CellTimeout):
        return f"the cell was stopped after {CELL_SECONDS:g} seconds"
    if isinstance(problem, SyntaxError):
        return f"{type(problem).__name__}: {problem.msg} (line {problem.lineno})"
    if isinstance(problem, ImportError):
        package = (problem.name or "").split(".")[0]
        advice = ADVICE.get(package, "")
        if "relative import" in str(problem):
            advice = "Functions that you need must stand in the file that you hand in; an import with a dot finds none."
        return f"{type(problem).__name__}: {problem}. {advice}".strip()
    line, traceback = None, problem.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == filename:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return f"{type(problem).__name__}: {str(problem)[:500]}" + (f" (line {line})" if line else "")


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": kind, "bases": [kind, "Exception"], "message": message, "function": "", "lines": []}


for _module in pkgutil.walk_packages(cs231n_utils.__path__, "cs231n_utils."):
    importlib.import_module(_module.name)  # here, once, as matplotlib above

builtins.quit = builtins.exit = lambda code=None: None  # type: ignore[assignment]  # what a notebook's quit() is to us
