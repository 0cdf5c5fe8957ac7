"""Which sandbox is opened, what is said when there is none, and how the unprotected one behaves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import Ending, Limits, SandboxUnavailable, open_sandbox, refusal
from autograder.sandbox.bubblewrap import Interpreter
from autograder.sandbox.inside import seccomp

from .conftest import RUNNER, descendants

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unprotected():
    with open_sandbox("none", runner=RUNNER) as opened:
        yield opened


def test_an_unknown_kind():
    with pytest.raises(ValueError, match="expected 'auto', 'bubblewrap' or 'none'"):
        open_sandbox("docker")


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap exists on Linux only")
def test_without_bubblewrap_nothing_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match=r"apt install\s+bubblewrap.*--sandbox none"):
        open_sandbox()


def test_on_another_system_it_says_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxUnavailable, match="Linux container or virtual machine"):
        open_sandbox()


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap exists on Linux only")
def test_a_bubblewrap_that_fails_is_quoted(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: no permissions to create a new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="no permissions to create a new namespace"):
        open_sandbox()


@pytest.mark.parametrize("setting", [name for name, _, _ in refusal.SWITCHES])
def test_the_setting_that_forbids_is_named(monkeypatch, setting):
    forbidden = {name: value for name, value, _ in refusal.SWITCHES}[setting]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(refusal, "_setting", lambda name: forbidden if name == setting else None)
    assert f"sysctl -w {setting}=" in refusal.explain_refusal("bwrap: setting up uid map: Permission denied")


def test_a_container_without_rights_is_named(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(refusal, "_missing_capabilities", lambda: ["CAP_SYS_ADMIN"])
    told = refusal.explain_refusal("bwrap: Creating new namespace failed")
    assert "This is root without CAP_SYS_ADMIN" in told
    assert "--cap-add SYS_ADMIN" in told


# What bubblewrap prints on systems that this one is not: Ubuntu with AppArmor, SELinux, gVisor, small kernels.
SAID_ELSEWHERE = {
    "bwrap: setting up uid map: Permission denied": "kernel.apparmor_restrict_unprivileged_userns=0",
    "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted": "AppArmor",
    "bwrap: loopback: Failed RTM_NEWADDR: File exists": "gVisor",
    "bwrap: Failed to make / slave: Permission denied": "apparmor=unconfined",
    "bwrap: Failed to mount tmpfs: Permission denied": "label=disable",
    "bwrap: Creating new namespace failed, likely because the kernel does not support user namespaces.  "
    "bwrap must be installed setuid on such systems.": "CONFIG_USER_NS",
    "bwrap: execvp /home/anna/python: Permission denied": "readable by the user",
}


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap exists on Linux only")
@pytest.mark.parametrize(("said", "mends"), SAID_ELSEWHERE.items(), ids=lambda words: words[:40])
def test_what_bubblewrap_says_elsewhere_is_understood(monkeypatch, tmp_path, said, mends):
    fake = tmp_path / "bwrap"
    fake.write_text(f"#!/bin/sh\nprintf '%s\\n' '{said}' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(refusal, "_setting", lambda name: None)
    monkeypatch.setattr(refusal, "_missing_capabilities", list)
    with pytest.raises(SandboxUnavailable) as caught:
        open_sandbox()
    told = str(caught.value)
    assert said in told
    assert mends in told.removeprefix(said)
    assert len(told.splitlines()) == 2


# And what it prints where the kernel really refuses: here, under conditions like those of a plain container.
OPEN = """
from autograder.sandbox import SandboxUnavailable, open_sandbox
try:
    open_sandbox().close()
except SandboxUnavailable as problem:
    print(problem)
else:
    print("it opened")
"""
FILTERED = f"""
import ctypes
from autograder.sandbox.inside import seccomp
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl.argtypes = (ctypes.c_int,) + (ctypes.c_ulong,) * 4
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
seccomp.install(libc)
{OPEN}"""
USER = "unshare --user --map-user=1000 --map-group=1000"
PYTHON = f"exec {sys.executable} -c"
# What containers' roots may by default, in Docker; in Podman somewhat less.
DOCKERS = (
    "+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,"
    "+audit_write,+setfcap"
)
SETPRIV = "exec setpriv --inh-caps=-all --bounding-set=-all"
REFUSED = {
    "an ordinary user may": (f'{USER} sh -c \'{PYTHON} "$0"\' "$OPEN"', "it opened"),
    "no more user namespaces": (
        f"{USER} --keep-caps sh -c 'echo 0 > /proc/sys/user/max_user_namespaces; "
        f'exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all {sys.executable} -c "$0"\' "$OPEN"',
        "sysctl -w user.max_user_namespaces=10000",
    ),
    "a filter on system calls, as an ordinary user": (
        f'{USER} sh -c \'{PYTHON} "$0"\' "$FILTERED"',
        "start it with --security-opt seccomp=unconfined",
    ),
    "a filter on system calls, as root": (f'{PYTHON} "$FILTERED"', "seccomp=unconfined"),
    "parts of /proc covered": (
        "unshare --user --map-root-user --mount --pid --fork --mount-proc sh -c 'mount --bind /dev/null /proc/keys; "
        f'exec {USER} {sys.executable} -c "$0"\' "$OPEN"',
        "systempaths=unconfined",
    ),
    "root in a plain container": (
        f'{SETPRIV},{DOCKERS} {sys.executable} -c "$OPEN"',
        "This is root without CAP_SYS_ADMIN, CAP_NET_ADMIN,",
    ),
    "root in a container with half of what it needs": (
        f'{SETPRIV},{DOCKERS},+sys_admin {sys.executable} -c "$OPEN"',
        "This is root without CAP_NET_ADMIN,",
    ),
    "root in a container as docs/security.md says": (
        f'{SETPRIV},{DOCKERS},+sys_admin,+net_admin {sys.executable} -c "$OPEN"',
        "it opened",
    ),
}


@pytest.mark.sandbox
@pytest.mark.parametrize(("command", "said"), REFUSED.values(), ids=REFUSED)
def test_real_refusals_are_explained(sandbox, command, said):
    if shutil.which("unshare") is None or shutil.which("setpriv") is None:
        pytest.skip("unshare and setpriv of util-linux are not installed")
    if command.startswith("exec setpriv") and os.geteuid() != 0:
        pytest.skip("only root has capabilities to give up")
    environment = {**os.environ, "OPEN": OPEN, "FILTERED": FILTERED}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, cwd=PROJECT)
    assert said in done.stdout, done.stdout + done.stderr


@pytest.mark.sandbox
def test_a_closed_sandbox_leaves_nothing_and_runs_nothing(sandbox):
    before = descendants()
    opened = open_sandbox("auto", runner=RUNNER)
    assert opened.name == "bubblewrap"
    assert len(descendants()) == len(before) + 3  # bubblewrap twice, and the server
    opened.close()
    opened.close()
    assert descendants() == before
    with pytest.raises(ValueError, match="closed"):
        opened.run([b"pass"])


@pytest.mark.sandbox
def test_the_sandbox_dies_with_the_grader(sandbox):
    before = descendants()
    source = (
        "import os, signal, sys; from pathlib import Path; from autograder.sandbox import open_sandbox\n"
        f"opened = open_sandbox(runner=Path({str(RUNNER)!r})); os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = os.pathsep.join([str(PROJECT), *sys.path])
    child = subprocess.run([sys.executable, "-c", source], env={**os.environ, "PYTHONPATH": path})
    assert child.returncode == -9
    assert descendants() == before


@pytest.mark.sandbox
def test_several_sandboxes_at_a_time(sandbox):
    with open_sandbox(runner=RUNNER) as other:
        sandbox.run([b"open('/tmp/note', 'w').close()"])
        assert other.run([b"import os; reply(os.listdir('/tmp'))"]).replies[0].data == b"[]"


def test_no_protection_answers_the_same(unprotected):
    assert unprotected.name == "none"
    outcome = unprotected.run([b"x = 1; reply(x)", b"print('hello'); reply(x + 1)"])
    assert [reply.data for reply in outcome.replies] == [b"1", b"2"]
    assert (outcome.ending, outcome.output) == (Ending.FINISHED, "hello\n")


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        (b"while True: pass", Ending.TIMED_OUT),
        (b"import os; os._exit(0)", Ending.CRASHED),
        (b"import ctypes; ctypes.string_at(0)", Ending.CRASHED),
        (b"import os, time; os.fork(); time.sleep(100)", Ending.TIMED_OUT),
    ],
)
def test_no_protection_still_has_deadlines(unprotected, source, ending):
    before = descendants()
    assert unprotected.run([source], Limits(request_seconds=0.3)).ending is ending
    assert descendants() == before


def test_no_protection_still_has_limits_and_a_directory_of_its_own(unprotected):
    assert b"MemoryError" in unprotected.run([b"import numpy; numpy.ones(2**32)"]).replies[0].data
    assert (
        unprotected.run([b"import os; open('note', 'w').close(); reply(os.listdir())"]).replies[0].data == b"['note']"
    )
    assert unprotected.run([b"import os; reply(os.listdir())"]).replies[0].data == b"[]"
    assert b"ModuleNotFoundError" in unprotected.run([b"import solutions"]).replies[0].data


@pytest.mark.parametrize(
    ("column", "header"),
    [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (1, "/usr/include/asm-generic/unistd.h")],
)
def test_numbers_of_system_calls_are_the_kernels(column, header):
    if not Path(header).exists():
        pytest.skip(f"{header} is not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text())
    kernel = {name: int(number) for name, number in found}
    ours = {**seccomp.DENIED, "clone": seccomp.CLONE, "clone3": seccomp.CLONE3}
    assert {
        name: numbers[column] for name, numbers in ours.items() if kernel.get(name, numbers[column]) != numbers[column]
    } == {}
    assert sum(name in kernel for name in ours) > 30


@pytest.mark.sandbox
def test_all_attempts_fail_for_an_ordinary_user_too(sandbox):
    """Started as root: runs these tests again as a user without any rights, in a Python that this user can read."""
    if os.geteuid() != 0:
        pytest.skip("this is an ordinary user already")
    path = os.pathsep.join([str(PROJECT), *map(str, Interpreter().packages)])
    options = {"cwd": "/", "user": 54321, "group": 54321, "extra_groups": [], "capture_output": True, "text": True}
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent",
    }
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            subprocess.run([python, "-c", "import numpy, pytest, autograder"], check=True, env=environment, **options)
        except (OSError, subprocess.CalledProcessError):
            continue
        break
    else:
        pytest.skip("an ordinary user can read neither this Python nor the system's, or not the project")
    here = Path(__file__).parent
    tests = [str(here / f"test_{name}.py") for name in ("escape", "resources", "files")]
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", "not no_visible_file"]
    again = subprocess.run(command, env=environment, **options)
    assert again.returncode == 0, again.stdout + again.stderr
    passed = re.search(r"(\d+) passed", again.stdout)
    assert passed, again.stdout
    assert int(passed[1]) > 80, again.stdout  # a few are about root only


def test_modules_on_demand(sandbox):
    """They are there from the first job on that needs them, and no other module is."""
    question = b"import sys; reply([m in sys.modules for m in ('scipy.ndimage', 'turtle')])"
    with open_sandbox("bubblewrap", runner=RUNNER) as fresh:
        assert fresh.run([question]).replies[0].data == b"[False, False]"
        assert fresh.run([question], modules=["scipy.ndimage", "turtle"]).replies[0].data == b"[True, False]"
        assert fresh.run([question]).replies[0].data == b"[True, False]"
