"""Attempts to use up what the machine has. Each costs its own job, and nothing else."""

from __future__ import annotations

import time

import pytest

from autograder.sandbox import Ending

pytestmark = pytest.mark.sandbox

QUICK = {"request_seconds": 0.4}


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import numpy as np\na = np.ones((3000, 3000))\nwhile True: a = a @ a",
        "import time; time.sleep(1000)",
        "input(); import time; time.sleep(1000)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP); os.kill(0, signal.SIGSTOP)\nwhile True: pass",
        """
        import signal
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass
        """,
        """
        while True:
            try:
                while True: pass
            except BaseException: pass
        """,
        "import threading, os; threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()\nwhile True: pass",
        "import os; os.fork()\nwhile True: pass",
        "import os, time\nif os.fork(): os.kill(-1, 19)\nwhile True: time.sleep(1)",
    ],
    ids=["python", "numpy", "sleep", "input", "stop", "signals", "except", "thread", "fork", "stopped child"],
)
def test_endless_work_ends_at_its_deadline(attempt, source):
    begin = time.monotonic()
    outcome = attempt(source, **QUICK)
    if "input" in source:
        assert b"EOFError" in outcome.replies[0].data  # there is nobody to type anything
    else:
        assert outcome.ending is Ending.TIMED_OUT
        assert outcome.detail == "stopped after 0.4 s"
    assert time.monotonic() - begin < 2.5


def test_all_requests_together_have_a_deadline(attempt):
    outcome = attempt(*["import time; time.sleep(0.2)"] * 10, total_seconds=0.5)
    assert outcome.ending is Ending.TIMED_OUT
    assert outcome.detail == "stopped after 0.5 s"
    assert len(outcome.replies) == 2


@pytest.mark.parametrize("source", ["while True: pass", "import signal; signal.signal(24, print)\nwhile True: pass"])
def test_processor_time_is_limited(attempt, source):
    outcome = attempt(source, cpu_seconds=1)
    assert outcome.ending is Ending.TIMED_OUT
    assert outcome.detail == "used more than 1 s of processor time"


def test_one_large_array_is_a_memory_error_of_the_students_own(attempt):
    outcome = attempt("import numpy as np; np.ones(2**30)", "reply('still here')")
    assert b"MemoryError" in outcome.replies[0].data
    assert outcome.replies[1].data == b"still here"


def test_memory_filled_bit_by_bit(attempt):
    outcome = attempt("hoard = []\nwhile True: hoard.append(bytearray(10**7))")
    assert outcome.ending is Ending.OUT_OF_MEMORY or b"MemoryError" in outcome.replies[0].data


def test_memory_of_many_processes_is_added_up(attempt):
    outcome = attempt(
        """
        import os, time
        for _ in range(8):
            if os.fork() == 0: break
        hoard = bytearray(60 * 10**6)
        time.sleep(100)
        """,
        memory_bytes=200 * 2**20,
    )
    assert outcome.ending is Ending.OUT_OF_MEMORY
    assert outcome.detail == "used more than 200 MiB of memory"


def test_memory_that_belongs_to_no_process_is_refused(ask):
    assert ask("import os\ntry: os.memfd_create('hoard')\nexcept PermissionError: reply('refused')") == "refused"
    shmget = "import ctypes; c = ctypes.CDLL(None, use_errno=True); reply(c.shmget(0, 4096, 0o1600))"
    assert ask(shmget) == "-1"


def test_a_fork_bomb_stays_below_the_limit(ask):
    forked = ask(
        """
        import os, time
        count = 0
        try:
            while count < 500:
                if os.fork() == 0: time.sleep(100)
                count += 1
        except BlockingIOError: pass
        reply(count)
        """,
        processes=20,
    )
    assert 10 <= int(forked) <= 20


def test_a_fork_bomb_that_never_stops(attempt):
    outcome = attempt("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", **QUICK)
    assert outcome.ending in (Ending.TIMED_OUT, Ending.OUT_OF_MEMORY)


def test_a_thread_bomb_stays_below_the_limit(ask):
    started = ask(
        """
        import threading, time
        count = 0
        try:
            while count < 500:
                threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
                count += 1
        except RuntimeError: pass
        reply(count)
        """,
        processes=20,
        memory_bytes=2**31,
    )
    assert 10 <= int(started) <= 20


def test_descriptors_run_out(ask):
    opened = ask(
        """
        import os
        count = 0
        try:
            while count < 5000: os.dup(0); count += 1
        except OSError as error: reply((count, error.strerror))
        """,
        open_files=32,
    )
    assert opened == "(27, 'Too many open files')"  # 32, less the standard three and the two pipes


def test_limits_cannot_be_raised(ask):
    assert (
        ask(
            """
        import resource
        raised = []
        for kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU):
            try: resource.setrlimit(kind, (resource.RLIM_INFINITY,) * 2); raised.append(kind)
            except ValueError: pass
        reply(raised)
        """
        )
        == "[]"
    )


def test_one_file_that_fills_the_disk(ask):
    wrote = ask(
        """
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        try:
            with open('/tmp/big', 'wb', buffering=0) as file:
                while True: file.write(b'x' * 2**20)
        except OSError as error: reply((file.name, error.strerror))
        """,
        file_bytes=2**23,
    )
    assert wrote == "('/tmp/big', 'File too large')"


@pytest.mark.parametrize("size", [0, 2**20])
def test_many_files_that_fill_the_disk(ask, size):
    stopped = ask(
        f"""
        count = 0
        try:
            while count < 20000:
                with open(f'/tmp/{{count}}', 'wb') as file: file.write(bytes({size}))
                count += 1
        except OSError as error: reply((count, error.strerror))
        """,
        scratch_bytes=2**23,
    )
    assert stopped == ("(8, 'No space left on device')" if size else "(4095, 'No space left on device')")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_of_output_is_cut_and_costs_nothing_else(attempt, stream):
    flood = (
        f"from sys import {stream} as file\nfor _ in range(200): file.write('flood ' * 20000)\nfile.write('the end')"
    )
    outcome = attempt(flood)
    assert outcome.ending is Ending.FINISHED
    assert len(outcome.output) == 64 * 1024
    assert outcome.output.endswith("flood the end")


def test_output_may_be_dropped_altogether(attempt):
    assert attempt("print('hello')", output_bytes=0).output == ""


def test_an_endless_flood(attempt):
    outcome = attempt("while True: print('x' * 10000)", **QUICK)
    assert outcome.ending is Ending.TIMED_OUT
    assert len(outcome.output) == 64 * 1024


def test_output_that_is_no_text(attempt):
    assert attempt(r"import os; os.write(1, b'a\xffb')").output == "a\ufffdb"


def test_deep_recursion_that_crashes_the_interpreter(attempt):
    outcome = attempt(
        """
        import sys
        sys.setrecursionlimit(10**9)
        class Deep:
            def __getattr__(self, name): return getattr(self, name + 'x')
            def __repr__(self): return repr(self)
        repr(Deep())
        """,
        memory_bytes=2**31,
    )
    assert outcome.ending is Ending.CRASHED or b"Error" in outcome.replies[0].data
