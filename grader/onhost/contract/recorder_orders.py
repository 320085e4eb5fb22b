"""Orders to the two recorders, by way of the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .order import Nothing, Order


@dataclass(frozen=True)
class Recorder:
    """What the recorders must note during a run."""

    syscalls: tuple[str, ...]
    """Names as in the kernel's table, e.g. `readv`."""
    whole_host: bool = False
    """Also calls from outside the target (an exercise without a container needs them)."""
    tasks: bool = False
    """Also forks and program starts."""
    functions: tuple[str, ...] = ()
    """Symbols of the target's binary, as in its symbol table: every call of these functions."""
    fds: bool = False
    """Also what each call's descriptor stands for: its kind, and an internet socket's local port."""


@dataclass(frozen=True)
class RecordedTarget:
    """Whose calls are the target's; without fields, nobody's. They are those of `grader.target.Target`."""

    cgroup_id: int = 0
    cgroup_level: int = 0
    cgroup_path: str = ""
    binary_path: str = ""


@dataclass(frozen=True)
class RecorderIsOn:
    """What both recorders do from now on."""

    notes: tuple[str, ...] = ()
    """Why the gate is open, in words; nothing where it refuses what it should."""
    functions: Mapping[str, int] = field(default_factory=dict)
    """Symbol -> where it lies in the target's binary file."""


@dataclass(frozen=True)
class RecorderOn(Order[RecorderIsOn], name="recorder_on"):
    """Forget everything and record this; the trace buffer is emptied too."""

    recorder: Recorder
    target: RecordedTarget = RecordedTarget()


@dataclass(frozen=True)
class RecorderEnclose(Order[Nothing], name="recorder_enclose"):
    """The tracers are attached: functions are noted a second time, in front of them."""


@dataclass(frozen=True)
class ProgramCost:
    """What the kernel counted for one program of ours since the recorder is on."""

    run_ns: int
    runs: int


@dataclass(frozen=True)
class RecordingFile:
    """Where the recording lies on the host; `recording_file.py` says what is in it."""

    path: str
    machine: str
    """The host's `uname -m`: system calls are recorded by their numbers."""
    cost: Mapping[str, ProgramCost] = field(default_factory=dict)
    """By the program's name, those that ran."""


@dataclass(frozen=True)
class RecorderRead(Order[RecordingFile], name="recorder_read"):
    """Stop recording, and have all that was noted in a file."""

    timeout_s: float = field(default=120.0, kw_only=True)


@dataclass(frozen=True)
class RecorderOff(Order[Nothing], name="recorder_off"):
    """Stop recording; harmless when it was not on."""
