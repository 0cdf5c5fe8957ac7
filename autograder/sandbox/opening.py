"""Opens a sandbox of the kind that was asked for, or says why there is none."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .bubblewrap import ENVIRONMENT, INSIDE, Interpreter, bubblewrap_command, package_directory, unused_uid
from .model import Sandbox, SandboxFailure, SandboxUnavailable
from .refusal import explain_refusal, find_bubblewrap
from .warm import Recipe, WarmSandbox

__all__ = ["open_sandbox"]

SHARED_PACKAGE = "cs231n_utils"
RUNNER = "inside.runner"


def open_sandbox(kind: str = "auto", *, runner: Path | None = None) -> Sandbox:
    """Opens a sandbox and starts its warm interpreter.

    Args:
        kind: ``"auto"`` and ``"bubblewrap"`` mean bubblewrap; ``"none"`` means the same interpreter without any
            protection, and is never chosen unless it is said.
        runner: a module with a class ``Runner`` to take in place of ``inside/runner.py``.

    Raises:
        SandboxUnavailable: there is no bubblewrap, or the system refuses it; the message says how to mend it.
        ValueError: there is no such kind.
    """
    if kind in ("auto", "bubblewrap"):
        return _open_bubblewrap(runner)
    if kind == "none":
        return _open_unprotected(runner)
    raise ValueError(f"open_sandbox({kind!r}): expected 'auto', 'bubblewrap' or 'none'")


def _open_bubblewrap(runner: Path | None) -> Sandbox:
    python = Interpreter()
    command = bubblewrap_command(find_bubblewrap(), python, SHARED_PACKAGE, runner)

    def recipe() -> Recipe:
        settings = {
            "scratch": None,
            "uid": unused_uid(),
            "course": ["/course"],
            "packages": [str(python.shown(path)) for path in python.packages],
            "runner": RUNNER if runner is None else f"/runner/{runner.name}",
        }
        return Recipe(command, ENVIRONMENT, settings)

    try:
        sandbox = WarmSandbox("bubblewrap", recipe)
        try:
            sandbox.run([])  # a system may allow bubblewrap and yet refuse what the jail needs
        except BaseException:
            sandbox.close()
            raise
    except SandboxFailure as failure:
        raise SandboxUnavailable(explain_refusal(str(failure))) from failure
    return sandbox


def _open_unprotected(runner: Path | None) -> Sandbox:
    """The same interpreter, forking the same processes, under the limits that the kernel has for any process."""
    python = Interpreter()
    scratch = tempfile.TemporaryDirectory(prefix="autograder-")
    # Students' code finds the package it needs without finding what lies beside it in a checkout.
    course = Path(scratch.name, "course")
    course.mkdir()
    (course / SHARED_PACKAGE).symlink_to(package_directory(SHARED_PACKAGE).resolve())
    settings = {
        "scratch": scratch.name,
        "uid": None,
        "course": [str(course)],
        "packages": [str(path) for path in python.packages],
        "runner": RUNNER if runner is None else str(runner.resolve()),
    }
    environment = {**ENVIRONMENT, "PYTHONPATH": str(INSIDE.parent), "HOME": scratch.name}
    for name in ("MPLCONFIGDIR", "IPYTHONDIR"):
        environment[name] = str(Path(scratch.name, name.lower()))
    recipe = Recipe([str(python.program)], environment, settings)
    try:
        return WarmSandbox("none", lambda: recipe, scratch.cleanup)
    except BaseException:
        scratch.cleanup()
        raise
