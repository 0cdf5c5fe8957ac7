"""Submissions that answer wrong and try to be marked right."""

# ruff: noqa: E501  (tables of attempts: one line each reads best)

from itertools import combinations

import numpy as np
import pytest

from autograder.exercises import ASSIGNMENTS, Assignment, find_assignment
from autograder.keys import make_key
from cs231n_utils.checking.verdict import Status
from tests.security.conftest import SEED, Attempt, messages
from tests.security.submissions import (
    FAST,
    GLOBAL,
    IMPORTS,
    QUESTION,
    RIGHT,
    SIZE,
    TIES,
    WRONG,
    answered,
    check_cell,
    code,
    data,
    part_of_pooling,
)

pytestmark = pytest.mark.sandbox


def part_of(name: str, *exercises: str) -> Assignment:
    assignment = find_assignment(name)
    return Assignment(name, assignment.solutions, tuple(map(assignment.exercise, exercises)))


DROPOUT = part_of("06_dropout", "dropout_forward", "dropout_backward")
DIRECTIONS = part_of("01_gradient_checking", "directional_error")

PATCHES = {
    "allclose": "np.allclose = np.isclose = np.array_equal = np.array_equiv = lambda *a, **k: True",
    "numpy.testing": """
        import numpy.testing
        for name in dir(np.testing):
            if name.startswith("assert"):
                setattr(np.testing, name, lambda *a, **k: None)
        """,
    "ufuncs": "np.subtract = np.add = np.abs = lambda *a, **k: np.zeros(1)",
    "assert": """
        import builtins
        builtins.AssertionError = type("Quiet", (Exception,), {})
        builtins.all = builtins.any = lambda *a: True
        """,
    "traceback": """
        import sys, traceback
        traceback.extract_tb = traceback.format_exc = lambda *a, **k: ""
        sys.excepthook = lambda *a: None
        """,
    "compare": """
        import cs231n_utils.checking.compare as compare
        compare.difference = compare.value_difference = lambda *a, **k: None
        compare.agrees = lambda *a, **k: True
        """,
    "judge": """
        import cs231n_utils.checking as checking
        from cs231n_utils.checking import verdict
        best = verdict.Verdict("pool_output_size", verdict.Status.PASSED, 99.0, 2.0, ())
        verdict.judge = checking.judge = lambda *a, **k: best
        """,
    "pack": """
        from cs231n_utils.checking import values
        best = values.pack({"results": {"size": 1, "out": np.ones((2, 3))}, "arguments": {}, "error": None})
        values.pack = lambda value: best
        import sys
        sys.modules["inside.runner"].pack = values.pack
        """,
    "calls.run": """
        from cs231n_utils.checking import calls
        def run(*a, **k):
            return {"status": "passed", "points": 100, "score": 100, "results": {}, "arguments": {}, "error": None}
        calls.run = run
        import sys
        sys.modules["inside.runner"].run = run
        """,
    "runner by sys.modules": """
        import sys
        runner = sys.modules["inside.runner"].Runner
        runner.do_run = lambda self, *a, **k: {"status": "passed", "points": 2, "results": {}, "arguments": {},
                                               "error": None}
        """,
    "runner by gc": """
        import gc
        for thing in gc.get_objects():
            if type(thing).__name__ == "Runner":
                thing.handle = lambda request: b'{"value": {"status": "passed", "points": 2}, "sizes": []}\\n'
        """,
    "runner by frames": """
        import sys
        frame = sys._getframe()
        while frame:
            for value in list(frame.f_locals.values()):
                if hasattr(value, "handle"):
                    type(value).handle = lambda self, request: b'{"value": true, "sizes": []}\\n'
            frame = frame.f_back
        """,
    "check replaced": """
        def check(function):
            print("all 11 cases are right")
        import cs231n_utils.checking
        cs231n_utils.checking.check = check
        """,
    "the keys' loader": """
        from cs231n_utils.checking import key
        key.load = lambda name: None
        """,
    "an input transformer that empties cells": """
        shell = get_ipython()
        for hooks in (shell.input_transformers_post, shell.input_transformers_cleanup, shell.ast_transformers):
            hooks.append(lambda lines: [])
        """,
    "IPython's transformer itself": """
        from IPython.core.inputtransformer2 import TransformerManager
        TransformerManager.transform_cell = lambda self, cell: "raise SystemExit(0)"
        """,
    "exec and compile": """
        import builtins
        builtins.exec = lambda *a, **k: None
        builtins.compile = lambda *a, **k: None
        """,
    "json": """
        import json
        json.dumps = lambda *a, **k: '{"status": "passed", "points": 100}'
        """,
    "deepcopy": "import copy\ncopy.deepcopy = lambda value, memo=None: value",
    "isinstance": "import builtins\nbuiltins.isinstance = lambda *a: True",
}


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_patched(attempt: Attempt, patch: str) -> None:
    report = attempt(answered(WRONG, "ANSWER = 0", patch))
    assert all(verdict.findings for verdict in report.exercises)


OBJECTS = {
    "equal to everything": """
        class Yes:
            __eq__ = __le__ = __ge__ = __contains__ = lambda self, other: True
            __ne__ = __lt__ = __gt__ = lambda self, other: False
            __hash__ = lambda self: 0
            __bool__ = lambda self: True
            __sub__ = __rsub__ = __abs__ = lambda self, *other: 0
        ANSWER = Yes()
        """,
    "an int that is equal to everything": """
        class Yes(int):
            __eq__ = lambda self, other: True
            __ne__ = lambda self, other: False
            __hash__ = int.__hash__
        ANSWER = Yes(1)
        """,
    "a float that is equal to everything": """
        class Yes(float):
            __eq__ = __le__ = __ge__ = lambda self, other: True
            __hash__ = float.__hash__
            __float__ = lambda self: self
        ANSWER = Yes(1)
        """,
    "a str": "class Yes(str):\n    __eq__ = lambda self, other: True\n    __hash__ = str.__hash__\nANSWER = Yes('x')",
    "an array of a subclass": """
        class Yes(np.ndarray):
            __eq__ = lambda self, other: np.ones(self.shape, bool)
            __sub__ = __rsub__ = lambda self, other: np.zeros(self.shape)
            __array_ufunc__ = lambda self, ufunc, method, *inputs, **k: np.zeros(())
            __array_function__ = lambda self, *a, **k: True
            __array_finalize__ = lambda self, other: None
            shape = property(lambda self: (2, 3))
        ANSWER = np.zeros((2, 3)).view(Yes)
        """,
    "__array__": "class Yes:\n    __array__ = lambda self, *a, **k: np.ones((3, 2))\nANSWER = Yes()",
    "__array_function__ and __array_ufunc__": """
        class Yes:
            __array_function__ = __array_ufunc__ = lambda self, *a, **k: True
            __array_interface__ = {"shape": (3, 2), "typestr": "<f8", "version": 3, "data": (0, False)}
            __array_priority__ = 1e9
        ANSWER = Yes()
        """,
    "__reduce__": """
        import os
        class Yes:
            __reduce__ = lambda self: (os.system, ("touch /tmp/left_behind",))
        ANSWER = Yes()
        """,
    "an array of objects": """
        import os
        class Yes:
            __reduce__ = lambda self: (os.system, ("touch /tmp/left_behind",))
        ANSWER = np.array([Yes(), Yes()], dtype=object)
        """,
    "__float__ and __index__": """
        class Yes:
            __float__ = lambda self: 1.0
            __int__ = __index__ = lambda self: 1
        ANSWER = Yes()
        """,
    "a class whose class lies": "class Yes:\n    __class__ = int\nANSWER = Yes()",
    "a metaclass that is an instance of everything": """
        class Meta(type):
            __instancecheck__ = __subclasscheck__ = __eq__ = lambda *a: True
            __hash__ = type.__hash__
        class Yes(metaclass=Meta):
            pass
        ANSWER = Yes
        """,
    "a mock": "from unittest.mock import MagicMock\nANSWER = MagicMock()",
    "NaN": "ANSWER = float('nan')",
    "an array of NaN": "ANSWER = np.full((3, 2), np.nan)",
    "infinity": "ANSWER = float('inf')",
    "a masked array": "ANSWER = np.ma.masked_all((3, 2))",
    "an empty array": "ANSWER = np.zeros((0,))",
    "an array of one that broadcasts": "ANSWER = np.zeros((1, 1))",
    "complex numbers": "ANSWER = np.full((3, 2), 1j)",
    "bytes that are no truth values": "ANSWER = np.full((3, 2), 7, np.uint8).view(bool)",
    "long double": "ANSWER = np.full((3, 2), np.nan, np.longdouble)",
    "dates": "ANSWER = np.zeros((3, 2), 'M8[s]')",
    "a record array": "ANSWER = np.zeros((3, 2), [('a', float)])",
    "a number of four thousand digits": "ANSWER = 10 ** 4000",
    "a number of nine thousand digits": "ANSWER = 10 ** 9000",
    "the format's own keys": "ANSWER = {'__array__': 0, '__not_plain__': 'int', 'sealed': 'x', 'salt': ''}",
    "a report": "ANSWER = {'status': 'passed', 'points': 100, 'score': 100, 'max_score': 1}",
    "a list that holds itself": "ANSWER = []\nANSWER.append(ANSWER)",
    "a list a million deep": "ANSWER = []\nfor _ in range(10**6):\n    ANSWER = [ANSWER]",
    "a generator": "ANSWER = (i for i in range(3))",
    "all numbers at once": "ANSWER = list(range(100))",
    "None": "ANSWER = None",
}


@pytest.mark.parametrize("made", OBJECTS.values(), ids=OBJECTS)
def test_an_answer_that_pretends(attempt: Attempt, made: str) -> None:
    report = attempt(answered(WRONG, made))
    assert report.score == 0


PASSED = """def exit_now():
    raise SystemExit(0)
class Passed(Exception):
    __str__ = lambda self: {}
def ANSWERS():
    raise Passed"""
LEAVING = {
    "SystemExit": "def ANSWERS():\n    raise SystemExit(0)",
    "os._exit": "import os\ndef ANSWERS():\n    os._exit(0)",
    "sys.exit": "import sys\ndef ANSWERS():\n    sys.exit('passed')",
    "quit": "def ANSWERS():\n    quit()",
    "kill": "import os, signal\ndef ANSWERS():\n    os.kill(os.getpid(), signal.SIGTERM)",
    "KeyboardInterrupt": "def ANSWERS():\n    raise KeyboardInterrupt",
    "NotImplementedError": "def ANSWERS():\n    raise NotImplementedError",
    "MemoryError": "def ANSWERS():\n    raise MemoryError('score: 100')",
    "an exception with a message of its own": PASSED.format("1"),
    "an exception that leaves when it is read": PASSED.format("exit_now()"),
    "an exception named like the one expected": "class ValueErrors(ValueError):\n    pass\ndef ANSWERS():\n    raise ValueErrors",
}
CALLS = {
    SIZE: "def pool_output_size(H, F, S):\n    return ANSWERS()",
    GLOBAL: WRONG[GLOBAL].replace("ANSWER", "ANSWERS()"),
}


@pytest.mark.parametrize("leaves", LEAVING.values(), ids=LEAVING)
def test_leaving_instead_of_answering(attempt: Attempt, leaves: str) -> None:
    assert attempt(answered(CALLS, leaves)).statuses <= {
        Status.CRASHED,
        Status.FAILED,
        Status.NOT_IMPLEMENTED,
        Status.OUT_OF_MEMORY,
    }


@pytest.mark.parametrize("line", ["import os; os._exit(0)", "import os; os.abort()"])
def test_leaving_while_the_cells_run(attempt: Attempt, line: str) -> None:
    report = attempt(answered(RIGHT_SMALL, line))
    assert report.statuses == {Status.CRASHED}
    assert "while the submission was loaded" in messages(report)


RIGHT_SMALL = {name: RIGHT[name] for name in (SIZE, GLOBAL)}


@pytest.mark.parametrize(
    "line", ["import sys; sys.exit(0)", "raise SystemExit", "exit()", "raise KeyboardInterrupt", "1/0"]
)
def test_a_cell_that_stops_costs_nothing_else(attempt: Attempt, line: str) -> None:
    assert attempt(answered(RIGHT_SMALL, line), most=4).score == 4


TAGS = ["skip-execution", "raises-exception", "nbval-skip", "hide", "remove_cell", "experiment"]


@pytest.mark.parametrize("tag", TAGS)
def test_tags_earn_nothing(attempt: Attempt, tag: str) -> None:
    cells = [code(IMPORTS + "ANSWER = 1")]
    for name, source in WRONG.items():
        cells += [code(source, name), check_cell(name)]
    for cell in cells:
        cell["metadata"]["tags"] = [tag]
    attempt(data(*cells))


@pytest.mark.parametrize("tag", TAGS)
def test_tags_cost_nothing(attempt: Attempt, tag: str) -> None:
    cells = [code(IMPORTS), *(code(source, name) for name, source in RIGHT_SMALL.items())]
    for cell in cells:
        cell["metadata"]["tags"] = [tag]
    assert attempt(data(*cells), most=4).score == 4


# What a reply looks like is no secret: these have read our source.
FORGED = """
import os, json, struct
value = {"results": {"size": 3, "out": {"__array__": 0}}, "arguments": {}, "error": None,
         "status": "passed", "points": 2, "score": 4, "missing": [], "problems": []}
body = json.dumps({"value": value, "sizes": [0]}).encode() + b"\\n"
REPLY = struct.pack(">Q", len(body)) + body
REPORT = json.dumps({"submission": "", "assignment": "02_pooling", "score": 4, "max_score": 4, "sandbox": "bubblewrap",
                     "exercises": [{"name": "pool_output_size", "status": "passed", "points": 2, "max_points": 2}]})
ANSWER = 0
def write(what, descriptors):
    for descriptor in descriptors:
        try:
            os.write(descriptor, what)
        except OSError:
            pass
"""
ON_DESCRIPTORS = {
    "a report on stdout and stderr": "print(REPORT); write(REPORT.encode(), [1, 2])",
    "a report on every descriptor": "write(REPORT.encode(), range(3, 64))",
    "a reply on every descriptor": "write(REPLY, range(3, 64))",
    "a hundred replies": "write(REPLY * 100, range(3, 64))",
    "half a reply": "write(REPLY[:20], range(3, 64))",
    "a reply of a giant's size": "write(struct.pack('>Q', 2**63), range(3, 64))",
    "a negative size": "write(b'\\xff' * 8, range(3, 64))",
    "descriptors closed": "os.closerange(0, 64)",
    "descriptors doubled": "[os.dup2(4, d) for d in range(5, 20)]; write(REPLY, range(5, 20))",
    "descriptors exchanged": "a, b = os.dup(3), os.dup(4); os.dup2(b, 3); os.dup2(a, 4)",
    "a thread that keeps replying": """import threading
def keep_on():
    while True:
        write(REPLY, range(3, 8))
threading.Thread(target=keep_on, daemon=True).start()""",
    "a child that keeps replying": """if os.fork() == 0:
    for _ in range(10**6):
        write(REPLY, range(3, 8))
    os._exit(0)""",
    "wire.send replaced": """import inside.wire
send = inside.wire.send
inside.wire.send = lambda fd, data: (send(fd, body), send(fd, body))""",
}


@pytest.mark.parametrize("trick", ON_DESCRIPTORS.values(), ids=ON_DESCRIPTORS)
def test_forged_replies(attempt: Attempt, trick: str) -> None:
    """Once while the cells run, and once from within an answer."""
    attempt(answered(WRONG, FORGED, trick), request_seconds=1.0)
    later = trick.replace("\n", "\n    ")
    attempt(answered(CALLS, FORGED, f"def ANSWERS():\n    {later}\n    return 0"), request_seconds=1.0)


REPLIES = {
    "a claim of 10^18 numbers": ("(1000000000, 1000000000)", "<f8", 0),
    "no numbers, in a shape of 10^30": ("(0, 1000000000000000000000000000000)", "<f8", 0),
    "objects": ("(1,)", "|O", 8),
    "a pickle in disguise": ("(1,)), (__import__('os').system('touch /tmp/left_behind'),", "<f8", 8),
    "a negative side": ("(-1, -1)", "<f8", 8),
    "a dtype that is none": ("(1,)", "<f7", 7),
    "seventy sides": ("(" + "1, " * 70 + ")", "<f8", 8),
}


@pytest.mark.parametrize(("shape", "dtype", "size"), REPLIES.values(), ids=REPLIES)
def test_crafted_npy_headers(attempt: Attempt, shape: str, dtype: str, size: int) -> None:
    crafted = f"""
        import json, sys
        header = b"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\\n"
        npy = b"\\x93NUMPY\\x01\\x00" + len(header).to_bytes(2, "little") + header + bytes({size})
        value = {{"results": {{"size": {{"__array__": 0}}, "out": {{"__array__": 0}}}}, "arguments": {{}}, "error": None}}
        reply = json.dumps({{"value": value, "sizes": [len(npy)]}}).encode() + b"\\n" + npy
        runner = sys.modules["inside.runner"].Runner
        handle = runner.handle
        runner.handle = lambda self, request: reply if b'"run"' in request[:50] else handle(self, request)
        """
    attempt(answered(RIGHT_SMALL, crafted), most=4)
    attempt(answered(WRONG, "ANSWER = 0", crafted))


RECORDS = {
    "no record": "17",
    "results that are a list": "{'results': [1], 'arguments': {}, 'error': None}",
    "an error that is a list": "{'results': {}, 'arguments': {}, 'error': [1]}",
    "an error of every type": "empty | {'error': {'type': 'ValueError', 'bases': ['ValueError']}}",
    "an error whose lines are rubbish": "empty | {'error': {'type': {}, 'bases': 3, 'lines': [3, {}]}}",
    "points": "{'results': {}, 'arguments': {}, 'error': None, 'points': 1e9, 'max_points': 1e9, 'status': 'passed'}",
    "negative points": "{'points': -1, 'score': float('inf')}",
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_crafted_records(attempt: Attempt, record: str) -> None:
    """Where an error is the right answer it may be claimed, as it may be raised; that alone earns nothing."""
    empty = "empty = {'results': {}, 'arguments': {}, 'error': None}"
    patch = f"import sys\n{empty}\nsys.modules['inside.runner'].Runner.do_run = lambda self, **k: {record}"
    attempt(answered(WRONG, "ANSWER = 0", patch))


LOADED = {
    "missing is a number": "{'missing': 3, 'problems': []}",
    "nothing is missing": "{'missing': [], 'problems': []}",
    "a megabyte is missing": "{'missing': ['<b>' + 'x' * 10**6], 'problems': []}",
    "problems of a megabyte": "{'missing': ['f'], 'problems': [dict.fromkeys(['cell', 'message'], 'x' * 10**6) | {'grade_id': ''}]}",
    "broken unicode": "{'missing': ['\\ud83d\\x1b[2J'], 'problems': []}",
    "an array": "np.zeros(3)",
}


@pytest.mark.parametrize("reply", LOADED.values(), ids=LOADED)
def test_crafted_replies_to_loading(attempt: Attempt, reply: str) -> None:
    patch = f"""
import sys
runner = sys.modules["inside.runner"]
pack = runner.pack
runner.pack = lambda value: pack({reply}) if "missing" in value else pack(value)
"""
    attempt(answered(WRONG, "ANSWER = 0", patch))


def test_answers_hard_coded_to_the_public_cases(attempt: Attempt) -> None:
    """The public keys lie in the sandbox, too: they ship to students. The graded cases are drawn afresh."""
    lookup = """
        from cs231n_utils.checking.key import load
        def known(exercise, result, **inputs):
            for case in load(exercise).cases:
                if all(np.array_equal(case.inputs[name], value) for name, value in inputs.items()):
                    if case.expected["error"]:
                        raise ValueError
                    return case.expected["results"][result]
            return 0
        """
    functions = {
        SIZE: "def pool_output_size(H, F, S):\n    return known('pool_output_size', 'size', H=H, F=F, S=S)",
        GLOBAL: "def global_avg_pool_forward(x):\n    return known('global_avg_pool_forward', 'out', x=x), None",
    }
    attempt(answered(functions, lookup))


TELLING = {
    "right only when check calls": "'check' in [f.function for f in inspect.stack()]",
    "right only in a kernel": "'ipykernel' in sys.modules",
    "right only with a home": "os.path.exists('/home') or os.path.exists('/etc/passwd')",
    "right only for public shapes": "len(inspect.stack()) > 50",
}


@pytest.mark.parametrize("telling", TELLING.values(), ids=TELLING)
def test_telling_the_grader_from_the_student(attempt: Attempt, telling: str) -> None:
    functions = {
        SIZE: f"def pool_output_size(H, F, S):\n    return (H - F) // S + 1 if {telling} else 0",
        GLOBAL: f"def global_avg_pool_forward(x):\n    return (x.mean(axis=(2, 3)) if {telling} else 0), None",
    }
    attempt(answered(functions, "import inspect, os, sys"))


LATER = {
    "a thread that answers late": """
        import threading, time
        def later(out, right):
            def fill():
                time.sleep(0.05)
                out[:] = right
            threading.Thread(target=fill).start()
            return out
        """,
    "a view that changes afterwards": """
        made = []
        def later(out, right):
            made.append((out, right))
            for old, answer in made[:-1]:
                old[:] = answer
            return out[...]
        """,
    "an array that is right at every second look": """
        class Later(np.ndarray):
            looks = 0
            def __array__(self, *a, **k):
                Later.looks += 1
                return np.zeros((2, 3))
        def later(out, right):
            return out.view(Later)
        """,
}


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_answers_that_come_later(attempt: Attempt, later: str) -> None:
    functions = {
        SIZE: "def pool_output_size(H, F, S):\n    return later(np.zeros(()), (H - F) // S + 1)",
        GLOBAL: """def global_avg_pool_forward(x):
    return later(np.zeros(x.shape[:2]), x.mean(axis=(2, 3))), None""",
    }
    attempt(answered(functions, later))


BACKWARDS = {
    "NaN": "np.full(cache.shape, np.nan)",
    "infinity": "np.full(cache.shape, np.inf)",
    "complex numbers": "np.ones(cache.shape, complex)",
    "truth values": "np.ones(cache.shape, bool)",
    "NaN as half": "np.full(cache.shape, np.nan, np.float16)",
    "numbers that overflow": "np.full(cache.shape, 1e308)",
    "numbers that overflow as half": "np.full(cache.shape, 65504, np.float16)",
    "text": "np.full(cache.shape, 'x')",
}


@pytest.mark.parametrize("dx", BACKWARDS.values(), ids=BACKWARDS)
@pytest.mark.parametrize(
    "forward", ["2 * x.sum(axis=(2, 3))", "np.full(x.shape[:2], np.nan)", "x.sum(axis=(2, 3)) * 1e308"]
)
def test_no_follow_through_for_what_is_no_gradient(attempt: Attempt, dx: str, forward: str) -> None:
    functions = {
        "global_max_pool_forward": f"def global_max_pool_forward(x):\n    return {forward}, x",
        "global_max_pool_backward": f"def global_max_pool_backward(dout, cache):\n    return {dx}",
    }
    attempt(answered(functions, "np.seterr(all='ignore')"), assignment=TIES)


@pytest.mark.parametrize("value", ["float('nan')", "[75]", "'75.0'", "np.full(1, 75.4)", "True", "{'sealed': 1}"])
def test_a_question_is_answered_by_its_value_alone(attempt: Attempt, value: str) -> None:
    functions = {"activations_discarded": f"def activations_discarded():\n    return {value}"}
    attempt(answered(functions), assignment=QUESTION)


SLOW = """def max_pool_forward_fast(x, pool_param):
    HH, WW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.empty((*x.shape[:2], (x.shape[2] - HH) // S + 1, (x.shape[3] - WW) // S + 1), dtype=x.dtype)
    for n, c, i, j in np.ndindex(out.shape):
        out[n, c, i, j] = np.max(x[n, c, i * S : i * S + HH, j * S : j * S + WW])
    return out, None
"""
CLOCKS = {
    "as it is": "",
    "time stands still": "import time\ntime.perf_counter = time.time = time.monotonic = lambda: 0.0",
    "time runs backwards": """
        import itertools, time
        ticks = itertools.count()
        time.perf_counter = time.monotonic = lambda: -float(next(ticks))
        """,
    "the baseline is slow": """
        import time
        import cs231n_utils.checking as checking
        checking.time_of_windows = checking.baseline_seconds = lambda *a: time.sleep(1) or 1e6
        checking.REPEATS = 0
        np.max = lambda *a, **k: time.sleep(0.01)
        """,
}
SLOW_MOST = 3.6  # of six points, four tenths are for speed


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_a_clock_that_lies_makes_nothing_fast(attempt: Attempt, clock: str) -> None:
    slow = SLOW.replace("np.max(x", "max_of(x")
    report = attempt(answered({"max_pool_forward_fast": slow}, "max_of = np.max", clock), SLOW_MOST, FAST)
    assert report.score == pytest.approx(SLOW_MOST)
    assert "times faster" in messages(report)


REMEMBERING = {
    "the same question is answered from memory": """
        def max_pool_forward_fast(x, pool_param):
            key = (x.tobytes(), *pool_param.values())
            if key not in memory:
                memory[key] = slow(x, pool_param)
            return memory[key]
        """,
    "the same question is answered with rubbish": """
        def max_pool_forward_fast(x, pool_param):
            key = x.tobytes()
            if key in memory:
                return None, None
            memory[key] = True
            return slow(x, pool_param)
        """,
    "the same question ends the process": """
        import os
        def max_pool_forward_fast(x, pool_param):
            key = x.tobytes()
            if key in memory:
                os._exit(0)
            memory[key] = True
            return slow(x, pool_param)
        """,
    "equal maps are pooled once": """
        def max_pool_forward_fast(x, pool_param):
            flat = x.reshape(-1, 1, *x.shape[2:])
            maps = {image.tobytes(): image[None] for image in flat}
            pooled = {key: slow(image, pool_param)[0] for key, image in maps.items()}
            out = np.concatenate([pooled[image.tobytes()] for image in flat])
            return out.reshape(*x.shape[:2], *out.shape[2:]), None
        """,
}


@pytest.mark.parametrize("fast", REMEMBERING.values(), ids=REMEMBERING)
def test_remembering_is_not_fast(attempt: Attempt, fast: str) -> None:
    slow = SLOW.replace("max_pool_forward_fast", "slow")
    report = attempt(answered({}, "memory = {}", slow, fast), SLOW_MOST, FAST)
    assert report.score == pytest.approx(SLOW_MOST)


def test_no_other_exercise_gets_the_inputs_that_are_timed() -> None:
    """The exercises of a submission share files: what one has worked out is of no use to the one that is timed."""
    for assignment in ASSIGNMENTS:
        timed, others = [], set()
        for exercise in assignment.exercises:
            for case in make_key(assignment, exercise, SEED).cases:
                large = {value.tobytes() for value in case.inputs.values() if isinstance(value, np.ndarray)}
                if case.speed:
                    timed.append(large)
                else:
                    others |= large
        assert not any(inputs & others for inputs in timed)
        assert all(first.isdisjoint(second) for first, second in combinations(timed, 2))


MASKS = {
    "everything is dropped": ("np.zeros_like(x)", "np.zeros_like(dout)"),
    "nothing is dropped": ("x * 1.0", "dout / cache.get('p', 1.0)"),
    "everything is infinite": ("x * np.inf", "dout * np.nan"),
    "nothing is a number": ("x * np.nan", "dout / cache.get('p', 1.0)"),
}


@pytest.mark.parametrize(("out", "dx"), MASKS.values(), ids=MASKS)
def test_no_mask_makes_no_gradient_right(attempt: Attempt, out: str, dx: str) -> None:
    """Dropout's backward pass is judged by the mask that the forward pass shows: without one, nothing is right."""
    functions = {
        "dropout_forward": f"def dropout_forward(x, dropout_param):\n    return {out}, dropout_param",
        "dropout_backward": f"def dropout_backward(dout, cache):\n    return {dx}",
    }
    attempt(answered(functions, "np.seterr(all='ignore')"), assignment=DROPOUT)


@pytest.mark.parametrize("error", ["10 ** 4000", "1j", "np.ones(1, complex)", "'1'", "[1.0]", "float('nan')", "-1.0"])
def test_a_directional_error_that_is_no_number(attempt: Attempt, error: str) -> None:
    source = f"def directional_error(*args, **kwargs):\n    return {error}"
    attempt(answered({"directional_error": source}), assignment=DIRECTIONS)


BACKWARD_ONLY = part_of_pooling("max_pool_forward_naive", "max_pool_backward_naive")


def test_an_unreadable_answer_costs_only_its_exercise(attempt: Attempt) -> None:
    functions = {
        "max_pool_forward_naive": RIGHT["max_pool_forward_naive"],
        "max_pool_backward_naive": "def max_pool_backward_naive(dout, cache):\n    return {'__array__': 1}",
    }
    report = attempt(answered(functions), 6, BACKWARD_ONLY)
    assert report.score == 6


def test_existing_assignments_are_what_these_attempts_think() -> None:
    """If the points change, the upper bounds above have to, too."""
    assignments: tuple[tuple[Assignment, float], ...] = ((FAST, 6.0), (QUESTION, 1.0), (BACKWARD_ONLY, 14.0))
    for assignment, points in assignments:
        assert sum(exercise.points for exercise in assignment.exercises) == points
