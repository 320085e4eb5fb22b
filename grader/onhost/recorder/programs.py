"""The two recorders in the kernel: loaded once, switched on and off through memory shared with us."""

from __future__ import annotations

import ctypes
import mmap
import time
from typing import Any

from ..contract.syscall_numbers import wanted_numbers
from ..kernel.bpf_syscall import entries
from . import elf_symbols
from .own_programs import OwnPrograms
from .ring_buffer import RingBuffer
from .run_times import run_times
from .user_probes import UserProbes

RING_BYTES = 4096 * 4096
CALLS_AT_ONCE = 16384
SYSCALLS_AT_MOST = 512
RECORD_BYTES = 64
"""These as in record.bpf.h."""

MECHANISMS = ("raw", "fentry")
SECOND = 0x8000
"""In the cookies of the link that was attached when the tracers were; as in recorder.bpf.c."""


class Settings(ctypes.Structure):
    """`struct settings` of record.bpf.h."""

    _fields_ = (
        ("cgroup_id", ctypes.c_uint64),
        ("cgroup_level", ctypes.c_int32),
        ("enabled", ctypes.c_uint8),
        ("whole_host", ctypes.c_uint8),
        ("tasks", ctypes.c_uint8),
        ("fds", ctypes.c_uint8),
    )


class Shared(ctypes.Structure):
    """`struct shared` of record.bpf.h, as it lies in memory."""

    _fields_ = (
        ("settings", Settings),
        ("lost", ctypes.c_uint64 * len(MECHANISMS)),
        ("moved_data", ctypes.c_uint64 * len(MECHANISMS)),
        ("wanted", ctypes.c_uint8 * SYSCALLS_AT_MOST),
    )


class RecorderPrograms:
    """Steers the recorders' programs, which are loaded and attached, and reads what they noted."""

    def __init__(self, programs: OwnPrograms) -> None:
        loaded = programs.loaded
        self._all = loaded.programs.values()
        self._shared = Shared.from_buffer(mmap.mmap(loaded.map_fd(".bss"), ctypes.sizeof(Shared)))
        self._rings = {name: RingBuffer(loaded.map_fd(f"{name}_events"), RING_BYTES) for name in MECHANISMS}
        self._started = {name: loaded.map_fd(f"{name}_started") for name in MECHANISMS}
        called = loaded.programs["function_called"]
        self._user_probes = UserProbes(called.fd)
        self._enclosing = UserProbes(called.fd)
        self._binary = ""
        self._functions: dict[str, int] = {}
        self._times_before = run_times(self._all)

    def on(self, request: dict[str, Any]) -> None:
        """Forget everything and start to note what `request` names.

        Raises ValueError for a system call or a function that is not there, OSError for a binary that cannot
        be read.
        """
        chosen = set(wanted_numbers(list(request["syscalls"])).values())
        self.off()
        self._attach(str(request.get("binary") or ""), list(request.get("functions") or ()))
        for nr in range(SYSCALLS_AT_MOST):
            self._shared.wanted[nr] = nr in chosen
        self._shared.settings = Settings(
            cgroup_id=int(request.get("cgroup_id") or 0),
            cgroup_level=int(request.get("cgroup_level") or 0),
            whole_host=int(bool(request.get("whole_host"))),
            tasks=int(bool(request.get("tasks"))),
            fds=int(bool(request.get("fds"))),
        )
        self._times_before = run_times(self._all)
        # Last: a program that finds this set must find all else.
        self._shared.settings.enabled = 1

    def off(self) -> None:
        """Note nothing more and forget what was noted."""
        self._shared.settings.enabled = 0
        self._user_probes.detach()
        self._enclosing.detach()
        self._binary, self._functions = "", {}
        self._forget()

    @property
    def functions(self) -> dict[str, int]:
        """Symbol -> its offset in the binary, of the functions that are noted, in their numbers' order."""
        return self._functions

    def _attach(self, binary: str, symbols: list[str]) -> None:
        if not symbols:
            return
        found = elf_symbols.offsets(binary, symbols)
        missing = [symbol for symbol in symbols if symbol not in found]
        if missing:
            raise ValueError(f"{binary} has no function {missing[0]}")
        self._binary, self._functions = binary, {symbol: found[symbol] for symbol in symbols}
        self._user_probes.attach(binary, self._numbered())

    def enclose(self) -> None:
        """Note the same functions a second time, from now on: what was attached in between lies in between.

        Raises OSError.
        """
        marked = {offset: number | SECOND for offset, number in self._numbered().items()}
        self._enclosing.attach(self._binary, marked)

    def _numbered(self) -> dict[int, int]:
        """Offset -> number. Two names of one place are one probe; it answers to the first of them."""
        return {offset: number for number, offset in reversed([*enumerate(self._functions.values())])}

    def read(self) -> tuple[list[dict[str, Any]], list[bytes]]:
        """Stop noting; for each mechanism its losses, its ring's bytes, and the calls that have not ended."""
        self._shared.settings.enabled = 0
        # A program that saw `enabled` a moment ago may still be writing on the other CPU.
        time.sleep(0.01)
        heads: list[dict[str, Any]] = []
        parts: list[bytes] = []
        for index, name in enumerate(MECHANISMS):
            ended = self._rings[name].take()
            begun = self._take_started(name)
            lost = int(self._shared.lost[index])
            heads.append({"mechanism": name, "ended": len(ended), "begun": len(begun), "lost": lost})
            parts += [ended, begun]
        self._forget()
        return heads, parts

    def cost(self) -> dict[str, dict[str, int]]:
        """What the kernel says about each program that ran since `on`: {run_ns, runs}, by its name."""
        now = run_times(self._all)
        since = {
            name: (run_ns - self._times_before[name][0], runs - self._times_before[name][1])
            for name, (run_ns, runs) in now.items()
        }
        return {name: {"run_ns": run_ns, "runs": runs} for name, (run_ns, runs) in since.items() if runs}

    def moved(self) -> list[int]:
        """Calls of the target that returned data so far, per mechanism."""
        return [int(count) for count in self._shared.moved_data]

    def _take_started(self, name: str) -> bytes:
        return entries(self._started[name], 4, RECORD_BYTES, CALLS_AT_ONCE, take=True)[1]

    def _forget(self) -> None:
        for index, name in enumerate(MECHANISMS):
            self._rings[name].empty()
            self._take_started(name)
            self._shared.lost[index] = self._shared.moved_data[index] = 0
