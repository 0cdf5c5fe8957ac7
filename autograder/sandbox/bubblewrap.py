"""The place that bubblewrap builds for the warm interpreter: which files are in it, and as whom it runs.

Everything is read-only, and nothing is there that is not named here: the interpreter with its standard library, the
directories of installed packages, the system's shared libraries, the students' package, and ``inside/``. In particular
there is no checkout of this project, no home directory, no /etc, no shell, and no network.
"""

from __future__ import annotations

import os
import secrets
import sys
from importlib.util import find_spec
from pathlib import Path

from .model import SandboxUnavailable

__all__ = ["ENVIRONMENT", "INSIDE", "Interpreter", "bubblewrap_command", "package_directory", "unused_uid"]

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
        paths = (Path(path) for path in sys.path)
        packages = (path.resolve() for path in paths if path.name in PACKAGE_DIRECTORIES and path.is_dir())
        self.packages = list(dict.fromkeys(packages))
        if self.program.is_relative_to("/tmp"):
            raise SandboxUnavailable(
                f"the Python in use, {self.program}, lies in /tmp, which is every job's own inside the sandbox: "
                "make the virtual environment with a Python that lies elsewhere"
            )

    def shown(self, packages: Path) -> Path:
        """Where packages appear in the sandbox: a virtual environment may lie anywhere, even in /tmp."""
        return Path("/packages", str(self.packages.index(packages)))


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

    files = _system() + _own_files(python)
    shown = [(package_directory(shared), f"/course/{shared}"), (INSIDE, "/inside")]
    if runner is not None:
        shown.append((runner, f"/runner/{runner.name}"))
    for path, place in shown:
        files += _show(path.resolve(), Path(place))
    files += ["--dir", "/dev"]
    for device in DEVICES:
        files += ["--dev-bind", device, device]
    # /proc is the server's; each job gets an empty one, and a /tmp of its own, where its shared memory goes, too.
    files += ["--symlink", "/tmp", "/dev/shm", "--proc", "/proc", "--tmpfs", "/tmp"]
    return [*command, *files, "--remount-ro", "/", "--chdir", "/", "--", str(python.program)]


def _system() -> list[str]:
    files: list[str] = []
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            files += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            files += _show(path, path)
    return files


def _own_files(python: Interpreter) -> list[str]:
    """The interpreter, its library and its packages, where the system's libraries do not hold them already."""
    files: list[str] = []
    visible = [Path(path).resolve() for path in SYSTEM]
    for path in (python.program, python.home / "lib", python.home / "lib64"):
        if path.exists() and not _below(path, visible):
            files += _show(path, path)
            visible.append(path)
    for packages in python.packages:
        files += _show(packages, python.shown(packages))
    for path in _to_hide(python, visible):
        files += ["--tmpfs", str(path), "--remount-ro", str(path)]
    return files


def _below(path: Path, places: list[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _show(path: Path, place: Path) -> list[str]:
    """Binds a file or directory. Its parents are made first: those that bubblewrap makes are closed to other users."""
    parents = [str(parent) for parent in reversed(place.parents)][1:]
    return [*(word for parent in parents for word in ("--dir", parent)), "--ro-bind", str(path), str(place)]


def _to_hide(python: Interpreter, visible: list[Path]) -> list[Path]:
    """Our own packages wherever they can be seen, and those of the interpreter that the environment does not use."""
    hidden = [python.shown(place) / name for place in python.packages for name in HIDDEN if (place / name).is_dir()]
    places = [place / name for place in python.packages for name in HIDDEN if (place / name).is_dir()]
    for name in HIDDEN:
        spec = find_spec(name)
        places += [Path(place).resolve() for place in (spec and spec.submodule_search_locations) or []]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    unused = python.home / "lib" / version / "site-packages"
    if unused.is_dir() and unused not in python.packages:
        places.append(unused)
    return list(dict.fromkeys([*hidden, *(place for place in places if _below(place, visible))]))


def unused_uid() -> int | None:
    """A user that nobody else is, so that a limit on its processes counts this sandbox's alone.

    Of the numbers that no account, service or container uses by systemd's conventions
    (https://systemd.io/UIDS-GIDS), those above 0x70000000; in a container that maps only 65536 users, 60578 to 61183.
    Chance makes it unlikely enough that two sandboxes share one, and sharing would only join their counts of processes.
    None where there is no choice: for an ordinary user, and for the root of a namespace that holds nobody else.
    """
    if os.geteuid() != 0:
        return None
    ranges = [[int(field) for field in line.split()] for line in Path("/proc/self/uid_map").read_text().splitlines()]
    for uid in (0x70000000 + secrets.randbelow(2**26), 60578 + secrets.randbelow(606)):
        if any(first <= uid < first + count for first, _, count in ranges):
            return uid
    return None
