"""Refuses tracers' eBPF programs that would act on other processes, and remembers whose and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bcc import BPF  # type: ignore[import-not-found]  # the lab host's, not in this environment

SOURCES = tuple(Path(__file__).with_name(f"{name}.bcc.c") for name in ("in_jail", "gate"))

KIND, TOO_LONG, UNREADABLE, KERNEL_FUNCTION = 1000, 2000, 2001, 2002
"""As in gate.bcc.c; the others are the kernel's numbers of helpers (include/uapi/linux/bpf.h)."""

HELPERS = {
    36: "bpf_probe_write_user",
    58: "bpf_override_return",
    109: "bpf_send_signal",
    117: "bpf_send_signal_thread",
    166: "bpf_sys_bpf",
}
KINDS = {24: "writable raw tracepoint", 26: "return value changer", 29: "security hook", 31: "system call"}


class Gate:
    """Loaded and attached when made. Where the kernel has no such hook it is open, and `why_open` says so."""

    def __init__(self) -> None:
        self.why_open = ""
        try:
            text = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
            self._bpf: Any = BPF(text=text)
        except Exception as error:  # BCC raises bare ones; a host without a gate still grades
            self.why_open = f"this kernel cannot refuse a tracer's programs: {error}"
            print(f"gate: {self.why_open}", flush=True)

    def refused(self) -> list[list[str]]:
        """Pairs of a tracer's service and what its program wanted."""
        if self.why_open:
            return []
        return [[key.unit.decode("utf-8", "replace"), words(int(key.what))] for key in self._bpf["refused"]]

    def forget(self) -> None:
        """Forget what was refused so far."""
        if not self.why_open:
            self._bpf["refused"].clear()


def words(what: int) -> str:
    """What stands behind a number of gate.bcc.c."""
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
