"""What passes between the grader and a job: order, sizes, deaths, and attempts to disturb it."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from autograder.sandbox import Ending, Limits, SandboxFailure

pytestmark = pytest.mark.sandbox

# How a job finds its pipes: the one descriptor above 2 that can be written to.
FIND_PIPE = """
import os, fcntl
def is_open_for(fd, mode):
    try: return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == mode
    except OSError: return False
pipe = next(fd for fd in range(3, 128) if is_open_for(fd, os.O_WRONLY))
"""


def test_requests_share_one_process_and_are_answered_in_order(attempt):
    outcome = attempt("x = 1; reply(x)", "x += 1; reply(x)", "x += 1; reply(x)")
    assert [reply.data for reply in outcome.replies] == [b"1", b"2", b"3"]
    assert (outcome.ending, outcome.detail, outcome.output) == (Ending.FINISHED, "finished", "")


def test_each_reply_has_its_own_time(attempt):
    outcome = attempt("pass", "import time; time.sleep(0.3)", "pass")
    seconds = [reply.seconds for reply in outcome.replies]
    assert 0.3 <= seconds[1] < 0.6
    assert seconds[0] < 0.2
    assert seconds[2] < 0.2


def test_a_clock_that_lies_changes_no_time(attempt):
    outcome = attempt("import time; sleep = time.sleep; time.monotonic = time.perf_counter = lambda: 0.0\nsleep(0.2)")
    assert outcome.replies[0].seconds >= 0.2


def test_a_request_may_have_a_time_of_its_own(sandbox):
    outcome = sandbox.run([b"reply(1)", b"import time; time.sleep(5)"], seconds=[5.0, 0.2])
    assert len(outcome.replies) == 1
    assert (outcome.ending, outcome.detail) == (Ending.TIMED_OUT, "stopped after 0.2 s")


def test_as_many_times_as_requests(sandbox):
    with pytest.raises(ValueError, match="2 times for 1 requests"):
        sandbox.run([b"pass"], seconds=[1.0, 1.0])


def test_large_values_pass_both_ways(sandbox):
    source = b"reply(b'y' * 20_000_000)  #" + b"x" * 20_000_000
    outcome = sandbox.run([source])
    assert outcome.ending is Ending.FINISHED
    assert outcome.replies[0].data == b"y" * 20_000_000


def test_empty_replies_and_no_requests(attempt):
    assert [reply.data for reply in attempt("pass", "pass").replies] == [b"", b""]
    assert attempt().ending is Ending.FINISHED


def test_after_a_breach_the_rest_is_not_sent(attempt):
    outcome = attempt("reply(1)", "import os; os._exit(0)", "reply(3)")
    assert [reply.data for reply in outcome.replies] == [b"1"]
    assert outcome.ending is Ending.CRASHED


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("import os; os._exit(0)", "it ended itself, with exit status 0, before it had answered"),
        ("import sys; sys.exit(3)", "it ended itself, with exit status 3, before it had answered"),
        ("import ctypes; ctypes.string_at(0)", "killed by SIGSEGV"),
        ("import os; os.closerange(3, 100)\nwhile True: pass", "it closed the pipe for its answers"),
    ],
    ids=["_exit", "sys.exit", "segfault", "closed pipe"],
)
def test_deaths_are_told_apart(attempt, source, detail):
    outcome = attempt(source)
    assert (outcome.ending, outcome.detail) == (Ending.CRASHED, detail)


def test_aborting_is_a_crash(attempt):
    assert attempt("import os; os.abort()").ending is Ending.CRASHED


@pytest.mark.parametrize("source", ["reply(b'x' * 10**6)", FIND_PIPE + "os.write(pipe, b'\\xff' * 8)"])
def test_a_reply_that_is_or_claims_to_be_too_large(attempt, source):
    outcome = attempt(source, reply_bytes=10**5)
    assert outcome.ending is Ending.REPLY_TOO_LARGE
    assert outcome.replies == ()


def test_many_replies_that_are_too_large_together(attempt):
    outcome = attempt(*["reply(b'x' * 40000)"] * 5, reply_bytes=10**5)
    assert outcome.ending is Ending.REPLY_TOO_LARGE
    assert len(outcome.replies) == 2


def test_a_forged_length_that_nothing_follows(attempt):
    outcome = attempt(
        FIND_PIPE + "os.write(pipe, bytes(6) + b'\\x10\\x00'); import time; time.sleep(9)", request_seconds=0.3
    )
    assert outcome.ending is Ending.TIMED_OUT


def test_answers_before_the_question(attempt):
    forged = FIND_PIPE + "os.write(pipe, 3 * (bytes(7) + b'\\x01' + b'!'))"
    outcome = attempt(forged, "import time; time.sleep(9)")
    assert outcome.ending is Ending.CRASHED
    assert outcome.detail == "it answered without having been asked"
    assert [reply.data for reply in outcome.replies] == [b"!"]


def test_a_job_that_never_reads(sandbox):
    outcome = sandbox.run([b"import time; time.sleep(9)  #" + b"x" * 10**7, b"pass"], Limits(request_seconds=0.3))
    assert outcome.ending is Ending.TIMED_OUT


def test_an_orphan_that_holds_the_pipes_open_does_not_keep_the_job_alive(attempt):
    outcome = attempt(
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0: time.sleep(1000)
            os._exit(0)
        reply(b'parent')
        """
    )
    assert outcome.replies[0].data == b"parent"


@pytest.mark.parametrize(
    "hook", ["import atexit; atexit.register(print, 'hooked')", "import threading; threading.Timer(9, print).start()"]
)
def test_what_should_run_later_never_runs(attempt, hook):
    assert attempt(hook).output == ""


def test_a_killed_server_is_our_failure_and_the_next_job_gets_a_new_one(sandbox):
    server = sandbox._server._process
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    assert sandbox.run([b"reply(1)"]).replies[0].data == b"1"


def test_a_server_that_dies_during_a_job_is_no_crash_of_the_students(sandbox):
    killer = threading.Timer(0.3, sandbox._server._process.kill)
    killer.start()
    with pytest.raises(SandboxFailure):
        sandbox.run([b"import time; time.sleep(5)"])
    killer.join()
    assert sandbox.run([b"reply(1)"]).ending is Ending.FINISHED


def test_descriptors_do_not_leak_in_the_grader(sandbox):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        sandbox.run([b"reply(1)"])
        sandbox.run([b"import os; os._exit(1)"])
    assert len(os.listdir("/proc/self/fd")) == before
