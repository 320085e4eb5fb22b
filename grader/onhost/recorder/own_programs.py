"""The recorders' and the gate's eBPF programs, from their sources to where they are attached."""

from __future__ import annotations

import errno
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..contract.syscall_numbers import FUNCTION_PREFIXES, numbers
from .cannot_start import CannotStart
from .libbpf import BpfObject, LoadFailed
from .object_file import compiled

GATE = "look_at_program"
ATTACHED_LATER = "uprobe.multi"
"""The section of what user_probes.py attaches."""

TYPES = Path("/sys/kernel/btf/vmlinux")
SYMBOLS = Path("/proc/kallsyms")
SECURITY_MODULES = Path("/sys/kernel/security/lsm")

OTHER_KERNEL = "apt-get install linux-image-cloud-amd64 && reboot"


@dataclass(frozen=True)
class OwnPrograms:
    """Loaded and attached; they stay so while this process lives, and leave nothing behind."""

    loaded: BpfObject
    gate_open: str
    """Why nothing refuses a tracer's programs, nothing when something does."""


def start(kept: Path, step: Callable[[str], None]) -> OwnPrograms:
    """Compile (once, into the folder `kept`), load and attach all; `step` hears what begins.

    Raises CannotStart for what no further try mends, LoadFailed for the rest.
    """
    step("compiling its eBPF programs")
    path = _usable(kept)
    step("loading its eBPF programs")
    opened, gate_open = _load(path)
    for program in opened.programs.values():
        if program.section != ATTACHED_LATER and not (gate_open and program.name == GATE):
            step(f"attaching {program.section}")
            program.attach()
    return OwnPrograms(opened, gate_open)


def _usable(kept: Path) -> Path:
    """The object file, which can be opened: one that was cut when the machine stopped is made once more."""
    path = compiled(kept)
    try:
        _opened(path)
    except LoadFailed:
        path.unlink()
        path = compiled(kept)
    return path


def _load(path: Path) -> tuple[BpfObject, str]:
    """With the gate where that works: a host without one still grades."""
    gate_open = no_gate_here()
    if not gate_open:
        opened = _opened(path)
        try:
            opened.load()
            return opened, ""
        except LoadFailed as error:
            gate_open = f"this kernel cannot refuse a tracer's programs: {error}"
    opened = _opened(path)
    opened.programs[GATE].leave_out()
    try:
        opened.load()
    except LoadFailed as error:
        raise explained(error) from error
    return opened, gate_open


def _opened(path: Path) -> BpfObject:
    try:
        return BpfObject(path)
    except OSError as error:
        raise CannotStart(f"libbpf is not on this machine: {error}", "apt-get install libbpf1") from None


def no_gate_here() -> str:
    """Why this kernel would never ask the gate; nothing when it may."""
    try:
        modules = SECURITY_MODULES.read_text(encoding="utf-8").strip()
    except OSError:
        return ""  # loading it tells
    if "bpf" in modules.split(","):
        return ""
    return f"this kernel cannot refuse a tracer's programs: bpf is not among its security modules ({modules})"


def explained(error: LoadFailed) -> Exception:
    """CannotStart where the kernel lacks something for good, with what helps; else the error itself."""
    release = os.uname().release
    if not TYPES.exists():
        return CannotStart(f"the kernel {release} does not tell its types ({TYPES} is missing)", OTHER_KERNEL)
    if error.code in (errno.ESRCH, errno.ENOENT, errno.EINVAL) and (missing := _missing_functions()):
        return CannotStart(
            f"the kernel {release} has no function {missing[0]}, which the recorder watches", OTHER_KERNEL
        )
    return error


def _missing_functions() -> list[str]:
    prefix = FUNCTION_PREFIXES[platform.machine()]
    with SYMBOLS.open(encoding="utf-8") as lines:
        there = {line.split()[2] for line in lines if prefix in line}
    return [name for name in (prefix + call for call in numbers()) if name not in there]
