"""System calls that a student's process has no use for, refused by a seccomp filter.

The filter is a second line of defence: namespaces, limits and missing capabilities stand without it. What it adds:
no new namespaces (a user namespace would give capabilities back, and with them file systems without a size limit);
no memory outside the limits (memfd, System V shared memory); no keyrings (they belong to a user, not to a process, so
one job could leave a note for the next); no sockets (some families, such as vsock, know no network namespaces); and
less of the kernel in reach.

On processors other than those in the table there is no filter.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

__all__ = ["install"]

# The numbers are those of the kernel's headers: asm/unistd_64.h and asm-generic/unistd.h.
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000  # x86_64 has a second table of calls above this number

#                   x86_64, aarch64
DENIED = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "open_by_handle_at": (304, 265),
    "syslog": (103, 116),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "socket": (41, 198),  # socketpair, which asyncio needs, is another call and stays
}
CLONE = (56, 220)
CLONE3 = (435, 435)
CLONE_NEW_ANY = 0x7E020000  # CLONE_NEWNS, -CGROUP, -UTS, -IPC, -USER, -PID and -NET

# Classic BPF (linux/filter.h): an instruction is code, jump if true, jump if false, operand.
LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN = 0x06  # BPF_RET | BPF_K

# Where struct seccomp_data keeps them.
NUMBER, ARCHITECTURE, FIRST_ARGUMENT_LOW_WORD = 0, 4, 16

KILL_PROCESS, ALLOW = 0x80000000, 0x7FFF0000


def _refuse(code: int) -> int:
    return 0x00050000 | code  # SECCOMP_RET_ERRNO


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _assemble(machine: str) -> bytes:
    column = tuple(AUDIT_ARCH).index(machine)
    program: list[tuple[int, int, int, int]] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, AUDIT_ARCH[machine]),  # another architecture's calls have other numbers
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
    ]
    if machine == "x86_64":
        program += [(AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL_PROCESS)]
    for numbers in DENIED.values():
        program += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, _refuse(errno.EPERM))]
    program += [
        # The flags of clone3 lie in memory, where a filter cannot look; the C library falls back to clone.
        (EQUAL, 0, 1, CLONE3[column]),
        (RETURN, 0, 0, _refuse(errno.ENOSYS)),
        (EQUAL, 0, 3, CLONE[column]),
        (LOAD, 0, 0, FIRST_ARGUMENT_LOW_WORD),
        (ANY_BIT, 0, 1, CLONE_NEW_ANY),
        (RETURN, 0, 0, _refuse(errno.EPERM)),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def install(libc: ctypes.CDLL) -> None:
    """Puts this process and all its children under the filter for good; no_new_privs must be set already."""
    machine = platform.machine()
    if machine not in AUDIT_ARCH or ctypes.sizeof(ctypes.c_void_p) != 8:
        return
    instructions = _assemble(machine)
    program = _Program(len(instructions) // 8, instructions)
    pr_set_seccomp, mode_filter = 22, 2
    if libc.prctl(pr_set_seccomp, mode_filter, ctypes.addressof(program), 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"the seccomp filter was refused: {errno.errorcode.get(code, code)}")
