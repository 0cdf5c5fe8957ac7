"""The warm interpreter seen from outside, and the sandbox that is made of it."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Any, Self

from .exchange import Breach, Conversation, HungUp, Pipes
from .inside.jail import JobLimits
from .inside.server import OUT_OF_MEMORY_STATUS
from .model import MIB, Ending, Limits, Outcome, Reply, SandboxFailure

__all__ = ["Recipe", "Server", "WarmSandbox"]

START_SECONDS = 120.0  # importing from a cold network disk takes its time
ANSWER_SECONDS = 30.0
DYING_SECONDS = 1.0  # a process has closed its pipes a little before it is dead


@dataclass(frozen=True)
class Recipe:
    """How to start a warm interpreter: what to run, and its settings but for the control socket."""

    command: Sequence[str]
    environment: Mapping[str, str]
    settings: Mapping[str, Any]


class Server:
    """One warm interpreter, running."""

    def __init__(self, recipe: Recipe) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed by kill)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        settings = {**recipe.settings, "control": theirs.fileno()}
        try:
            self._process = subprocess.Popen(
                [*recipe.command, "-s", "-P", "-B", "-u", "-m", "inside.server", json.dumps(settings)],
                env=dict(recipe.environment),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,  # an interrupt typed at a terminal is for us, who then close it in good order
            )
        except OSError as error:
            self._control.close()
            self._log.close()
            raise SandboxFailure(f"{recipe.command[0]} could not be started: {error}") from error
        finally:
            theirs.close()
        self._ask_for("ready", START_SECONDS)

    def start(self, limits: Limits, pipes: Pipes, modules: Sequence[str] = ()) -> None:
        """Starts a job's process; SandboxFailure if it did not get into its jail."""
        for_job = {field.name: getattr(limits, field.name) for field in fields(JobLimits)}
        order = {"limits": for_job, "modules": list(modules)}
        with self._failing():
            socket.send_fds(self._control, [json.dumps(order).encode() + b"\n"], pipes.theirs)
        pipes.close_theirs()
        answer = self._ask_for("started", START_SECONDS if modules else ANSWER_SECONDS)
        if "problem" in answer:
            self.kill()
            raise SandboxFailure(f"the job's process could not be locked in: {answer['problem']}")

    def end(self, grace: float) -> dict[str, Any]:
        """Kills a job's process, unless it dies by itself within the time of grace, and returns how it died."""
        with self._failing():
            self._control.sendall(json.dumps({"end": grace}).encode() + b"\n")
        return self._ask_for("status", ANSWER_SECONDS)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """Ends the interpreter and with it every process of a job; waits for that. Killing twice is allowed."""
        self._process.kill()
        self._process.wait()
        # bubblewrap's own process is dead now, and the kernel ends the rest; the last one to go closes the socket.
        with contextlib.suppress(OSError):
            self._control.settimeout(ANSWER_SECONDS)
            while self._control.recv(4096):
                pass
        self._control.close()
        self._log.close()

    def _ask_for(self, key: str, seconds: float) -> dict[str, Any]:
        """The server's next line, which holds that key or a problem."""
        line = b""
        with self._failing():
            self._control.settimeout(seconds)
            while not line.endswith(b"\n"):
                part = self._control.recv(65536)
                if not part:
                    raise EOFError("the interpreter in the sandbox ended")
                line += part
            answer: dict[str, Any] = json.loads(line)
            if key not in answer and "problem" not in answer:
                raise ValueError(f"the interpreter in the sandbox said {line!r}")
            return answer
        raise AssertionError

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        """Any trouble with the server is the end of it, and becomes a SandboxFailure with what the server printed."""
        try:
            yield
        except (OSError, EOFError, ValueError) as error:
            self._process.kill()
            self._process.wait()
            self._log.seek(0)
            words = self._log.read()[-8192:].decode(errors="replace").strip()
            self.kill()
            raise SandboxFailure(words or str(error)) from error
        except BaseException:  # an interrupt: its answer would come when another question has been asked
            self.kill()
            raise


class WarmSandbox:
    """A sandbox that forks a warm interpreter for each job. One thread uses it, the one that opened it."""

    def __init__(self, name: str, recipe: Callable[[], Recipe], on_close: Callable[[], None] = lambda: None) -> None:
        self._name = name
        self._recipe = recipe
        self._on_close = on_close
        self._server: Server | None = Server(recipe())

    @property
    def name(self) -> str:
        """``"bubblewrap"`` or ``"none"``."""
        return self._name

    def run(
        self,
        requests: Sequence[bytes],
        limits: Limits | None = None,
        *,
        seconds: Sequence[float] | None = None,
        modules: Sequence[str] = (),
    ) -> Outcome:
        """Runs one job; ``Sandbox.run`` says more."""
        limits = limits or Limits()
        if seconds is None:
            seconds = [limits.request_seconds] * len(requests)
        if len(seconds) != len(requests):
            raise ValueError(f"run(seconds=...) holds {len(seconds)} times for {len(requests)} requests")
        server = self._ready_server()
        pipes = Pipes()
        begin = time.monotonic()
        try:
            server.start(limits, pipes, modules)
            talk = Conversation(pipes, limits)
            replies: list[Reply] = []
            ending, detail, hung_up = Ending.FINISHED, "finished", False
            try:
                for request, time_for_it in zip(requests, seconds, strict=True):
                    replies.append(talk.ask(request, time_for_it))
            except Breach as breach:
                ending, detail = breach.ending, breach.detail
            except HungUp:
                hung_up = True
            except BaseException:  # a keyboard interrupt: nothing of the job may live on
                server.end(0.0)
                raise
            death = server.end(DYING_SECONDS if hung_up else 0.0)
            if hung_up:
                ending, detail = explain_death(death, limits)
            idle = ending is Ending.TIMED_OUT and death["cpu_seconds"] < (time.monotonic() - begin) / 2
            return Outcome(tuple(replies), ending, detail, talk.last_words(), idle)
        finally:
            pipes.close()

    def close(self) -> None:
        """Ends the warm interpreter."""
        if self._server is not None:
            self._server.kill()
            self._server = None
            self._on_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ready_server(self) -> Server:
        """The running server; a new one if the last was killed, by us or by the system."""
        if self._server is None:
            raise ValueError("this sandbox is closed")
        if not self._server.alive:
            self._server.kill()
            self._server = Server(self._recipe())
        return self._server


def explain_death(death: Mapping[str, Any], limits: Limits) -> tuple[Ending, str]:
    """Why a process ended that was still to answer."""
    status: int = death["status"]  # an exit status, or a signal's number below zero
    if death["too_much_memory"]:
        return Ending.OUT_OF_MEMORY, f"used more than {limits.memory_bytes / MIB:g} MiB of memory"
    if status == OUT_OF_MEMORY_STATUS:
        return Ending.OUT_OF_MEMORY, f"needed more than {limits.memory_bytes / MIB:g} MiB of memory"
    if not death["died"]:
        return Ending.CRASHED, "it closed the pipe for its answers"
    if status >= 0:
        return Ending.CRASHED, f"it ended itself, with exit status {status}, before it had answered"
    killer = signal.Signals(-status) if -status in set(signal.Signals) else None
    if killer in (signal.SIGKILL, signal.SIGXCPU) and death["cpu_seconds"] > limits.cpu_seconds - 0.5:
        return Ending.TIMED_OUT, f"used more than {limits.cpu_seconds} s of processor time"
    if killer is signal.SIGKILL:
        return Ending.OUT_OF_MEMORY, "killed by the system, most likely because memory ran out"
    return Ending.CRASHED, f"killed by {killer.name if killer else f'signal {-status}'}"
