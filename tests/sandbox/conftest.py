"""A sandbox whose jobs execute whatever source the tests send, and a check after each attempt that nothing is left."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.sandbox import Ending, Limits, Outcome, Sandbox, SandboxUnavailable, open_sandbox

RUNNER = Path(__file__).with_name("exec_runner.py")

Attempt = Callable[..., Outcome]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One bubblewrap sandbox for all tests: each has to leave it as it found it."""
    try:
        opened = open_sandbox("bubblewrap", runner=RUNNER)
    except SandboxUnavailable as reason:
        pytest.skip(str(reason))
    with opened:
        yield opened


@pytest.fixture
def attempt(sandbox: Sandbox) -> Attempt:
    """Runs sources as one job, then sees that no process is left and that the next job is well."""

    def run(*sources: str, **limits: float) -> Outcome:
        before = descendants()
        settings = {"request_seconds": 5.0, "memory_bytes": 512 * 2**20, **limits}
        requests = [textwrap.dedent(source).encode() for source in sources]
        outcome = sandbox.run(requests, Limits(**settings))  # type: ignore[arg-type]
        assert descendants() == before, "processes are left behind"
        after = sandbox.run([b"import os; reply((os.getpid(), os.listdir('/tmp'), os.listdir('/dev/shm')))"])
        assert after.ending is Ending.FINISHED
        assert after.replies[0].data == b"(1, [], [])"
        return outcome

    return run


@pytest.fixture
def ask(attempt: Attempt) -> Callable[..., str]:
    """Runs one source that must reply, and returns the reply."""

    def run(source: str, **limits: float) -> str:
        outcome = attempt(source, **limits)
        assert outcome.ending is Ending.FINISHED, outcome
        return outcome.replies[0].data.decode()

    return run


def descendants() -> set[int]:
    """The processes that this one has started, and those that they have started."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(name)] = int(fields[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found
