"""Requests and replies over a job's pipes, against the clock; whatever the other side does, this side comes back."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import time

from .inside.wire import HEADER
from .model import MIB, Ending, Limits, Reply

__all__ = ["Breach", "Conversation", "HungUp", "Pipes"]

CHUNK = MIB
LAST_READS = 16  # a pipe holds less; without bubblewrap, something may have escaped that goes on writing


class Breach(Exception):
    """The job broke a limit and must end here."""

    def __init__(self, ending: Ending, detail: str) -> None:
        super().__init__(detail)
        self.ending = ending
        self.detail = detail


class HungUp(Exception):
    """No reply can come any more: the process is dead, or has closed its pipe."""


class Pipes:
    """A job's three pipes: requests in, replies out, and what it prints."""

    def __init__(self) -> None:
        pairs: list[tuple[int, int]] = []
        try:
            for _ in range(3):
                pairs.append(os.pipe())
        except OSError:
            for pair in pairs:
                for descriptor in pair:
                    os.close(descriptor)
            raise
        (requests_in, self.requests), (self.replies, replies_in), (self.output, output_in) = pairs
        self.theirs: tuple[int, ...] = (requests_in, replies_in, output_in)
        for descriptor in (self.requests, self.replies, self.output):
            os.set_blocking(descriptor, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            # Large arrays then go through in fewer steps. A user may have no room for more such pipes: no harm.
            with contextlib.suppress(OSError):
                fcntl.fcntl(self.requests, fcntl.F_SETPIPE_SZ, CHUNK)
                fcntl.fcntl(self.replies, fcntl.F_SETPIPE_SZ, CHUNK)

    def close_theirs(self) -> None:
        """Closes the ends that the other side holds by now: only then do the pipes close when it dies."""
        for descriptor in self.theirs:
            os.close(descriptor)
        self.theirs = ()

    def close(self) -> None:
        """Closes all."""
        self.close_theirs()
        for descriptor in (self.requests, self.replies, self.output):
            os.close(descriptor)


class Conversation:
    """One job's requests and replies, within its limits."""

    def __init__(self, pipes: Pipes, limits: Limits) -> None:
        self._pipes = pipes
        self._limits = limits
        self._end = time.monotonic() + limits.total_seconds
        self._reply_bytes_left = limits.reply_bytes
        self._output = bytearray()
        self._poll = select.poll()
        self._poll.register(pipes.replies, select.POLLIN)
        self._poll.register(pipes.output, select.POLLIN)

    def ask(self, request: bytes, seconds: float) -> Reply:
        """Hands one request over and returns the reply to it.

        Raises:
            Breach: the job has to be ended.
            HungUp: the job has ended itself.
        """
        begin = time.monotonic()
        deadline = min(begin + seconds, self._end)
        outgoing = memoryview(HEADER.pack(len(request)) + request)
        incoming = bytearray()
        size: int | None = None
        if any(descriptor == self._pipes.replies for descriptor, _ in self._poll.poll(0)):
            # Either it is dead, or it speaks before it is spoken to.
            if not os.read(self._pipes.replies, 1):
                raise HungUp
            raise Breach(Ending.CRASHED, "it answered without having been asked")
        self._poll.register(self._pipes.requests, select.POLLOUT)
        while True:
            left = deadline - time.monotonic()
            ready = [descriptor for descriptor, _ in self._poll.poll(max(0.0, left) * 1000)]
            if left <= 0:
                limit = seconds if deadline < self._end else self._limits.total_seconds
                raise Breach(Ending.TIMED_OUT, f"stopped after {limit:g} s")
            if self._pipes.output in ready:
                self._take_output()
            if self._pipes.requests in ready:
                outgoing = self._write(outgoing)
                if not outgoing:
                    self._poll.unregister(self._pipes.requests)
            if self._pipes.replies in ready:
                incoming += self._read((HEADER.size if size is None else size) - len(incoming))
                if size is None and len(incoming) == HEADER.size:
                    size = self._accept(incoming)
                    incoming.clear()
                if size is not None and len(incoming) == size:
                    break
        if outgoing:
            raise Breach(Ending.CRASHED, "it answered without having read what it was asked")
        return Reply(bytes(incoming), time.monotonic() - begin)

    def last_words(self) -> str:
        """What the job printed, its end; to be called when the job is dead."""
        for _ in range(LAST_READS):
            if not self._take_output():
                break
        self._forget_output()
        return self._output.decode(errors="replace")

    def _accept(self, header: bytearray) -> int:
        size: int = HEADER.unpack(header)[0]
        if size > self._reply_bytes_left:
            raise Breach(
                Ending.REPLY_TOO_LARGE,
                f"its answers are larger than the {self._limits.reply_bytes / MIB:g} MiB that are allowed",
            )
        self._reply_bytes_left -= size
        return size

    def _write(self, data: memoryview) -> memoryview:
        try:
            return data[os.write(self._pipes.requests, data[:CHUNK]) :]
        except BlockingIOError:
            return data
        except BrokenPipeError:
            raise HungUp from None

    def _read(self, size: int) -> bytes:
        part = os.read(self._pipes.replies, min(CHUNK, size))
        if size and not part:
            raise HungUp
        return part

    def _take_output(self) -> bool:
        """Reads what has been printed since; False when there is nothing to read for now."""
        try:
            part = os.read(self._pipes.output, CHUNK)
        except BlockingIOError:
            return False
        if not part:
            with contextlib.suppress(KeyError):
                self._poll.unregister(self._pipes.output)
            return False
        self._output += part
        if len(self._output) > 2 * self._limits.output_bytes:
            self._forget_output()
        return True

    def _forget_output(self) -> None:
        """Keeps the end of what was printed."""
        del self._output[: max(0, len(self._output) - self._limits.output_bytes)]
