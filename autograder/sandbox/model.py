"""What a sandbox is, seen by the one who uses it: limits go in, an outcome comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

__all__ = ["Ending", "Limits", "Outcome", "Reply", "Sandbox", "SandboxFailure", "SandboxUnavailable"]

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """What one job, that is one student process with everything it starts, may use.

    Attributes:
        request_seconds: wall time for any one request; ``run(..., seconds=)`` may set another for each.
        total_seconds: wall time for all requests together.
        cpu_seconds: processor time of any one process.
        memory_bytes: address space of any one process above what the warm interpreter has mapped already, and
            what all processes of the job may keep in memory together.
        processes: processes and threads at one time.
        open_files: descriptors of any one process.
        file_bytes: size of any one file.
        scratch_bytes: size of all files in /tmp together, the one place that can be written to.
        reply_bytes: size of all replies together.
        output_bytes: how much of stdout and stderr is kept, the end of it; a flood is cut, and costs nothing else.
    """

    request_seconds: float = 10.0
    total_seconds: float = 60.0
    cpu_seconds: int = 60
    memory_bytes: int = 2048 * MIB
    processes: int = 64
    open_files: int = 128
    file_bytes: int = 64 * MIB
    scratch_bytes: int = 128 * MIB
    reply_bytes: int = 64 * MIB
    output_bytes: int = 64 * 1024


class Ending(StrEnum):
    """How a job ended."""

    FINISHED = "finished"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    REPLY_TOO_LARGE = "reply_too_large"


@dataclass(frozen=True)
class Reply:
    """One answer, and the wall seconds from handing the request over to having all of it, by our own clock."""

    data: bytes
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What came of a job: as many replies as arrived in order, why there are no more, and what it printed.

    Attributes:
        idle: it was stopped by the clock on the wall, and had the processor for less than half of its time. It slept,
            or the machine was busy with other things.
    """

    replies: tuple[Reply, ...]
    ending: Ending
    detail: str
    output: str
    idle: bool = False


class SandboxUnavailable(Exception):
    """There is no sandbox on this system; the message says what is missing or refused, and how to mend it."""


class SandboxFailure(Exception):
    """The sandbox itself failed, which says nothing about the student's code: never a zero, try again."""


class Sandbox(Protocol):
    """A place to run untrusted code, one job at a time."""

    @property
    def name(self) -> str:
        """``"bubblewrap"``, or ``"none"`` for no protection."""

    def run(
        self,
        requests: Sequence[bytes],
        limits: Limits | None = None,
        *,
        seconds: Sequence[float] | None = None,
        modules: Sequence[str] = (),
    ) -> Outcome:
        """Starts a fresh process and hands it the requests, each after the reply to the one before.

        After a breach of a limit the rest is not sent. When this returns, every process of the job is dead.

        Args:
            requests: what the runner's ``handle`` is called with.
            limits: what the job may use; ``Limits()`` if not given.
            seconds: wall time for each request, in place of ``limits.request_seconds``.
            modules: those of ``ON_DEMAND`` that the job's code imports; the sandbox imports them once for all jobs.
        """

    def close(self) -> None:
        """Ends the warm interpreter. Closing twice is allowed."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
