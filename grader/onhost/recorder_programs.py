"""The two recorders in the kernel: loaded once, switched on and off through a map."""

from __future__ import annotations

import ctypes
import platform
import time
from pathlib import Path
from typing import Any

from bcc import BPF  # type: ignore[import-not-found]  # the lab host's, not in this environment

from . import elf_symbols
from .ring_buffer import RingBuffer
from .syscall_numbers import FUNCTION_PREFIXES, numbers, wanted_numbers
from .user_probes import BPF_TRACE_UPROBE_MULTI, UserProbes

SOURCES = tuple(Path(__file__).with_name(f"{name}.bcc.c") for name in ("in_jail", "recorder"))
RING_BYTES = 4096 * 4096
MECHANISMS = ("raw", "fentry")
SECOND = 0x8000
"""In the cookies of the link that was attached when the tracers were; as in recorder.bcc.c."""


class Settings(ctypes.Structure):
    """`struct settings` of recorder.bcc.c."""

    _fields_ = (
        ("cgroup_id", ctypes.c_uint64),
        ("cgroup_level", ctypes.c_int32),
        ("enabled", ctypes.c_uint8),
        ("whole_host", ctypes.c_uint8),
        ("tasks", ctypes.c_uint8),
        ("fds", ctypes.c_uint8),
    )


class RecorderPrograms:
    """Compiles, loads and attaches everything when made: that takes seconds, many of them when emulated."""

    def __init__(self) -> None:
        machine = platform.machine()
        flags = [f"-DNR_{name}={number}" for name, number in numbers(machine).items()]
        # BCC attaches a function by its name: kfunc__vmlinux__X at X's entry, kretfunc__... at its return.
        function = FUNCTION_PREFIXES[machine]
        flags.append(f"-DENTERED(name)=kfunc__vmlinux__{function}##name")
        flags.append(f"-DRETURNED(name)=kretfunc__vmlinux__{function}##name")
        if machine == "x86_64":
            flags.append("-DLAB_X86_64")
        text = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
        self._bpf: Any = BPF(text=text, cflags=flags)
        self._rings = {
            name: RingBuffer(self._bpf[f"{name}_events"].map_fd, RING_BYTES) for name in MECHANISMS
        }
        self._wanted: list[int] = []
        called = self._bpf.load_func("function_called", BPF.KPROBE, attach_type=BPF_TRACE_UPROBE_MULTI)
        self._user_probes = UserProbes(called.fd)
        self._enclosing = UserProbes(called.fd)
        self._binary = ""
        self._functions: dict[str, int] = {}

    def on(self, request: dict[str, Any]) -> None:
        """Forget everything and start to note what `request` names.

        Raises ValueError for a system call or a function that is not there, OSError for a binary that cannot
        be read.
        """
        chosen = sorted(wanted_numbers(list(request["syscalls"])).values())
        self.off()
        for nr in self._wanted:
            self._bpf["wanted"][ctypes.c_int(nr)] = ctypes.c_uint8(0)
        self._attach(str(request.get("binary") or ""), list(request.get("functions") or ()))
        for nr in chosen:
            self._bpf["wanted"][ctypes.c_int(nr)] = ctypes.c_uint8(1)
        self._wanted = chosen
        self._switch(
            Settings(
                cgroup_id=int(request.get("cgroup_id") or 0),
                cgroup_level=int(request.get("cgroup_level") or 0),
                enabled=1,
                whole_host=int(bool(request.get("whole_host"))),
                tasks=int(bool(request.get("tasks"))),
                fds=int(bool(request.get("fds"))),
            )
        )

    def off(self) -> None:
        """Note nothing more and forget what was noted."""
        self._switch(Settings())
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
        self._switch(Settings())
        # A program that saw `enabled` a moment ago may still be writing on the other CPU.
        time.sleep(0.01)
        heads: list[dict[str, Any]] = []
        parts: list[bytes] = []
        for index, name in enumerate(MECHANISMS):
            ended = self._rings[name].take()
            begun = b"".join(bytes(value) for value in self._bpf[f"{name}_started"].values())
            lost = int(self._bpf["lost"][ctypes.c_int(index)].value)
            heads.append({"mechanism": name, "ended": len(ended), "begun": len(begun), "lost": lost})
            parts += [ended, begun]
        self._forget()
        return heads, parts

    def moved(self) -> list[int]:
        """Calls of the target that returned data so far, per mechanism."""
        return [int(self._bpf["moved_data"][ctypes.c_int(index)].value) for index in range(2)]

    def _switch(self, settings: Settings) -> None:
        table = self._bpf["settings"]
        table[ctypes.c_int(0)] = table.Leaf.from_buffer_copy(bytes(settings))

    def _forget(self) -> None:
        for index, name in enumerate(MECHANISMS):
            self._rings[name].empty()
            self._bpf[f"{name}_started"].clear()
            for table in ("lost", "moved_data"):
                self._bpf[table][ctypes.c_int(index)] = ctypes.c_uint64(0)
