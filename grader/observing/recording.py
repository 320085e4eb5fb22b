"""What the recorders wrote in the kernel, as `Recording`s."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from ctypes import sizeof

from grader.observation import FunctionCall, RecordedCall, RecordedTask, Recording
from grader.onhost.contract.record import FdKind, Mechanism, Record, RecordKind
from grader.onhost.contract.recording_file import Noted, unpacked
from grader.onhost.contract.syscall_numbers import numbers

HEADER = struct.Struct("=II")
"""In front of every record in a kernel ring buffer: length and flags, an offset that means nothing here."""
BUSY, DISCARDED = 1 << 31, 1 << 30

TASKS = {kind: kind.name.lower() for kind in (RecordKind.FORK, RecordKind.EXEC, RecordKind.TRACERS_EXEC)}
FD_KINDS = {kind: kind.name.lower() for kind in FdKind} | {FdKind.NOT_ASKED: ""}
MECHANISMS = {Mechanism.RAW: "raw_tracepoint", Mechanism.FENTRY: "fentry"}


def decode(content: bytes, machine: str = "x86_64") -> tuple[Recording, ...]:
    """The recordings in what `recorder_read` left in its file. `machine` is the lab host's `uname -m`.

    Raises ValueError for anything else.
    """
    names = {number: name for name, number in numbers(machine).items()}
    noted, offsets = unpacked(content)
    return tuple(_recording(one, names, offsets) for one in noted)


def _recording(noted: Noted, names: dict[int, str], offsets: Mapping[str, int]) -> Recording:
    records = [*_framed(noted.ended), *_in_a_row(noted.begun)]
    symbols = list(offsets)
    functions = [_function(record, symbols) for record in records if record.kind == RecordKind.FUNCTION]
    return Recording(
        mechanism=MECHANISMS[noted.mechanism],
        calls=tuple(_call(record, names) for record in records if record.kind == RecordKind.CALL),
        tasks=tuple(_task(record) for record in records if record.kind in TASKS),
        functions=tuple(sorted(functions, key=lambda call: call.at_ns)),
        offsets=offsets,
        lost=noted.lost,
    )


def _call(record: Record, names: dict[int, str]) -> RecordedCall:
    syscall, fd = names[record.nr], record.fd
    return RecordedCall(
        syscall=syscall,
        entry_ns=record.entry_ns,
        exit_ns=record.exit_ns,
        ret=record.ret,
        # A descriptor is an int: what stands in the register's upper half means nothing.
        fd=fd if syscall == "execve" else (fd & 0xFFFFFFFF ^ 0x80000000) - 0x80000000,
        tid=record.tid,
        pid=record.pid,
        comm=_text(record.comm),
        in_target=bool(record.in_target),
        fd_kind=FD_KINDS[record.fd_kind],
        port=record.fd_port,
    )


def _function(record: Record, symbols: list[str]) -> FunctionCall:
    arguments = (record.fd % 2**64, record.ret % 2**64)
    symbol, in_target = symbols[record.nr], bool(record.in_target)
    return FunctionCall(symbol, record.entry_ns, arguments, record.tid, record.pid, in_target)


def _task(record: Record) -> RecordedTask:
    return RecordedTask(TASKS[record.kind], record.entry_ns, record.pid, _text(record.comm))


def _text(comm: bytes) -> str:
    return comm.decode("utf-8", "replace")


def _framed(content: bytes) -> Iterator[Record]:
    """The records of a ring buffer's bytes, without those that never came to be."""
    position = 0
    while position + HEADER.size <= len(content):
        (length, _) = HEADER.unpack_from(content, position)
        size = length & ~(BUSY | DISCARDED)
        if length & BUSY or size < sizeof(Record):
            raise ValueError("a recording with a record that is not whole")
        if not length & DISCARDED:
            yield Record.from_buffer_copy(content, position + HEADER.size)
        position += HEADER.size + (size + 7) // 8 * 8


def _in_a_row(content: bytes) -> Iterator[Record]:
    if len(content) % sizeof(Record):
        raise ValueError("a recording with a call that is not whole")
    for position in range(0, len(content), sizeof(Record)):
        yield Record.from_buffer_copy(content, position)
