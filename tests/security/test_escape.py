"""Submissions that reach for what is outside: the network, the grader's process, files, and other submissions."""

# ruff: noqa: E501  (tables of attempts: one line each reads best)

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

import autograder
from autograder.grading import grade
from autograder.sandbox import open_sandbox
from cs231n_utils.checking.verdict import Status
from tests.security.conftest import LIMITS, SEED, Attempt, messages
from tests.security.submissions import GLOBAL, HONEST, RIGHT, SIZE, SMALL, WRONG, answered

pytestmark = pytest.mark.sandbox

TELL = "def tell():\n    raise LookupError('GOT' + ' OUT ' + str(found)[:200])"
FUNCTIONS = {
    SIZE: "def pool_output_size(H, F, S):\n    return tell()",
    GLOBAL: "def global_avg_pool_forward(x):\n    return tell(), None",
}
"""`found` is there only if a cell above has succeeded: the error's message would tell."""


def tries(attempt: Attempt, *cells: str) -> str:
    """Grade a submission that tries something; what its report says. It has not got out."""
    said = messages(attempt(answered(FUNCTIONS, *cells, TELL)))
    assert "GOT OUT" not in said, said
    assert "name 'found' is not defined" in said, said
    return said


# --- the network ---


@contextmanager
def listening(folder: Path) -> Iterator[dict[str, socket.socket]]:
    """Servers on this machine that would take any connection: by address, by path, and by an abstract name."""
    abstract = f"\0autograder-{os.getpid()}"
    kinds = {
        "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        "path": (socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "socket")),
        "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, abstract),
    }
    with ExitStack() as stack:
        servers = {}
        for name, (family, kind, address) in kinds.items():
            server = stack.enter_context(socket.socket(family, kind))
            server.bind(address)
            if kind == socket.SOCK_STREAM:
                server.listen(1)
            server.setblocking(False)
            servers[name] = server
        if os.geteuid() == 0:
            os.chmod(folder / "socket", 0o777)
        yield servers


REACH = {
    "tcp": "found = socket.create_connection({address!r}, 1).getpeername()",
    "udp": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'out', {address!r})\nfound = 'sent'",
    "path": "s = socket.socket(socket.AF_UNIX)\ns.connect({address!r})\nfound = 'connected'",
    "abstract": "s = socket.socket(socket.AF_UNIX)\ns.connect({address!r})\nfound = 'connected'",
}


@pytest.mark.parametrize("kind", REACH)
def test_a_server_on_the_same_machine_is_out_of_reach(
    attempt: Attempt, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    with listening(tmp_path_factory.mktemp("s")) as servers:
        server = servers[kind]
        tries(attempt, "import socket\n" + REACH[kind].format(address=server.getsockname()))
        with pytest.raises(BlockingIOError):
            server.recv(1) if kind == "udp" else server.accept()


NETWORK = {
    "by name": "found = socket.create_connection(('example.org', 80), 1)",
    "a name looked up": "found = socket.getaddrinfo('localhost', 80)[0] if socket.getaddrinfo('example.org', 80) else 0",
    "by an address of IPv4": "found = socket.create_connection(('1.1.1.1', 53), 1)",
    "by an address of IPv6": "found = socket.create_connection(('2606:4700:4700::1111', 53), 1)",
    "raw packets": "found = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
    "packets of the link": "found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "netlink": "found = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "the host of a virtual machine": "found = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)",
    "the container engine": "s = socket.socket(socket.AF_UNIX)\ns.connect('/var/run/docker.sock')\nfound = s",
    "urllib": "import urllib.request\nfound = urllib.request.urlopen('http://example.org', timeout=1).read(9)",
    "a server of its own": "s = socket.socket()\ns.bind(('0.0.0.0', 8000))\ns.listen()\nfound = s.getsockname()",
    "a socket by the system call": "found = (lambda n: n if n >= 0 else nothing)(ctypes.CDLL(None).socket(2, 1, 0))",
}


@pytest.mark.parametrize("reach", NETWORK.values(), ids=NETWORK)
def test_there_is_no_network(attempt: Attempt, reach: str) -> None:
    tries(attempt, f"import ctypes, socket\n{reach}")


# --- the grader's processes ---

PARENTS = {
    "killing the parent": "os.kill(os.getppid() or 2**22, 9)\nfound = 'killed'",
    "killing whatever there is": """
        hit = []
        for pid in [*range(2, 2000), -1]:
            try:
                os.kill(pid, 9)
                hit.append(pid)
            except OSError:
                pass
        found = hit[0]
        """,
    "tracing": """
        libc = ctypes.CDLL(None)
        found = [pid for pid in [os.getppid(), *range(2, 2000)] if libc.ptrace(16, pid, 0, 0) == 0][0]
        """,
    "being traced": "found = done(ctypes.CDLL(None).ptrace(0, 0, 0, 0))",
    "reading the parent's memory": "found = open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "reading another's memory by the system call": """
        libc, buffer = ctypes.CDLL(None), ctypes.create_string_buffer(8)
        part = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
        found = [pid for pid in [os.getppid(), *range(2, 2000)] if libc.process_vm_readv(pid, part, 1, part, 1, 0) >= 0][0]
        """,
    "writing into its own memory": "found = open('/proc/self/mem', 'r+b')",
    "the environment of others": "import glob\nfound = [open(p, 'rb').read() for p in glob.glob('/proc/*/environ')][0]",
    "a descriptor of another's": """
        libc = ctypes.CDLL(None)
        found = [p for p in range(2, 2000) for d in [libc.syscall(434, p, 0)] if d >= 0 and libc.syscall(438, d, 3, 0) >= 0][0]
        """,
    "descriptors that were inherited": "found = [d for d in range(4096) if is_open(d)][5]",
    "becoming root": "os.setuid(0)\nfound = os.getuid()",
    "a namespace of its own": "found = done(ctypes.CDLL(None).unshare(0x10000000))",
    "a file system of its own": "found = done(ctypes.CDLL(None).mount(b'proc', b'/proc', b'proc', 0, None))",
    "another root": "os.mkdir('/tmp/r')\nos.chroot('/tmp/r')\nfound = os.listdir('/')",
    "waking its parent's tracer": "import signal\nos.kill(0, signal.SIGSTOP) if os.getppid() else nothing\nfound = 1",
    "a higher priority": "found = os.nice(-5)",
    "limits lifted": "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nfound = 'lifted'",
    "the machine turned off": "found = done(ctypes.CDLL(None).reboot(0x4321fedc))",
    "a module for the kernel": "found = done(ctypes.CDLL(None).syscall(313, 0, b'', 0))",
}
HELPERS = """import ctypes, os
def done(status):
    return "done" if status == 0 else nothing
def is_open(descriptor):
    try:
        return bool(os.fstat(descriptor))
    except OSError:
        return False"""


@pytest.mark.parametrize("reach", PARENTS.values(), ids=PARENTS)
def test_the_graders_processes_are_out_of_reach(attempt: Attempt, reach: str) -> None:
    tries(attempt, HELPERS, reach)


# --- files ---


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A gradebook and another student's notebook, which anybody on this machine may read and write."""
    folder = tmp_path_factory.mktemp("course")
    for path in folder.parents:
        if path.stat().st_uid == os.geteuid() and not path.stat().st_mode & 0o005:
            path.chmod(path.stat().st_mode | 0o005)
    folder.chmod(0o777)
    for name in ("gradebook.db", "zoe.ipynb"):
        (folder / name).write_bytes(b"SQLite format 3\0 grades")
        (folder / name).chmod(0o666)
    yield folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == dict.fromkeys(
        ("gradebook.db", "zoe.ipynb"), b"SQLite format 3\0 grades"
    )


FILES = {
    "read": "found = open(PLACE, 'rb').read()",
    "overwritten": "open(PLACE, 'wb').write(b'5 of 5')\nfound = 'written'",
    "appended to": "os.write(os.open(PLACE, os.O_WRONLY | os.O_APPEND), b'x')\nfound = 'written'",
    "opened as a database": "import sqlite3\nfound = sqlite3.connect(f'file:{PLACE}?mode=rw', uri=True).execute('pragma user_version').fetchall()",
    "removed": "os.remove(PLACE)\nfound = 'removed'",
    "replaced": "open('/tmp/new', 'w').close()\nos.replace('/tmp/new', PLACE)\nfound = 'replaced'",
    "linked": "os.link(PLACE, '/tmp/link')\nfound = 'linked'",
    "read through a symbolic link": "os.symlink(PLACE, '/tmp/link')\nfound = open('/tmp/link').read()",
    "found by a handle": "found = done(ctypes.CDLL(None).open_by_handle_at(3, b'x' * 16, 0))",
    "listed": "found = os.listdir(os.path.dirname(PLACE))",
}


@pytest.mark.parametrize("name", ["gradebook.db", "zoe.ipynb"])
@pytest.mark.parametrize("reach", FILES.values(), ids=FILES)
def test_the_gradebook_and_other_submissions_are_out_of_reach(
    attempt: Attempt, outside: Path, reach: str, name: str
) -> None:
    """Their place on the machine is no secret."""
    tries(attempt, HELPERS, f"PLACE = {str(outside / name)!r}\n{reach}")


def test_nothing_but_tmp_can_be_written_to(attempt: Attempt) -> None:
    project = str(Path(autograder.__file__).parents[1])
    tries(
        attempt,
        f"""
        import os, sys
        import cs231n_utils
        wanted = ["/", "/course", "/inside", "/packages", "/usr", "/usr/lib", "/dev", "/proc", "/etc", "/home", "/root", "/var",
                  {project!r}, *sys.path, *cs231n_utils.__path__, os.path.dirname(np.__file__), sys.prefix, sys.base_prefix]
        hit = []
        for folder in wanted:
            try:
                open(os.path.join(folder, "left_behind"), "w").close()
                hit += [folder]
            except OSError:
                pass
        for path in [cs231n_utils.__file__, np.__file__, os.__file__, sys.executable, "/dev/null", "/dev/zero"]:
            for way in (lambda: os.truncate(path, 0), lambda: os.chmod(path, 0o777), lambda: os.remove(path)):
                try:
                    way()
                    hit += [path]
                except OSError:
                    pass
        found = [place for place in hit if place not in ("/tmp", "/dev/null", "/dev/zero")][0]
        """,
    )


def test_without_a_sandbox_the_same_attempts_succeed(outside: Path) -> None:
    """So what is said above could be otherwise."""
    with open_sandbox("none") as unprotected, listening(outside.parent) as servers:
        reached = {
            **{kind: "import socket\n" + REACH[kind].format(address=s.getsockname()) for kind, s in servers.items()},
            **{way: f"PLACE = {str(outside / 'zoe.ipynb')!r}\n{FILES[way]}" for way in ("read", "listed")},
            "parent": "found = os.kill(os.getppid(), 0) or 'there'",
        }
        for way, cell in reached.items():
            submission = answered(FUNCTIONS, HELPERS, cell, TELL)
            report = grade(submission, "n.ipynb", [SMALL], unprotected, SEED, LIMITS, only=SMALL)
            assert "GOT OUT" in messages(report), way


# --- other submissions ---


def test_the_previous_submission_is_gone(attempt: Attempt) -> None:
    """Its text, its objects and its files are in none of the places where Python keeps such things."""
    mark = "MARK = 'of the previous' + ' student'\nopen('/tmp/left_behind', 'w').write(MARK)\nimport os\nos.environ['M'] = MARK"
    attempt(
        answered(
            {SIZE: f"def pool_output_size(H, F, S):\n    raise ValueError(MARK)\n# {'previous' + ' student'}"}, mark
        )
    )
    said = tries(
        attempt,
        """
        import gc, linecache, os, sys
        kept = [str(o) for o in gc.get_objects() if type(o) in (str, list, dict, tuple) and len(o) < 10**4]
        kept += [str(v) for v in (linecache.cache, os.environ, os.listdir("/tmp"), sys.modules.get("__main__", 0))]
        wanted = ["previous_student".replace("_", " "), "left-behind".replace("-", "_")]
        found = [k for k in kept if any(word in k for word in wanted)][0]
        """,
    )
    assert "previous student" not in said


PLANTS = {
    "in modules": """
        import builtins, sys
        import cs231n_utils.checking.compare as compare
        np.allclose = compare.difference = lambda *a, **k: None
        builtins.len = lambda thing: 0
        sys.modules["solutions"] = sys.modules["inside.runner"]
        """,
    "in files": """
        import os, site, sys
        for folder in ["/tmp", os.getcwd(), "/dev/shm", *sys.path]:
            for name in ("sitecustomize.py", "usercustomize.py", "numpy.py", "evil.pth", "matplotlibrc"):
                try:
                    open(os.path.join(folder, name), "w").write("raise SystemExit")
                except OSError:
                    pass
        """,
    "in the environment": "import os\nos.environ.update(PYTHONSTARTUP='/tmp/x', LD_PRELOAD='/tmp/x', PYTHONPATH='/tmp')",
    "in a process that waits": """
        import os, time
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                while True:
                    open("/tmp/answer", "w").write("7")
                    time.sleep(0.01)
        """,
    "in a queue of the kernel": """
        import ctypes
        libc = ctypes.CDLL(None)
        for call in ("shmget", "msgget", "semget"):
            getattr(libc, call)(4711, 4096, 0o1666)
        libc.mq_open(b"/left", 0o102, 0o666, None)
        libc.syscall(248, b"user", b"note", b"7", 1, -4)
        """,
    "in locks": "import fcntl, os\nfcntl.flock(os.open('/dev/null', os.O_RDONLY), fcntl.LOCK_EX)\nfcntl.flock(os.open(np.__file__, os.O_RDONLY), fcntl.LOCK_EX)",
}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_the_next_submission_finds_all_as_it_was(attempt: Attempt, plant: str) -> None:
    """Neither a friend's wrong answers become right, nor a rival's right ones wrong."""
    attempt(answered(WRONG, "ANSWER = 0", plant))
    assert attempt(answered(WRONG, "ANSWER = 0")).score == 0
    assert attempt(HONEST, 4).score == 4


@pytest.mark.parametrize(
    "shell",
    [
        "!touch {place}",
        "!!touch {place}",
        "%%bash\ntouch {place}",
        "%%sh\ntouch {place}",
        "%%script touch {place}\n",
        "%sx touch {place}",
        "%system touch {place}",
        "files = !touch {place}",
        "get_ipython().system('touch {place}')",
        "import os; os.system('touch {place}')",
        "import subprocess; subprocess.run(['touch', '{place}'])",
        "import os; os.execv('/usr/bin/touch', ['touch', '{place}'])",
    ],
)
def test_no_command_is_run(attempt: Attempt, outside: Path, shell: str) -> None:
    """Neither the shell's nor a program's; what is right beside it keeps its points."""
    functions = {name: RIGHT[name] for name in (SIZE, GLOBAL)}
    report = attempt(answered(functions, shell.format(place=outside / "left_behind")), 4)
    assert report.statuses == {Status.PASSED}
    assert not (outside / "left_behind").exists()
