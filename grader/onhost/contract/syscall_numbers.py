"""Numbers of the system calls that the recorders know, by CPU. Source: the kernel's syscall tables."""

from __future__ import annotations

import platform

X86_64 = {
    "read": 0,
    "write": 1,
    "close": 3,
    "readv": 19,
    "writev": 20,
    "sendto": 44,
    "recvfrom": 45,
    "sendmsg": 46,
    "recvmsg": 47,
    "execve": 59,
    "epoll_wait": 232,
    "epoll_pwait": 281,
    "accept4": 288,
    "execveat": 322,
}

# This CPU's kernel has no epoll_wait: the C library calls epoll_pwait instead.
AARCH64 = {
    "epoll_pwait": 22,
    "close": 57,
    "read": 63,
    "write": 64,
    "readv": 65,
    "writev": 66,
    "sendto": 206,
    "recvfrom": 207,
    "sendmsg": 211,
    "recvmsg": 212,
    "execve": 221,
    "accept4": 242,
    "execveat": 281,
}

BY_MACHINE = {"x86_64": X86_64, "aarch64": AARCH64}

FUNCTION_PREFIXES = {"x86_64": "__x64_sys_", "aarch64": "__arm64_sys_"}
"""What the kernel calls the function behind a system call."""


def numbers(machine: str | None = None) -> dict[str, int]:
    """Name -> number for `machine` as `uname -m` says it (this one by default)."""
    return BY_MACHINE[machine or platform.machine()]


def wanted_numbers(names: list[str], machine: str | None = None) -> dict[str, int]:
    """The numbers of `names`. Raises ValueError for a name that the recorders do not know.

    `epoll_wait` where the CPU has none means `epoll_pwait`: what a program waiting there really calls.
    """
    known = numbers(machine)
    found: dict[str, int] = {}
    for name in names:
        here = "epoll_pwait" if name == "epoll_wait" and name not in known else name
        if here not in known:
            raise ValueError(f"the recorders do not know the system call {name}")
        found[here] = known[here]
    return found
