"""How a forked process gives up everything it must not have before it runs a student's code.

All of it is here, in the order in which it happens, and ``seccomp.py`` holds the filter that comes last. bubblewrap has
built the place before: read-only files, no network, a process tree of its own. The warm interpreter (``server.py``)
runs in that place and keeps one privilege, CAP_SYS_ADMIN, to make for each job

- a PID namespace, in which the student's process is number 1: it sees and can signal nothing but its own children, and
  when it is killed the kernel kills all of them, whatever they did to hide;
- a mount namespace, with an empty /tmp of limited size that vanishes with the job, and nothing in /proc;
- an IPC namespace, so that no shared memory or semaphore outlives the job.

The privilege is over a user namespace that bubblewrap made, when an ordinary user started it. Started as root, there is
no user namespace (RLIMIT_NPROC would do nothing for a process whose real user is root, inside one or not), and the
server keeps CAP_SETUID and CAP_SETGID to turn the job into a user that nobody else is, and CAP_KILL to end that user's
process. So root needs no user namespaces, which some systems refuse.
Either way the student's process ends up without any capability and with no way to gain one.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from dataclasses import dataclass

from . import seccomp

__all__ = ["JobLimits", "enter", "fork_into_new_pid_namespace", "guard_server", "keep_only", "limit_only"]

# linux/sched.h
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x00020000, 0x08000000, 0x20000000
# linux/mount.h
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 16384, 1 << 18
# linux/prctl.h
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 4, 38, 47, 4
# linux/capability.h
CAPABILITY_VERSION_3 = 0x20080522

SCRATCH_FILES = 4096  # each file costs the kernel about a kilobyte, however small it is

_libc = ctypes.CDLL(None, use_errno=True)
if sys.platform == "linux":
    _string, _word = ctypes.c_char_p, ctypes.c_ulong
    _libc.mount.argtypes = (_string, _string, _string, _word, _string)
    _libc.prctl.argtypes = (ctypes.c_int, _word, _word, _word, _word)


@dataclass(frozen=True)
class JobLimits:
    """The limits that are set from inside; ``Limits`` in ``model.py`` says what each means."""

    cpu_seconds: int
    memory_bytes: int
    processes: int
    open_files: int
    file_bytes: int
    scratch_bytes: int


def _call(name: str, *arguments: object) -> None:
    """Calls the C library; an error is never passed over."""
    if getattr(_libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def guard_server() -> int:
    """Closes the server's memory to others, and returns a descriptor of the PID namespace it lives in."""
    home = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)  # not allowed any more after the next line
    _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)
    return home


def fork_into_new_pid_namespace(home: int) -> int:
    """Forks; the child is process 1 of a new PID namespace.

    unshare changes where the next child is born, not where the caller lives; setns changes it back, without which a
    second unshare would be refused.
    """
    _call("unshare", CLONE_NEWPID)
    pid = -1
    try:
        pid = os.fork()
    finally:
        if pid != 0:
            _call("setns", home, CLONE_NEWPID)
    return pid


def keep_only(descriptors: set[int]) -> None:
    """Closes every descriptor of this process but these."""
    start = 0
    for descriptor in sorted(descriptors):
        if start < descriptor:  # Python 3.11 takes closerange(0, 0) to mean everything
            os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, max(start, os.sysconf("SC_OPEN_MAX")))


def enter(limits: JobLimits, uid: int | None) -> None:
    """Turns the calling process, fresh from the fork, into one that may run untrusted code.

    Args:
        limits: what it may use.
        uid: the user and group to become, when started as root; None when there is no other user to become.
    """
    os.setsid()
    os.umask(0o022)
    # If memory runs out in spite of the limits, the kernel is to kill this process rather than the grader.
    # The file in /proc is closed to processes that are not dumpable, and a fork inherits that from the server.
    _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    mapped = _mapped_bytes()

    _call("unshare", CLONE_NEWNS | CLONE_NEWIPC)
    _call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    options = f"size={limits.scratch_bytes},nr_inodes={SCRATCH_FILES},mode=1777"
    _call("mount", b"tmpfs", b"/tmp", b"tmpfs", flags, options.encode())
    _call("mount", b"tmpfs", b"/proc", b"tmpfs", flags | MS_RDONLY, b"size=4k,mode=555")
    os.chdir("/tmp")

    _set_limits(limits, mapped)
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)  # from now on RLIMIT_NPROC counts, and what root may do is gone
    _drop_capabilities()
    _call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)  # a crash is not to wake a crash reporter outside
    seccomp.install(_libc)


def limit_only(limits: JobLimits, scratch: str) -> None:
    """Where there is no bubblewrap: a session and a directory of its own, and the limits. This keeps nobody in."""
    os.setsid()
    os.chdir(scratch)
    os.environ["HOME"] = scratch
    _set_limits(limits, _mapped_bytes())


def _set_limits(limits: JobLimits, mapped: int) -> None:
    """The limits that the kernel keeps for every process by itself; nobody without privileges can raise them again."""
    wanted = [
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ]
    if sys.platform == "linux":
        wanted += [
            (resource.RLIMIT_AS, mapped + limits.memory_bytes),
            (resource.RLIMIT_MSGQUEUE, 0),
            (resource.RLIMIT_MEMLOCK, 0),
        ]
    for kind, value in wanted:
        _, ceiling = resource.getrlimit(kind)
        value = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(kind, (value, value))


def _mapped_bytes() -> int:
    """The address space in use; 0 where there is no /proc."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except FileNotFoundError:
        return 0


def _drop_capabilities() -> None:
    _call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, two words each
    _call("capset", header, nothing)
