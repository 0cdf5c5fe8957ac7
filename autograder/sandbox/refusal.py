"""Where bubblewrap is, and what to tell a person when the system refuses it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .model import SandboxUnavailable

__all__ = ["explain_refusal", "find_bubblewrap"]

# What the system may have against it: a setting, the value that forbids, and the one that allows.
SWITCHES = (
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "10000"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
)
UNCONFINED = "--security-opt seccomp=unconfined --security-opt apparmor=unconfined"
FOR_ROOT = f"--cap-add SYS_ADMIN --cap-add NET_ADMIN {UNCONFINED}"
FOR_A_USER = f"{UNCONFINED} --security-opt systempaths=unconfined (Podman: --security-opt unmask=ALL)"

# Where no setting tells: words of bubblewrap's, and what they mean. The first that fits is said.
MEANINGS = (
    (
        "Can't mount proc",
        f"Parts of /proc are covered, as in a container, which keeps an ordinary user from a /proc of one's own: start "
        f"the container with {FOR_A_USER}, or grade as its root.",
    ),
    (
        "uid map",
        "Most likely AppArmor, which on Ubuntu 23.10 and later keeps programs from using user namespaces: as root, run "
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or give bwrap a profile (docs/security.md has one).",
    ),
    (
        "loopback",
        "The network namespace has no loopback device that may be set up: AppArmor keeps bwrap from it (as root, run "
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0), or this is gVisor, where bubblewrap cannot run.",
    ),
    (
        "does not support user namespaces",
        "The kernel was built without user namespaces (CONFIG_USER_NS). Grade as root, who needs none, or elsewhere.",
    ),
    (
        "max_*_namespaces exceeded",
        "There may be no more namespaces: as root, raise those of user.max_user_namespaces, user.max_pid_namespaces, "
        "user.max_mnt_namespaces, user.max_net_namespaces and user.max_ipc_namespaces that are low (sysctl -w).",
    ),
    (
        "Failed to m",  # Failed to make / slave, Failed to mount tmpfs
        "AppArmor or SELinux keeps bwrap from mounting, as in a container: start it with --security-opt "
        "apparmor=unconfined, where there is SELinux with --security-opt label=disable.",
    ),
)
# linux/capability.h; bubblewrap needs the second to bring up a loopback device.
NEEDED = {"CAP_SYS_ADMIN": 21, "CAP_NET_ADMIN": 12, "CAP_SETUID": 7, "CAP_SETGID": 6, "CAP_KILL": 5}


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
    advice = _by_rights() or _by_meaning(said)
    return "\n".join([f"bubblewrap is installed, but the sandbox did not start. It said: {said}", *advice])


def _by_rights() -> list[str]:
    """What forbids it, by the looks of the system."""
    if os.geteuid() != 0:
        forbids = [(name, value, allowed) for name, value, allowed in SWITCHES if _setting(name) == value]
        return [
            f"The setting {name} is {value}: as root, run sysctl -w {name}={allowed}"
            for name, value, allowed in forbids
        ]
    missing = ", ".join(_missing_capabilities())
    return [f"This is root without {missing}, as in a plain container: start it with {FOR_ROOT}."] if missing else []


def _by_meaning(said: str) -> list[str]:
    """What forbids it, by what bubblewrap said."""
    for part, meaning in MEANINGS:
        if part in said:
            return [meaning]
    if "new namespace" in said or "ermitted" in said:
        options = FOR_ROOT if os.geteuid() == 0 else FOR_A_USER
        return [
            f"Namespaces are refused, most likely by a container's filter on system calls: start it with {options}."
        ]
    if "ermission denied" in said:
        return ["Every directory that holds Python or the project must be readable by the user who grades."]
    return []


def _setting(name: str) -> str | None:
    try:
        return Path("/proc/sys", *name.split(".")).read_text().strip()
    except OSError:
        return None


def _missing_capabilities() -> list[str]:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return []
    effective = int(next((line.split()[1] for line in lines if line.startswith("CapEff:")), "0"), 16)
    return [name for name, number in NEEDED.items() if not effective >> number & 1]
