"""The warm interpreter: imports everything once, then forks one process for each job that it is told to start.

It is trusted, and keeps itself clean. No byte from or for a student passes through it: each job comes with the
ends of its own pipes, which the outside made and the student's process inherits. So there is nothing here that a job
could have put here, and nothing that the next one could find.

The outside speaks to it over a socket, one line of JSON each way: a job's limits (with the pipes, and with what has to
be imported before it is forked) are answered when the job stands in its jail; ``{"end": ...}`` is answered when all its
processes are dead, with how it died.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

from . import jail, wire

__all__ = ["ON_DEMAND", "main"]

# What a notebook imports and what takes long to import. Those that are not installed are left out.
PRELOADED = ("numpy", "matplotlib.pyplot", "threadpoolctl", "tqdm.auto")
# What few notebooks import, and what makes each process slower to start and to end: from the first who needs it on.
ON_DEMAND = ("scipy.ndimage", "scipy.signal", "scipy.special")
REQUEST_BYTES = 2**32
WATCH_SECONDS = 0.05
READY = b"ready"
OUT_OF_MEMORY_STATUS = 77  # any other program's exit status will do as well: it decides about words, not about marks


def main() -> None:
    """Serves jobs until the outside closes the socket."""
    settings: dict[str, Any] = json.loads(sys.argv[1])
    control = socket.socket(fileno=settings["control"])
    sys.argv = [""]
    sys.path[:] = settings["course"] + _standard_library() + settings["packages"]
    os.environ.pop("PYTHONPATH", None)
    runner = _load_runner(settings["runner"])
    _preload(PRELOADED)

    scratch = settings["scratch"]
    home = jail.guard_server() if scratch is None else None
    not_yet = set(ON_DEMAND)
    _say(control, ready=True)
    while True:
        order, descriptors = _hear(control)
        if order is None:
            return
        wanted = not_yet.intersection(order["modules"])
        if wanted:
            _preload(sorted(wanted))
            not_yet -= wanted
        limits = jail.JobLimits(**order["limits"])
        job = Job(limits, home, settings["uid"], tempfile.mkdtemp(dir=scratch) if scratch else None)
        problem = job.start(runner, descriptors)
        if problem:
            _say(control, problem=problem)
            continue
        _say(control, started=True)
        too_much_memory = _wait_and_watch(control, job)
        order, _ = _hear(control)
        death = job.end(order["end"] if order else 0.0)
        if order is None:
            return
        _say(control, too_much_memory=too_much_memory, **death)


def _preload(modules: Sequence[str]) -> None:
    """Imports modules for all the processes that are forked from now on, and makes forking cheap again."""
    for module in modules:
        if importlib.util.find_spec(module.partition(".")[0]):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()  # so that a collection in a job's process does not touch, and so copy, every page
    if sys.platform == "linux":
        _take_large_pages()


def _take_large_pages() -> None:
    """Lets the kernel gather this process's memory into pages of 2 MiB: forking then copies a quarter of the entries.

    An older kernel, or one without such pages, says no, and all works as well, but somewhat slower.
    """
    advise_collapse, size = 25, 2**21  # MADV_COLLAPSE, Linux 6.1
    madvise = ctypes.CDLL(None).madvise
    with open("/proc/self/maps") as maps:
        areas = [line.split() for line in maps]
    for addresses, rights, *_, name in areas:  # where an area has no name, the last one is the number 0
        if rights.startswith("rw") and (name == "[heap]" or not name.startswith(("/", "["))):
            start, end = (int(address, 16) for address in addresses.split("-"))
            start, end = -(-start // size) * size, end // size * size
            if start < end:
                madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), advise_collapse)


def _standard_library() -> list[str]:
    """Where this interpreter looks by itself, without its packages: those are named by the outside."""
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packages = ("site-packages", "dist-packages")
    return [path for path in sys.path if path and path != own and os.path.basename(path) not in packages]


def _load_runner(name: str) -> Any:
    """The class ``Runner`` of a module, given by its name or by its file."""
    if not name.endswith(".py"):
        return importlib.import_module(name).Runner
    spec = importlib.util.spec_from_file_location("runner", name)
    if spec is None or spec.loader is None:
        raise ImportError(f"{name} is not a module")
    module = importlib.util.module_from_spec(spec)
    sys.modules["runner"] = module
    spec.loader.exec_module(module)
    return module.Runner


# The outside


def _say(control: socket.socket, **message: Any) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")


def _hear(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next line and the descriptors that came with it; None when the outside is gone."""
    line, descriptors = b"", []
    while not line.endswith(b"\n"):
        part, received, _, _ = socket.recv_fds(control, 65536, 8)
        if not part:
            return None, []
        line += part
        descriptors += received
    return json.loads(line), descriptors


def _wait_and_watch(control: socket.socket, job: Job) -> bool:
    """Waits until the outside says something. Kills the job if it takes too much memory; returns whether it did.

    The kernel's limit on memory holds for each process alone, so this adds up what they have together.
    """
    poll = select.poll()
    poll.register(control, select.POLLIN)
    too_much = False
    while not poll.poll(WATCH_SECONDS * 1000):
        if not too_much and job.memory_in_use() > job.limits.memory_bytes:
            too_much = True
            job.kill()
    return too_much


class Job:
    """One student process, with all that it starts."""

    def __init__(self, limits: jail.JobLimits, home: int | None, uid: int | None, scratch: str | None) -> None:
        """Nothing is started yet.

        Args:
            limits: what the job may use.
            home: the server's PID namespace; None where there is no bubblewrap, and so no jail.
            uid: the user to become in the jail, or None.
            scratch: the directory to work in where there is no jail, or None.
        """
        self.limits = limits
        self.home = home
        self.uid = uid
        self.scratch = scratch
        self.pid = 0

    def start(self, runner: Any, descriptors: list[int]) -> str:
        """Forks the process and waits until it stands in its jail; returns what went wrong, else nothing."""
        news, report = os.pipe()
        try:
            self.pid = os.fork() if self.home is None else jail.fork_into_new_pid_namespace(self.home)
            if self.pid == 0:
                self._live(runner, descriptors, report)
        except OSError as error:
            os.close(news)
            return f"no process could be started for the job: {error}"
        finally:
            for descriptor in (*descriptors, report):
                os.close(descriptor)
        with os.fdopen(news, "rb") as file:
            word = file.read()
        if word == READY:
            return ""
        self.end(0.0)
        return word.decode(errors="replace") or "the job's process died before it stood in its jail"

    def _live(self, runner: Any, descriptors: list[int], report: int) -> NoReturn:
        """What the forked process does with its life."""
        status = 1
        try:
            requests, replies, output = descriptors
            try:
                os.dup2(output, 1)
                os.dup2(output, 2)
                jail.keep_only({0, 1, 2, requests, replies, report})
                if self.home is not None:
                    jail.enter(self.limits, self.uid)
                else:
                    jail.limit_only(self.limits, str(self.scratch))
                student = runner()  # still ours: nothing of a student's has been read yet
            except BaseException as error:
                os.write(report, f"{type(error).__name__}: {error}".encode())
                os._exit(status)
            os.write(report, READY)
            os.close(report)
            while (request := wire.receive(requests, REQUEST_BYTES)) is not None:
                wire.send(replies, student.handle(request))
            status = 0
        except SystemExit as leave:
            status = leave.code if isinstance(leave.code, int) else 1
        except MemoryError:
            status = OUT_OF_MEMORY_STATUS
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)  # neither back into the server's loop nor through the student's atexit hooks

    def end(self, grace: float) -> dict[str, Any]:
        """Gives the process that much time to die by itself, then kills it; returns how it died.

        The wait ends when the kernel has ended everything else in the job's PID namespace, too.
        """
        deadline = time.monotonic() + grace
        while True:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid or time.monotonic() >= deadline:
                break
            time.sleep(0.001)
        if not pid or self.home is None:  # without a namespace, it may have left others in its process group
            self.kill()
        if not pid:
            _, status, usage = os.wait4(self.pid, 0)
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)
        return {
            "died": bool(pid),
            "status": os.waitstatus_to_exitcode(status),
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
        }

    def kill(self) -> None:
        """Kills the process; in its jail that kills all others."""
        try:
            if self.home is not None:
                os.kill(self.pid, signal.SIGKILL)
            else:
                os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            pass

    def memory_in_use(self) -> int:
        """What all processes have written to, above what each has from the server; 0 where there is no /proc."""
        server = os.getpid()
        try:
            inherited = _private_bytes(server)
            # In bubblewrap's PID namespace there are its own process, number 1, this one, and the job's.
            pids = [self.pid] if self.home is None else [int(name) for name in os.listdir("/proc") if name.isdigit()]
        except OSError:
            return 0
        total = 0
        for pid in pids:
            if pid not in (1, server):
                try:
                    total += max(0, _private_bytes(pid) - inherited)
                except OSError:  # it has just ended
                    continue
        return total


def _private_bytes(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as file:
        _, resident, shared, *_ = (int(field) for field in file.read().split())
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
