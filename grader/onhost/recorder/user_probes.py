"""The recorder's probes on functions of a program in user space: one link for all of them.

Tracers attach each uprobe by a perf event (`perf_event_open` or tracefs). This is the kernel's other way,
uprobe_multi: it needs no CAP_SYS_ADMIN, nothing in tracefs that a tracer could delete, and all goes when the
descriptor is closed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping

from ..kernel.bpf_syscall import bpf

BPF_LINK_CREATE = 28
BPF_TRACE_UPROBE_MULTI = 48


class _UprobeMulti(ctypes.Structure):
    """`union bpf_attr` of BPF_LINK_CREATE, its `uprobe_multi` part (linux/bpf.h since 6.6)."""

    _fields_ = (
        ("prog_fd", ctypes.c_uint32),
        ("target_fd", ctypes.c_uint32),
        ("attach_type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("path", ctypes.c_uint64),
        ("offsets", ctypes.c_uint64),
        ("ref_ctr_offsets", ctypes.c_uint64),
        ("cookies", ctypes.c_uint64),
        ("count", ctypes.c_uint32),
        ("multi_flags", ctypes.c_uint32),
        ("pid", ctypes.c_uint32),
        ("unused", ctypes.c_uint32),
    )


class UserProbes:
    """The program of this descriptor (of section `uprobe.multi`) attached where it is wanted."""

    def __init__(self, program_fd: int) -> None:
        self._program_fd = program_fd
        self._link: int | None = None

    def attach(self, path: str, cookies: Mapping[int, int]) -> None:
        """At each offset (a key) of the file, with its cookie; in every process that runs the file.

        Raises OSError.
        """
        self.detach()
        if not cookies:
            return
        number = len(cookies)
        places = (ctypes.c_uint64 * number)(*cookies)
        marks = (ctypes.c_uint64 * number)(*cookies.values())
        name = ctypes.create_string_buffer(os.fsencode(path))
        self._link = bpf(
            BPF_LINK_CREATE,
            _UprobeMulti(
                prog_fd=self._program_fd,
                attach_type=BPF_TRACE_UPROBE_MULTI,
                path=ctypes.addressof(name),
                offsets=ctypes.addressof(places),
                cookies=ctypes.addressof(marks),
                count=number,
            ),
        )

    def detach(self) -> None:
        """From everywhere."""
        if self._link is not None:
            os.close(self._link)
            self._link = None
