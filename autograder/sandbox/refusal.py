"""Where bubblewrap is, and what to tell a person when the system refuses it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .model import SandboxUnavailable

__all__ = ["explain_refusal", "find_bubblewrap"]

# What the system may have against it: a file, the value that forbids, and how to mend it.
SWITCHES = (
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "10000"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
)
CAP_SYS_ADMIN = 21


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
    if len(lines) == 1 and "ermission denied" in said:
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
