"""Refuses tracers' eBPF programs that would act on other processes, and remembers whose and why."""

from __future__ import annotations

import ctypes

from ..kernel.bpf_syscall import entries
from .noted_refusal import KIND, REFUSALS_AT_MOST, Beyond, NotedRefusal
from .own_programs import OwnPrograms
from .questions import Refusal

HELPERS = {
    36: "bpf_probe_write_user",
    58: "bpf_override_return",
    109: "bpf_send_signal",
    117: "bpf_send_signal_thread",
    166: "bpf_sys_bpf",
}
KINDS = {24: "writable raw tracepoint", 26: "return value changer", 29: "security hook", 31: "system call"}

COUNT_BYTES = 8


class Gate:
    """Where the kernel has no such hook it is open, and `why_open` says so."""

    def __init__(self, programs: OwnPrograms) -> None:
        self.why_open = programs.gate_open
        self._refused = programs.loaded.map_fd("refused")

    def refused(self) -> tuple[Refusal, ...]:
        """What programs of tracers wanted. Raises OSError."""
        keys, _ = entries(self._refused, ctypes.sizeof(NotedRefusal), COUNT_BYTES, REFUSALS_AT_MOST)
        return refusals(keys)

    def forget(self) -> None:
        """Forget what was refused so far. Raises OSError."""
        entries(self._refused, ctypes.sizeof(NotedRefusal), COUNT_BYTES, REFUSALS_AT_MOST, take=True)


def refusals(noted: bytes) -> tuple[Refusal, ...]:
    """What stands in a row of `NotedRefusal`s."""
    number = len(noted) // ctypes.sizeof(NotedRefusal)
    return tuple(
        Refusal(one.unit.decode(errors="replace"), words(one.what))
        for one in (NotedRefusal * number).from_buffer_copy(noted)
    )


def words(what: int) -> str:
    """What stands behind the number in a `NotedRefusal`."""
    if what >= min(Beyond):
        return {
            Beyond.TOO_LONG: "more than 4,080 instructions",
            Beyond.UNREADABLE: "instructions that cannot be read",
            Beyond.KERNEL_FUNCTION: "a function of the kernel that is no helper",
        }[Beyond(what)]
    if what >= KIND:
        kind = what - KIND
        return f"a program of the kind {KINDS.get(kind, f'number {kind}')}"
    return HELPERS.get(what, f"helper number {what}")
