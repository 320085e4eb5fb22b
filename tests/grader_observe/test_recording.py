"""From the bytes of a kernel ring buffer to recordings."""

from __future__ import annotations

from typing import Any

import pytest

from grader.observing.recording import BUSY, DISCARDED, HEADER, decode
from grader.onhost.contract.record import FdKind, Mechanism, Record, RecordKind
from grader.onhost.contract.recording_file import Noted, packed, parts
from grader.onhost.contract.syscall_numbers import AARCH64, X86_64


def record(**fields: Any) -> bytes:
    usual: dict[str, Any] = {"entry_ns": 5, "exit_ns": 9, "ret": 100, "fd": 7, "tid": 12, "pid": 11}
    usual |= {"comm": b"server\0junk", "nr": X86_64["readv"], "in_target": 1, "fd_port": 8000}
    return bytes(Record(**usual | fields))


def framed(content: bytes, flags: int = 0) -> bytes:
    return HEADER.pack(len(content) | flags, 0) + content


def file_of(
    raw: bytes = b"", begun: bytes = b"", lost: int = 0, functions: dict[str, int] | None = None
) -> bytes:
    noted = [Noted(Mechanism.RAW, raw, begun, lost), Noted(Mechanism.FENTRY, b"")]
    return packed(b"".join(parts(noted, functions or {})))


def test_ended_and_begun_calls_are_told_with_their_callers() -> None:
    raw, fentry = decode(file_of(framed(record()), record(exit_ns=0), lost=3))
    assert (raw.mechanism, fentry.mechanism) == ("raw_tracepoint", "fentry")
    assert (raw.lost, len(fentry.calls)) == (3, 0)
    ended, begun = raw.calls
    assert (ended.syscall, ended.comm, ended.tid, ended.pid, ended.fd) == ("readv", "server", 12, 11, 7)
    assert (ended.ret, ended.duration_ns, ended.in_target) == (100, 4, True)
    assert begun.exit_ns == 0


def test_forks_and_program_starts_are_tasks_and_no_calls() -> None:
    raw, _ = decode(
        file_of(
            framed(record(kind=RecordKind.FORK))
            + framed(record(kind=RecordKind.EXEC))
            + framed(record(kind=RecordKind.TRACERS_EXEC))
        )
    )
    assert raw.calls == ()
    assert [(one.kind, one.at_ns, one.comm) for one in raw.tasks] == [
        ("fork", 5, "server"),
        ("exec", 5, "server"),
        ("tracers_exec", 5, "server"),
    ]


def test_functions_are_told_by_their_symbols_with_unsigned_arguments_in_the_order_of_time() -> None:
    later, earlier = (
        record(nr=1, kind=RecordKind.FUNCTION, entry_ns=9, fd=-2),
        record(nr=0, kind=RecordKind.FUNCTION, entry_ns=5, fd=3),
    )
    raw, _ = decode(file_of(framed(later) + framed(earlier), functions={"make": 64, "use": 128}))
    assert (raw.calls, raw.tasks, raw.offsets) == ((), (), {"make": 64, "use": 128})
    assert [(one.symbol, one.at_ns, one.arguments) for one in raw.functions] == [
        ("make", 5, (3, 100)),
        ("use", 9, (2**64 - 2, 100)),
    ]


def test_a_descriptor_is_a_signed_int_whatever_the_upper_half_of_the_register() -> None:
    raw, _ = decode(file_of(framed(record(fd=0xFFFFFFFF)) + framed(record(fd=(3 << 32) | 8))))
    assert [one.fd for one in raw.calls] == [-1, 8]


def test_what_a_descriptor_stands_for_is_told_with_its_port() -> None:
    raw, _ = decode(
        file_of(
            framed(record()) + framed(record(fd_kind=FdKind.INET)) + framed(record(fd_kind=FdKind.EVENTFD))
        )
    )
    assert [(one.fd_kind, one.port) for one in raw.calls] == [("", 8000), ("inet", 8000), ("eventfd", 8000)]


def test_records_that_never_came_to_be_are_skipped_and_half_ones_refused() -> None:
    raw, _ = decode(file_of(framed(record(), DISCARDED) + framed(record())))
    assert len(raw.calls) == 1
    with pytest.raises(ValueError, match="not whole"):
        decode(file_of(framed(record(), BUSY)))
    with pytest.raises(ValueError, match="not whole"):
        decode(file_of(begun=record()[:-8]))
    with pytest.raises(ValueError, match="cut"):
        decode(file_of(framed(record()))[:-8])


def test_numbers_are_those_of_the_hosts_cpu() -> None:
    raw, _ = decode(file_of(framed(record(nr=AARCH64["readv"]))), machine="aarch64")
    assert raw.calls[0].syscall == "readv"
