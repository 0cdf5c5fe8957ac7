"""The warm interpreter: imports everything once, then forks one process for each job that it is told to start.

It is trusted, and keeps itself clean. No byte from or for a student passes through it: each job comes with the
ends of its own pipes, which the outside made and the student's process inherits. So there is nothing here that a job
could have put here, and nothing that the next one could find.

The outside speaks to it over a socket, one line of JSON each way: a job's limits (with the pipes) are answered when
the job stands in its jail; ``{"end": ...}`` is answered when all its processes are dead, with how it died.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any, NoReturn

from . import jail, wire

__all__ = ["main"]

# What a notebook imports and what takes long to import. Those that are not installed are left out.
PRELOADED = ("numpy", "scipy.special", "scipy.signal", "scipy.stats", "matplotlib.pyplot")
REQUEST_BYTES = 2**32
WATCH_SECONDS = 0.05


def main() -> None:
    """Serves jobs until the outside closes the socket."""
    settings: dict[str, Any] = json.loads(sys.argv[1])
    control = socket.socket(fileno=settings["control"])
    sys.argv = [""]
    sys.path[:] = settings["course"] + _standard_library() + settings["packages"]
    os.environ.pop("PYTHONPATH", None)
    for module in PRELOADED:
        if importlib.util.find_spec(module.partition(".")[0]):
            importlib.import_module(module)
    runner = _load_runner(settings["runner"])

    home = jail.guard_server() if settings["jailed"] else None
    gc.collect()
    gc.freeze()  # so that a collection in a job's process does not touch, and so copy, every page
    _say(control, ready=True)
    while True:
        order, descriptors = _hear(control)
        if order is None:
            return
        job = _start(control, runner, order, descriptors, home, settings["uid"])
        if job is not None and not _watch(control, job, order["memory_bytes"], alone=home is not None):
            return


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


# One job


def _start(
    control: socket.socket,
    runner: Any,
    order: dict[str, Any],
    descriptors: list[int],
    home: int | None,
    uid: int | None,
) -> int | None:
    """Forks the job's process and waits until it stands in its jail; None if it never got there."""
    news, report = os.pipe()
    try:
        job = os.fork() if home is None else jail.fork_into_new_pid_namespace(home)
        if job == 0:
            _be_the_job(runner, jail.JobLimits(**order), descriptors, report, home is not None, uid)
    except OSError as error:
        os.close(report)
        _say(control, problem=f"no process could be started for the job: {error}")
        return None
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    os.close(report)
    with os.fdopen(news, "rb") as file:
        problem = file.read()
    if problem != b"ready":
        os.kill(job, signal.SIGKILL)
        os.waitpid(job, 0)
        _say(control, problem=problem.decode(errors="replace") or "the job's process died before it stood in its jail")
        return None
    _say(control, started=True)
    return job


def _be_the_job(
    runner: Any, limits: jail.JobLimits, descriptors: list[int], report: int, jailed: bool, uid: int | None
) -> NoReturn:
    """What the forked process does with the rest of its life."""
    status = 1
    try:
        requests, replies, output = descriptors
        try:
            os.dup2(output, 1)
            os.dup2(output, 2)
            jail.keep_only({0, 1, 2, requests, replies, report})
            if jailed:
                jail.enter(limits, uid)
            else:
                os.setsid()
                jail.limit(limits)
        except BaseException as error:
            os.write(report, f"{type(error).__name__}: {error}".encode())
            os._exit(status)
        os.write(report, b"ready")
        os.close(report)
        student = runner()
        while (request := wire.receive(requests, REQUEST_BYTES)) is not None:
            wire.send(replies, student.handle(request))
        status = 0
    except SystemExit as request_to_leave:
        status = request_to_leave.code if isinstance(request_to_leave.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)  # neither back into the server's loop nor through the student's atexit hooks


def _watch(control: socket.socket, job: int, memory_bytes: int, *, alone: bool) -> bool:
    """Waits until the outside ends the job, then sees to it that the job is dead. False when the outside is gone.

    Meanwhile it adds up the memory of the job's processes: the kernel's limit holds for each of them alone.
    """
    too_much = False
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while not poll.poll(WATCH_SECONDS * 1000):
        if not too_much and _memory_in_use(job, alone=alone) > memory_bytes:
            too_much = True
            _kill(job, alone=alone)
    order, _ = _hear(control)
    died_by_itself, status, usage = _bury(job, 0.0 if order is None else order["end"], alone=alone)
    if order is None:
        return False
    _say(
        control,
        died=died_by_itself,
        status=os.waitstatus_to_exitcode(status),
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        too_much_memory=too_much,
    )
    return True


def _bury(job: int, grace: float, *, alone: bool) -> tuple[bool, int, Any]:
    """Gives a dying process that much time to die, then kills it, and waits for it.

    The wait ends when the kernel has ended everything else in the job's PID namespace, too.
    """
    deadline = time.monotonic() + grace
    while True:
        pid, status, usage = os.wait4(job, os.WNOHANG)
        if pid:
            if not alone:
                _kill(job, alone=False)  # what it left behind in its process group
            return True, status, usage
        if time.monotonic() >= deadline:
            break
        time.sleep(0.001)
    _kill(job, alone=alone)
    _, status, usage = os.wait4(job, 0)
    return False, status, usage


def _kill(job: int, *, alone: bool) -> None:
    try:
        if alone:
            os.kill(job, signal.SIGKILL)
        else:
            os.killpg(job, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        pass


def _memory_in_use(job: int, *, alone: bool) -> int:
    """What the job's processes have written to, together, above what each has from the server; 0 without /proc.

    Args:
        job: the job's first process.
        alone: whether the job's processes and this one are all there is in /proc (bubblewrap's own is number 1).
    """
    mine = os.getpid()
    try:
        inherited = _private_bytes(mine)
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()] if alone else [job]
    except OSError:
        return 0
    total = 0
    for pid in pids:
        if pid not in (1, mine):
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
