"""The few things asked of the kernel by the bpf() system call itself, because bpftool is slow at them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform

NUMBER = {"x86_64": 321, "aarch64": 280}
BPF_OBJ_GET = 7
BPF_PROG_GET_FD_BY_ID = 13
BPF_MAP_GET_FD_BY_ID = 14
BPF_MAP_LOOKUP_BATCH = 24
BPF_MAP_LOOKUP_AND_DELETE_BATCH = 25

BUFFER_LIMIT_BYTES = 16 * 1024 * 1024


class _ById(ctypes.Structure):
    _fields_ = (("id", ctypes.c_uint32), ("next_id", ctypes.c_uint32), ("flags", ctypes.c_uint32))


class _Pin(ctypes.Structure):
    _fields_ = (("path", ctypes.c_uint64), ("fd", ctypes.c_uint32), ("flags", ctypes.c_uint32))


class _Batch(ctypes.Structure):
    _fields_ = (
        ("in_batch", ctypes.c_uint64),
        ("out_batch", ctypes.c_uint64),
        ("keys", ctypes.c_uint64),
        ("values", ctypes.c_uint64),
        ("count", ctypes.c_uint32),
        ("map_fd", ctypes.c_uint32),
        ("elem_flags", ctypes.c_uint64),
        ("flags", ctypes.c_uint64),
    )


_libc = ctypes.CDLL(None, use_errno=True)


def bpf(command: int, attribute: ctypes.Structure) -> int:
    """One command of bpf(): the call's result. Raises OSError."""
    result = _libc.syscall(
        NUMBER[platform.machine()], command, ctypes.byref(attribute), ctypes.sizeof(attribute)
    )
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result)


def open_pin(path: str) -> int:
    """A descriptor of what is pinned there. Raises OSError."""
    name = ctypes.create_string_buffer(path.encode())
    return bpf(BPF_OBJ_GET, _Pin(path=ctypes.addressof(name)))


def open_program(program_id: int) -> int:
    """A descriptor of this program. Raises OSError, FileNotFoundError when it is gone."""
    return bpf(BPF_PROG_GET_FD_BY_ID, _ById(id=program_id))


def program_exists(program_id: int) -> bool:
    """Whether the kernel still holds this program."""
    try:
        os.close(open_program(program_id))
    except FileNotFoundError:
        return False
    return True


def entries(
    map_fd: int, key_bytes: int, value_bytes: int, room: int, *, take: bool = False
) -> tuple[bytes, bytes]:
    """All keys and all values of a hash map, each in a row; with `take` the map is empty afterwards.

    `room` is how many entries fit into the answer, at most the map's size. Raises OSError.
    """
    keys = ctypes.create_string_buffer(room * key_bytes)
    values = ctypes.create_string_buffer(room * value_bytes)
    position = ctypes.create_string_buffer(max(key_bytes, 8))
    batch = _Batch(
        out_batch=ctypes.addressof(position),
        keys=ctypes.addressof(keys),
        values=ctypes.addressof(values),
        count=room,
        map_fd=map_fd,
    )
    with contextlib.suppress(FileNotFoundError):  # how the kernel says that the end was reached
        bpf(BPF_MAP_LOOKUP_AND_DELETE_BATCH if take else BPF_MAP_LOOKUP_BATCH, batch)
    return keys.raw[: batch.count * key_bytes], values.raw[: batch.count * value_bytes]


def count_entries(map_id: int, key_bytes: int, value_bytes: int, max_entries: int) -> int | None:
    """Number of keys in a hash map; None when it is too large to look at or the kernel refuses.

    `value_bytes` as the kernel hands it out: for a per-CPU map, 8-byte aligned times the possible CPUs.
    """
    room = max_entries + 1
    if room * (key_bytes + value_bytes) > BUFFER_LIMIT_BYTES:
        return None
    try:
        fd = bpf(BPF_MAP_GET_FD_BY_ID, _ById(id=map_id))
    except OSError:
        return None
    try:
        keys, _ = entries(fd, key_bytes, value_bytes, room)
    except OSError:
        return None
    finally:
        os.close(fd)
    return len(keys) // key_bytes
