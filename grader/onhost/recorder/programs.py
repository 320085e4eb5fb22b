"""The two recorders in the kernel: loaded once, switched on and off through memory shared with us."""

from __future__ import annotations

import ctypes
import mmap
import time

from ..contract.record import (
    CALLS_AT_ONCE,
    RING_BYTES,
    SECOND,
    SYSCALLS_AT_MOST,
    Mechanism,
    Record,
    Settings,
    Shared,
)
from ..contract.recorder_orders import ProgramCost, RecorderOn
from ..contract.recording_file import Noted
from ..contract.syscall_numbers import wanted_numbers
from ..kernel.bpf_syscall import entries
from . import elf_symbols
from .own_programs import OwnPrograms
from .ring_buffer import RingBuffer
from .run_times import run_times
from .user_probes import UserProbes


class RecorderPrograms:
    """Steers the recorders' programs, which are loaded and attached, and reads what they noted."""

    def __init__(self, programs: OwnPrograms) -> None:
        loaded = programs.loaded
        self._all = loaded.programs.values()
        self._shared = Shared.from_buffer(mmap.mmap(loaded.map_fd(".bss"), ctypes.sizeof(Shared)))
        self._rings = {
            one: RingBuffer(loaded.map_fd(f"{one.name.lower()}_events"), RING_BYTES) for one in Mechanism
        }
        self._started = {one: loaded.map_fd(f"{one.name.lower()}_started") for one in Mechanism}
        called = loaded.programs["function_called"]
        self._user_probes = UserProbes(called.fd)
        self._enclosing = UserProbes(called.fd)
        self._binary = ""
        self._functions: dict[str, int] = {}
        self._times_before = run_times(self._all)

    def on(self, order: RecorderOn) -> dict[str, int]:
        """Forget everything and start to note what it names; symbol -> offset, of its functions.

        Raises ValueError for a system call or a function that is not there, OSError for a binary that cannot
        be read.
        """
        wish, target = order.recorder, order.target
        chosen = set(wanted_numbers(list(wish.syscalls)).values())
        self.off()
        self._attach(target.binary_path, list(wish.functions))
        for nr in range(SYSCALLS_AT_MOST):
            self._shared.wanted[nr] = nr in chosen
        self._shared.settings = Settings(
            cgroup_id=target.cgroup_id,
            cgroup_level=target.cgroup_level,
            whole_host=wish.whole_host,
            tasks=wish.tasks,
            fds=wish.fds,
        )
        self._times_before = run_times(self._all)
        # Last: a program that finds this set must find all else.
        self._shared.settings.enabled = 1
        return self._functions

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

    def read(self) -> list[Noted]:
        """Stop noting; what each mechanism noted."""
        self._shared.settings.enabled = 0
        # A program that saw `enabled` a moment ago may still be writing on the other CPU.
        time.sleep(0.01)
        noted = [
            Noted(one, self._rings[one].take(), self._take_started(one), int(self._shared.lost[one]))
            for one in Mechanism
        ]
        self._forget()
        return noted

    def cost(self) -> dict[str, ProgramCost]:
        """What the kernel says about each program that ran since `on`, by its name."""
        now = run_times(self._all)
        since = {
            name: ProgramCost(run_ns - self._times_before[name][0], runs - self._times_before[name][1])
            for name, (run_ns, runs) in now.items()
        }
        return {name: cost for name, cost in since.items() if cost.runs}

    def moved(self) -> tuple[int, ...]:
        """Calls of the target that returned data so far, per mechanism."""
        return tuple(int(count) for count in self._shared.moved_data)

    def _take_started(self, mechanism: Mechanism) -> bytes:
        return entries(self._started[mechanism], 4, ctypes.sizeof(Record), CALLS_AT_ONCE, take=True)[1]

    def _forget(self) -> None:
        for one in Mechanism:
            self._rings[one].empty()
            self._take_started(one)
            self._shared.lost[one] = self._shared.moved_data[one] = 0
