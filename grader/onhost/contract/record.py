"""What the recorders note in the kernel, and what steers them there: record.bpf.h has it from here."""

from __future__ import annotations

import ctypes
from enum import IntEnum

from .c_layout import members, numbers

RING_BYTES = 4096 * 4096
"""Of each recorder's ring buffer."""
CALLS_AT_ONCE = 16384
"""That have begun and not ended."""
SYSCALLS_AT_MOST = 512
"""System calls have lower numbers."""
SECOND = 0x8000
"""In the cookies of the probes that were attached when the tracers were: see `RecorderEnclose`."""


class Mechanism(IntEnum):
    """By which a recorder sees system calls."""

    RAW = 0
    FENTRY = 1


class RecordKind(IntEnum):
    """What a record is about."""

    CALL = 0
    FORK = 1
    EXEC = 2
    FUNCTION = 3
    TRACERS_EXEC = 4


class FdKind(IntEnum):
    """What a call's descriptor stands for."""

    NOT_ASKED = 0
    OTHER = 1
    INET = 2
    UNIX = 3
    PIPE = 4
    EVENTFD = 5


class Record(ctypes.Structure):
    """Of a call. A fork or a program start has no second half; a function of the target has its number in the
    request as `nr`, and its first two arguments as `fd` and `ret`.
    """

    _fields_ = (
        ("entry_ns", ctypes.c_uint64),
        ("exit_ns", ctypes.c_uint64),
        ("ret", ctypes.c_int64),
        ("fd", ctypes.c_int64),
        ("tid", ctypes.c_uint32),
        ("pid", ctypes.c_uint32),
        ("comm", ctypes.c_char * 16),
        ("nr", ctypes.c_uint16),
        ("kind", ctypes.c_uint8),
        ("in_target", ctypes.c_uint8),
        ("fd_kind", ctypes.c_uint8),
        ("unused", ctypes.c_uint8),
        ("fd_port", ctypes.c_uint16),  # the local one of an internet socket
    )


class Settings(ctypes.Structure):
    """What is noted now."""

    _fields_ = (
        ("cgroup_id", ctypes.c_uint64),
        ("cgroup_level", ctypes.c_int32),
        ("enabled", ctypes.c_uint8),
        ("whole_host", ctypes.c_uint8),
        ("tasks", ctypes.c_uint8),
        ("fds", ctypes.c_uint8),
    )


class Shared(ctypes.Structure):
    """Memory of the programs that is mapped into the recorder's process: read and written without a call."""

    _fields_ = (
        ("settings", Settings),
        # Records that had no room, by mechanism.
        ("lost", ctypes.c_uint64 * len(Mechanism)),
        # Calls of the target that returned data, by mechanism: when this stands still, the traffic is over.
        ("moved_data", ctypes.c_uint64 * len(Mechanism)),
        # By the system call's number.
        ("wanted", ctypes.c_uint8 * SYSCALLS_AT_MOST),
    )


DEFINES = {
    "RECORD_MEMBERS": members(Record),
    "SETTINGS_MEMBERS": members(Settings),
    "SHARED_MEMBERS": members(Shared),
    **numbers("", Mechanism),
    **numbers("KIND_", RecordKind),
    **numbers("FD_", FdKind),
    "RING_BYTES": str(RING_BYTES),
    "CALLS_AT_ONCE": str(CALLS_AT_ONCE),
    "SYSCALLS_AT_MOST": str(SYSCALLS_AT_MOST),
    "SECOND": str(SECOND),
}
