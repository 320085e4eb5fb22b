"""What the recorders wrote in the kernel, as `Recording`s. The layout is record.bpf.h's `struct record`."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from grader.observation import FunctionCall, RecordedCall, RecordedTask, Recording
from grader.onhost.contract.syscall_numbers import numbers

RECORD = struct.Struct("=QQqqII16sHBBBxH")
HEADER = struct.Struct("=II")
"""In front of every record in a kernel ring buffer: length and flags, an offset that means nothing here."""
BUSY, DISCARDED = 1 << 31, 1 << 30
KIND_CALL, KIND_FORK, KIND_EXEC, KIND_FUNCTION, KIND_TRACERS_EXEC = 0, 1, 2, 3, 4
TASKS = {KIND_FORK: "fork", KIND_EXEC: "exec", KIND_TRACERS_EXEC: "tracers_exec"}
FD_KINDS = ("", "other", "inet", "unix", "pipe", "eventfd")
"""By the number that descriptors.bpf.h gives them."""

MECHANISM_NAMES = {"raw": "raw_tracepoint", "fentry": "fentry"}


def decode(content: bytes, machine: str = "x86_64") -> tuple[Recording, ...]:
    """The recordings in what `recorder_read` left in its file. `machine` is the lab host's `uname -m`.

    Raises ValueError for anything else.
    """
    try:
        head, _, rest = zlib.decompress(content).partition(b"\n")
    except zlib.error as error:
        raise ValueError(f"a recording that was cut: {error}") from None
    names = {number: name for name, number in numbers(machine).items()}
    found = []
    told = json.loads(head)
    for mechanism in told["mechanisms"]:
        ended, begun = rest[: mechanism["ended"]], rest[mechanism["ended"] :][: mechanism["begun"]]
        rest = rest[mechanism["ended"] + mechanism["begun"] :]
        begun_calls = list(RECORD.iter_unpack(begun))
        found.append(_recording(mechanism, list(_framed(ended)), begun_calls, names, told["functions"]))
    return tuple(found)


def _recording(
    mechanism: dict[str, Any],
    ended: list[Any],
    begun: list[Any],
    names: dict[int, str],
    offsets: dict[str, int],
) -> Recording:
    records = ended + begun
    symbols = list(offsets)
    functions = [_function(record, symbols) for record in records if record[8] == KIND_FUNCTION]
    return Recording(
        mechanism=MECHANISM_NAMES[mechanism["mechanism"]],
        calls=tuple(_call(record, names) for record in records if record[8] == KIND_CALL),
        tasks=tuple(_task(record) for record in records if record[8] in TASKS),
        functions=tuple(sorted(functions, key=lambda call: call.at_ns)),
        offsets=offsets,
        lost=int(mechanism["lost"]),
    )


def _call(record: Any, names: dict[int, str]) -> RecordedCall:
    entry_ns, exit_ns, ret, fd, tid, pid, comm, nr, _kind, in_target, fd_kind, port = record
    return RecordedCall(
        syscall=names[nr],
        entry_ns=entry_ns,
        exit_ns=exit_ns,
        ret=ret,
        # A descriptor is an int: what stands in the register's upper half means nothing.
        fd=fd if names[nr] == "execve" else (fd & 0xFFFFFFFF ^ 0x80000000) - 0x80000000,
        tid=tid,
        pid=pid,
        comm=_text(comm),
        in_target=bool(in_target),
        fd_kind=FD_KINDS[fd_kind],
        port=port,
    )


def _function(record: Any, symbols: list[str]) -> FunctionCall:
    at_ns, _, second, first, tid, pid, _comm, number, _kind, in_target, _fd_kind, _port = record
    arguments = (first % 2**64, second % 2**64)
    return FunctionCall(symbols[number], at_ns, arguments, tid, pid, bool(in_target))


def _task(record: Any) -> RecordedTask:
    return RecordedTask(kind=TASKS[record[8]], at_ns=record[0], pid=record[5], comm=_text(record[6]))


def _text(comm: bytes) -> str:
    return comm.split(b"\0", 1)[0].decode("utf-8", "replace")


def _framed(content: bytes) -> Iterator[tuple[Any, ...]]:
    """The records of a ring buffer's bytes, without those that never came to be."""
    position = 0
    while position + HEADER.size <= len(content):
        (length, _) = HEADER.unpack_from(content, position)
        size = length & ~(BUSY | DISCARDED)
        if length & BUSY or size < RECORD.size:
            raise ValueError("a recording with a record that is not whole")
        if not length & DISCARDED:
            yield RECORD.unpack_from(content, position + HEADER.size)
        position += HEADER.size + (size + 7) // 8 * 8
