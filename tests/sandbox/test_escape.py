"""Attempts to reach what is outside: the network, other processes, the kernel's privileges, and other jobs."""

from __future__ import annotations

import os
import re

import pytest

from autograder.sandbox import Ending, open_sandbox

from .conftest import RUNNER, descendants

pytestmark = pytest.mark.sandbox

LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"


@pytest.mark.parametrize(
    "source",
    [
        "import socket; socket.create_connection(('127.0.0.1', 22), timeout=1)",
        "import socket; socket.create_connection(('1.1.1.1', 53), timeout=1)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53))",
        "import socket; socket.socket(socket.AF_INET6)",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import urllib.request; urllib.request.urlopen('http://example.org', timeout=1)",
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
        "import socket; socket.socket(socket.AF_UNIX).bind(chr(0) + 'meeting point')",
        "import socket; socket.socket(socket.AF_VSOCK)",
        "import socket; socket.socket(socket.AF_NETLINK)",
    ],
)
def test_there_is_no_network(ask, source):
    assert re.search(r"PermissionError|gaierror|URLError", ask(source))


@pytest.mark.parametrize("kind", ["net", "pid", "ipc", "uts", "mnt"])
def test_the_server_lives_in_namespaces_of_its_own(sandbox, kind):
    server = max(descendants() - {os.getpid()})
    try:
        assert os.readlink(f"/proc/{server}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}")
    except PermissionError:
        pytest.skip("the server's entry in /proc is closed to its own user")


def test_an_event_loop_still_works(ask):
    assert ask("import asyncio; reply(asyncio.run(asyncio.sleep(0, 'woke')))") == "woke"


def test_no_other_process_is_in_sight(ask):
    found = ask(
        """
        import os, signal
        found = []
        for pid in range(2, 3000):
            try: os.kill(pid, signal.SIGKILL); found.append(pid)
            except ProcessLookupError: pass
        try: os.kill(-1, signal.SIGKILL)
        except ProcessLookupError: pass
        reply((os.getpid(), os.getppid(), found, os.listdir('/proc')))
        """
    )
    assert found == "(1, 0, [], [])"


@pytest.mark.parametrize(
    "call",
    [
        "ptrace(16, 2, 0, 0)",
        "ptrace(0, 0, 0, 0)",
        "process_vm_readv(2, None, 0, None, 0, 0)",
        "syscall(310, 1, None, 0, None, 0, 0)",
        "unshare(0x10000000)",
        "unshare(0x00020000)",
        "setns(0, 0)",
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "mount(b'proc', b'/proc', b'proc', 0, None)",
        "umount2(b'/proc', 2)",
        "umount2(b'/tmp', 2)",
        "chroot(b'/tmp')",
        "setuid(0)",
        "setresuid(0, 0, 0)",
        "setgid(0)",
        "setgroups(1, (ctypes.c_int * 1)(0))",
        "sethostname(b'x', 1)",
        "klogctl(3, ctypes.create_string_buffer(100), 100)",
        "sched_setscheduler(0, 1, (ctypes.c_int * 1)(1))",
        "nice(-5)",
    ],
)
def test_the_kernel_refuses(ask, call):
    assert ask(f"{LIBC}result = libc.{call}; reply((result, os.strerror(ctypes.get_errno())))").startswith("(-1, ")


def test_new_namespaces_are_refused_to_clone_as_well(ask):
    source = LIBC + "reply(libc.syscall({number}, 0x10000000 | 17, None, None, None, None))"
    number = {"x86_64": 56, "aarch64": 220}.get(os.uname().machine)
    if number is None:
        pytest.skip("the filter knows no numbers for this processor")
    assert ask(source.format(number=number)) == "-1"


def test_no_privilege_is_left(ask):
    source = """
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[9] * 6)
    libc.capget(header, sets)
    reply((list(sets), libc.prctl(39, 0, 0, 0, 0), libc.prctl(21, 0, 0, 0, 0), 0 in os.getresuid() + os.getresgid()))
    """
    lines = "\n".join(line.strip() for line in source.splitlines())
    # No capabilities; no_new_privs is set; seccomp is in mode 2, a filter; the user and the group are not root's.
    assert ask(LIBC + lines) == "([0, 0, 0, 0, 0, 0], 1, 2, False)"


def test_started_as_root_the_user_is_one_that_nobody_else_is(ask):
    if os.geteuid() != 0:
        pytest.skip("started as an ordinary user, the job is that user outside and 1000 inside")
    assert int(ask("import os; reply(os.getuid())")) >= 60578


def test_keyrings_are_closed(ask):
    number = {"x86_64": 248, "aarch64": 217}.get(os.uname().machine)
    if number is None:
        pytest.skip("the filter knows no numbers for this processor")
    assert ask(f"{LIBC}reply(libc.syscall({number}, b'user', b'note', b'hello', 5, -4))") == "-1"


def test_only_the_jobs_own_descriptors_are_open(ask):
    kinds = ask(
        """
        import os, stat
        kinds = []
        for fd in range(4096):
            try: mode = os.fstat(fd).st_mode
            except OSError: continue
            kinds.append('pipe' if stat.S_ISFIFO(mode) else 'null' if os.fstat(fd).st_rdev == 259 else oct(mode))
        reply(kinds)
        """
    )
    assert kinds == "['null', 'pipe', 'pipe', 'pipe', 'pipe']"


def test_the_terminal_is_out_of_reach(ask):
    assert "Error" in ask("open('/dev/tty')")


def test_there_is_no_shell(ask):
    assert "FileNotFoundError" in ask("import subprocess; subprocess.run('ls', shell=True)")


def test_secrets_of_the_environment_stay_outside(sandbox, monkeypatch):
    monkeypatch.setenv("GRADEBOOK_TOKEN", "sesame")
    with open_sandbox("bubblewrap", runner=RUNNER) as fresh:
        source = (
            b"import os, sys; reply((sorted(os.environ), 'sesame' in str(os.environ), sys.argv, os.uname().nodename))"
        )
        names = fresh.run([source]).replies[0].data.decode()
    assert "GRADEBOOK_TOKEN" not in names
    assert "False, [''], 'sandbox'" in names


# One job and the next


def test_nothing_done_to_modules_outlives_the_job(attempt, ask):
    attempt("import numpy, builtins, sys; numpy.allclose = print; builtins.len = print; sys.modules['math'] = None")
    assert ask("import numpy, math; reply(numpy.allclose(1, 1) and len([1]))") == "1"


def test_files_and_shared_memory_do_not_outlive_the_job(attempt, ask):
    attempt(
        """
        from multiprocessing import shared_memory, resource_tracker
        resource_tracker.register = lambda *_: None
        shared_memory.SharedMemory('note', create=True, size=100)
        open('/tmp/note', 'w').write('hello')
        """
    )
    assert ask("import os; reply(os.listdir('/tmp') + os.listdir('/dev/shm'))") == "[]"


def test_no_trace_of_a_job_is_in_the_memory_of_the_next(attempt):
    attempt("reply(b'secret' * 1000)", "hoard = 'secretsecret'; print(hoard * 100); reply(hoard * 1000)")
    outcome = attempt(
        """
        import ctypes, os
        libc = ctypes.CDLL(None)
        libc.sbrk.restype = ctypes.c_void_p
        libc.write.argtypes = ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t
        reader, writer = os.pipe()
        def is_memory(address):  # writing fails where there is none
            return libc.write(writer, address, 1) == 1 and os.read(reader, 1)
        def around(address):
            start = end = address // 4096 * 4096
            while is_memory(start - 4096): start -= 4096
            while is_memory(end): end += 4096
            return ctypes.string_at(start, end - start)
        large, small = around(libc.sbrk(0) - 4096), around(id(object()))  # the two places where Python keeps things
        secret = b'terces'[::-1] * 2  # put together only now, so that the job does not find itself
        reply((large.count(secret), small.count(secret), b'find itself' in large + small, len(large + small) > 10**6))
        """
    )
    assert outcome.ending is Ending.FINISHED
    assert outcome.replies[0].data == b"(0, 0, True, True)"
