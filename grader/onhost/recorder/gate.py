"""Refuses tracers' eBPF programs that would act on other processes, and remembers whose and why."""

from __future__ import annotations

import struct

from ..kernel.bpf_syscall import entries
from .own_programs import OwnPrograms

KIND, TOO_LONG, UNREADABLE, KERNEL_FUNCTION = 1000, 2000, 2001, 2002
"""As in gate.bpf.c; the others are the kernel's numbers of helpers (include/uapi/linux/bpf.h)."""

HELPERS = {
    36: "bpf_probe_write_user",
    58: "bpf_override_return",
    109: "bpf_send_signal",
    117: "bpf_send_signal_thread",
    166: "bpf_sys_bpf",
}
KINDS = {24: "writable raw tracepoint", 26: "return value changer", 29: "security hook", 31: "system call"}

REFUSAL = struct.Struct("=48sI")
"""`struct refusal` of gate.bpf.c."""
REFUSALS_AT_MOST = 1024
COUNT_BYTES = 8


class Gate:
    """Where the kernel has no such hook it is open, and `why_open` says so."""

    def __init__(self, programs: OwnPrograms) -> None:
        self.why_open = programs.gate_open
        self._refused = programs.loaded.map_fd("refused")

    def refused(self) -> list[list[str]]:
        """Pairs of a tracer's service and what its program wanted. Raises OSError."""
        keys, _ = entries(self._refused, REFUSAL.size, COUNT_BYTES, REFUSALS_AT_MOST)
        return [
            [unit.split(b"\0")[0].decode(errors="replace"), words(what)]
            for unit, what in REFUSAL.iter_unpack(keys)
        ]

    def forget(self) -> None:
        """Forget what was refused so far. Raises OSError."""
        entries(self._refused, REFUSAL.size, COUNT_BYTES, REFUSALS_AT_MOST, take=True)


def words(what: int) -> str:
    """What stands behind a number of gate.bpf.c."""
    if what >= TOO_LONG:
        return {
            TOO_LONG: "more than 4,080 instructions",
            UNREADABLE: "instructions that cannot be read",
            KERNEL_FUNCTION: "a function of the kernel that is no helper",
        }[what]
    if what >= KIND:
        kind = what - KIND
        return f"a program of the kind {KINDS.get(kind, f'number {kind}')}"
    return HELPERS.get(what, f"helper number {what}")
