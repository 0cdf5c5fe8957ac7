"""Submissions that take what they can get: each costs its own exercise, and no other one."""

# ruff: noqa: E501  (tables of attempts: one line each reads best)

import pytest

from cs231n_utils.checking.verdict import Status
from tests.security.conftest import Attempt, messages
from tests.security.submissions import GLOBAL, RIGHT, SIZE, answered, part_of_pooling

pytestmark = pytest.mark.sandbox

ONE = part_of_pooling(SIZE)

# In one exercise's function: how that exercise ends, while the other one passes.
GREED = {
    "an endless loop": ("while True:\n        pass", {Status.TIMED_OUT}),
    "an endless loop that catches everything": (
        "while True:\n        try:\n            while True:\n                pass\n        except BaseException:\n            pass",
        {Status.TIMED_OUT},
    ),
    "one endless call of NumPy": (
        "np.ones((3000, 3000)) @ np.ones((3000, 10**5))",
        {Status.TIMED_OUT, Status.OUT_OF_MEMORY},
    ),
    "sleep": ("import time\n    time.sleep(1000)", {Status.TIMED_OUT}),
    "stopping itself": (
        "import os, signal\n    os.kill(os.getpid(), signal.SIGSTOP)\n    return None, None",
        {Status.CRASHED, Status.FAILED, Status.TIMED_OUT},
    ),
    "ignoring SIGINT, SIGTERM, SIGALRM and SIGXCPU": (
        "import signal\n    for s in (2, 14, 15, 24):\n        signal.signal(s, signal.SIG_IGN)\n    while True:\n        pass",
        {Status.TIMED_OUT},
    ),
    "a memory bomb": ("return np.ones(10**11)", {Status.OUT_OF_MEMORY}),
    "memory bit by bit": (
        "kept = []\n    while True:\n        kept.append(bytearray(10**6))",
        {Status.OUT_OF_MEMORY, Status.TIMED_OUT},
    ),
    "a giant reply": ("return np.zeros(10**7)", {Status.CRASHED, Status.FAILED}),
    "an array of many gigabytes": ("return np.empty(2**33)", {Status.OUT_OF_MEMORY}),
    "an array of a terabyte that takes no memory": (
        "return np.broadcast_to(1.0, (2**20, 2**20)), None",
        {Status.OUT_OF_MEMORY, Status.CRASHED},
    ),
    "a list nested a million deep": (
        "deep = []\n    for _ in range(10**6):\n        deep = [deep]\n    return deep, None",
        {Status.CRASHED, Status.FAILED, Status.TIMED_OUT},
    ),
    "a list of ten million": ("return [0] * 10**7", {Status.CRASHED, Status.FAILED, Status.OUT_OF_MEMORY}),
    "a text of fifty megabytes": ("return 'x' * 50_000_000", {Status.CRASHED, Status.FAILED}),
    "an error's message of fifty megabytes": ("raise ValueError('x' * 50_000_000)", {Status.CRASHED, Status.FAILED}),
    "deep recursion": ("return global_avg_pool_forward(x)", {Status.CRASHED}),
    "recursion that crashes the interpreter": (
        "import sys\n    sys.setrecursionlimit(10**9)\n    f = lambda n: f(n + 1) + sorted([n], key=f)[0]\n    return f(0)",
        {Status.CRASHED, Status.OUT_OF_MEMORY, Status.TIMED_OUT},
    ),
    "a crashed interpreter": ("import ctypes\n    return ctypes.string_at(0)", {Status.CRASHED}),
    "a fork bomb": ("import os\n    while True:\n        os.fork()", {Status.CRASHED, Status.TIMED_OUT, Status.FAILED}),
    "a thread bomb": (
        "import threading, time\n    while True:\n        threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
        {Status.CRASHED, Status.FAILED, Status.TIMED_OUT},
    ),
    "all descriptors": ("import os\n    while True:\n        os.dup(0)", {Status.CRASHED}),
    "one file that fills the disk": (
        "with open('/tmp/left_behind', 'wb') as file:\n        while True:\n            file.write(bytes(10**6))",
        {Status.CRASHED},
    ),
    "many files that fill the disk": (
        "import itertools\n    for i in itertools.count():\n        open(f'/tmp/left_behind{i}', 'w').write('x' * 10**5)",
        {Status.CRASHED},
    ),
    "input": ("return int(input('size? '))", {Status.CRASHED}),
    "reading stdin to its end": ("import sys\n    return sys.stdin.read()", {Status.FAILED, Status.CRASHED}),
    "waiting for a child": (
        "import os\n    os.fork() or os.execv('/bin/sleep', ['sleep', '9'])\n    os.wait()",
        {Status.CRASHED, Status.FAILED, Status.TIMED_OUT},
    ),
}


@pytest.mark.parametrize(("body", "statuses"), GREED.values(), ids=GREED)
def test_one_exercise_is_lost_and_no_other(attempt: Attempt, body: str, statuses: set[Status]) -> None:
    functions = {SIZE: RIGHT[SIZE], GLOBAL: f"def global_avg_pool_forward(x):\n    {body}\n"}
    report = attempt(answered(functions), 2, request_seconds=1.0, memory_bytes=256 * 2**20, reply_bytes=16 * 2**20)
    size, mean = report.exercises
    assert mean.status in statuses, report
    assert size.status is Status.PASSED, report


FLOODS = {
    "stdout": "for _ in range(300):\n    print('x' * 100_000)",
    "stderr": "import sys\nfor _ in range(300):\n    sys.stderr.write('x' * 100_000)",
    "display": "for _ in range(1000):\n    display('x' * 100_000)",
    "descriptors 1 and 2": "import os\nfor _ in range(300):\n    os.write(1, b'\\xff' * 100_000), os.write(2, b'\\0' * 100_000)",
    "stdout closed": "import os, sys\nsys.stdout.close()\nos.close(1)\nos.close(2)",
    "an orphan": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\n    time.sleep(1000)\n    os._exit(0)",
    "a background thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()",
    "an atexit hook": "import atexit, time\natexit.register(time.sleep, 1000)",
    "a file left in /tmp": "open('/tmp/left_behind', 'w').write('x')",
    "shared memory": "import mmap, os\nopen('/dev/shm/left_behind', 'wb').write(b'x')",
    "a timer": "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.01)",
    "input in a cell": "name = input()",
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_what_costs_nothing(attempt: Attempt, flood: str) -> None:
    """A cell that floods, or leaves something running: right functions are right."""
    report = attempt(answered({name: RIGHT[name] for name in (SIZE, GLOBAL)}, flood), 4)
    assert report.score == 4, report


def test_an_endless_cell_is_left_and_the_next_goes_on(attempt: Attempt) -> None:
    report = attempt(answered({SIZE: RIGHT[SIZE]}, "while True:\n    pass"), 2, ONE, request_seconds=8.0)
    assert report.score == 2


def test_an_endless_cell_in_front_of_the_function(attempt: Attempt) -> None:
    functions = {SIZE: "while True:\n    pass\n" + RIGHT[SIZE]}
    report = attempt(answered(functions), assignment=ONE, request_seconds=8.0)
    assert "the cell was stopped after 5 seconds" in messages(report)


def test_an_endless_cell_that_cannot_be_left(attempt: Attempt) -> None:
    cell = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    report = attempt(answered({name: RIGHT[name] for name in (SIZE, GLOBAL)}, cell), request_seconds=1.0)
    assert report.statuses == {Status.TIMED_OUT}
    assert "while the submission was loaded" in messages(report)
