"""The place that bubblewrap builds for the warm interpreter: which files are in it, and what the system may object to.

Everything is read-only, and nothing is there that is not named here: the interpreter with its standard library, the
directories of installed packages, the system's shared libraries, the students' package, and ``inside/``. In particular
there is no checkout of this project, no home directory, no /etc, no shell, and no network.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from .model import SandboxUnavailable

__all__ = [
    "ENVIRONMENT",
    "INSIDE",
    "Interpreter",
    "bubblewrap_command",
    "explain_refusal",
    "package_directory",
    "unused_uid",
]

INSIDE = Path(__file__).parent / "inside"

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "USER": "student",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "IPYTHONDIR": "/tmp/ipython",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONPATH": "/",  # where the package `inside` is found
}

# Shared libraries and what they read; on many systems some of these are links to others.
SYSTEM = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
HIDDEN = ("autograder", "solutions")  # never visible, even where they are installed among the packages
PACKAGE_DIRECTORIES = ("site-packages", "dist-packages")


class Interpreter:
    """Where the running Python lies: its program, its home, and the directories of installed packages."""

    def __init__(self) -> None:
        # The interpreter behind the virtual environment: that one's packages are named one by one below.
        self.program = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
        self.home = self.program.parent.parent
        self.packages = [path for path in sys.path if Path(path).name in PACKAGE_DIRECTORIES and Path(path).is_dir()]


def package_directory(name: str) -> Path:
    """Where an importable package lies."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SandboxUnavailable(f"the package {name} cannot be found: install the project (make setup)")
    return Path(next(iter(spec.submodule_search_locations)))


def bubblewrap_command(program: str, python: Interpreter, shared: str, runner: Path | None) -> list[str]:
    """The command line up to the interpreter's own arguments.

    Args:
        program: bubblewrap itself.
        python: what to run inside.
        shared: the package that students import; it appears in /course.
        runner: a module to take instead of ``inside/runner.py``; it appears in /runner.
    """
    command = [program, "--die-with-parent", "--new-session", "--hostname", "sandbox"]
    command += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    # See jail.py for what the server does with each capability, and why root gets no user namespace.
    if os.geteuid() == 0:
        command += ["--cap-drop", "ALL"]
        for capability in ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_KILL"):
            command += ["--cap-add", capability]
    else:
        command += ["--unshare-user", "--uid", "1000", "--gid", "1000", "--cap-add", "CAP_SYS_ADMIN"]

    files: list[str] = []
    visible: list[Path] = []
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            files += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            files += ["--ro-bind", str(path), str(path)]
            visible.append(path)
    own = [python.program, python.home / "lib", python.home / "lib64", *map(Path, python.packages)]
    for path in own:
        if path.exists() and not any(path.resolve().is_relative_to(place.resolve()) for place in visible):
            files += ["--ro-bind", str(path.resolve()), str(path)]
            visible.append(path)
    for path in _to_hide(python):
        if any(path.resolve().is_relative_to(place.resolve()) for place in visible):
            files += ["--tmpfs", str(path)]
    files += ["--ro-bind", str(package_directory(shared)), f"/course/{shared}", "--ro-bind", str(INSIDE), "/inside"]
    if runner is not None:
        files += ["--ro-bind", str(runner), f"/runner/{runner.name}"]
    for device in DEVICES:
        files += ["--dev-bind", device, device]
    # /proc is the server's; each job gets an empty one, and a /tmp of its own, where its shared memory goes, too.
    files += ["--proc", "/proc", "--tmpfs", "/tmp", "--symlink", "/tmp", "/dev/shm"]
    return [*command, *files, "--remount-ro", "/", "--chdir", "/", "--", str(python.program)]


def _to_hide(python: Interpreter) -> list[Path]:
    """Our own packages, and those packages of the interpreter that the running environment does not use."""
    hidden: list[Path] = []
    for name in HIDDEN:
        spec = find_spec(name)
        hidden += map(Path, (spec and spec.submodule_search_locations) or [])
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    unused = python.home / "lib" / version / "site-packages"
    if unused.is_dir() and not any(Path(path).resolve() == unused.resolve() for path in python.packages):
        hidden.append(unused)
    return hidden


def unused_uid() -> int:
    """A user that nobody else is, so that a limit on its processes counts this sandbox's alone.

    Of the numbers that no account, service or container uses by systemd's conventions
    (https://systemd.io/UIDS-GIDS), those above 0x70000000; in a container that maps only 65536 users, 60578 to 61183.
    Chance makes it unlikely enough that two sandboxes share one, and sharing would only join their counts of processes.
    """
    high = 0x70000000 + secrets.randbelow(2**26)
    try:
        lines = Path("/proc/self/uid_map").read_text().splitlines()
    except OSError:
        return high
    for line in lines:
        first, _, count = map(int, line.split())
        if first <= high < first + count:
            return high
    return 60578 + secrets.randbelow(606)


# What the system may have against it: a file, the value that forbids, and how to mend it.
SWITCHES = (
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "10000"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
)
CAP_SYS_ADMIN = 21


def explain_refusal(words: str) -> str:
    """What to tell a person when bubblewrap did not come up, given what it said."""
    said = words.strip() or "nothing"
    lines = [f"bubblewrap is installed, but the sandbox did not start. It said: {said}"]
    if os.geteuid() == 0:
        if not _may_administer():
            lines.append(
                "This is root without the capability CAP_SYS_ADMIN, as inside a plain container: start the container "
                "with --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined."
            )
    else:
        for name, forbidden, allowed in SWITCHES:
            if _setting(name) == forbidden:
                lines.append(f"The setting {name} is {forbidden}: as root, run sysctl -w {name}={allowed}")
        if len(lines) == 1 and "ermitted" in said:
            lines.append(
                "User namespaces seem to be refused, as inside a plain container: start it with --security-opt "
                "seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined."
            )
    if "ermission denied" in said:
        lines.append("Every directory that holds Python or the project must be readable by the user who grades.")
    return "\n".join(lines)


def _setting(name: str) -> str | None:
    try:
        return Path("/proc/sys", *name.split(".")).read_text().strip()
    except OSError:
        return None


def _may_administer() -> bool:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return False
    effective = next((line.split()[1] for line in lines if line.startswith("CapEff:")), "0")
    return bool(int(effective, 16) >> CAP_SYS_ADMIN & 1)


def find_bubblewrap() -> str:
    """The program, or why there is none."""
    if sys.platform != "linux":
        raise SandboxUnavailable(
            "bubblewrap, the sandbox, exists on Linux only: grade in a Linux container or virtual machine, or say "
            "--sandbox none to run students' code without any protection"
        )
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxUnavailable(
            "bubblewrap, the sandbox, is not installed: install the package bubblewrap (for example: apt install "
            "bubblewrap), or say --sandbox none to run students' code without any protection"
        )
    return program
