"""A saved observation: compressed JSON, the recorded calls as columns.

Tens of thousands of calls are the bulk of it. As columns, with names by number and times as differences, a
call takes a few bytes.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from grader.errors import ObservationFileError
from grader.observation import SCHEMA, Observation, RecordedCall
from grader.onhost.contract.plain_data import PlainDataError, from_plain, to_plain

LIMIT_BYTES = 512 * 1024 * 1024
NAMES = ("syscall", "comm")
TIMES = ("entry_ns", "exit_ns")
NUMBERS = ("ret", "fd", "tid", "pid", "in_target")
OF_FD = ("fd_kind", "port")
"""Columns that are there only where the exercise asked what descriptors stand for."""


def save(seen: Observation, path: Path) -> None:
    """Write it, compressed when the name ends in `.gz`. The same observation gives the same bytes."""
    raw = dumps(seen)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")  # an interruption leaves no half of it under its name
    part.write_bytes(gzip.compress(raw, mtime=0) if path.suffix == ".gz" else raw)
    part.replace(path)


def load(path: Path) -> Observation:
    """Read one that `save` wrote. Raises ObservationFileError with what is wrong with it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ObservationFileError(f"cannot read {path}: {error.strerror}", "lab status") from None
    if raw[:2] == b"\x1f\x8b":
        try:
            opened = zlib.decompressobj(wbits=31)
            raw = opened.decompress(raw, LIMIT_BYTES)
        except zlib.error as error:
            raise ObservationFileError(f"{path} is damaged: {error}", "lab check") from None
        if opened.unconsumed_tail or not opened.eof:
            raise ObservationFileError(f"{path} is cut off or too large", "lab check")
    try:
        return loads(raw)
    except ObservationFileError as error:
        raise ObservationFileError(f"{path}: {error.message}", error.hint) from None


def dumps(seen: Observation) -> bytes:
    """The observation as JSON."""
    document = to_plain(without_calls(seen))
    for recording, plain in zip(seen.recordings, document["recordings"], strict=True):
        plain["calls"] = columns(recording.calls)
    return json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def loads(raw: bytes) -> Observation:
    """The observation in this JSON. Raises ObservationFileError."""
    try:
        document = json.loads(raw)
    except ValueError as error:
        raise ObservationFileError(f"no saved observation: {error}", "lab check") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise ObservationFileError(
            f"the observation has schema {schema}, this lab reads schema {SCHEMA}", "lab check"
        )
    try:
        calls = []
        for recording in document["recordings"]:
            calls.append(rows(recording["calls"]))
            recording["calls"] = []
        # In older files a trouble had no kind.
        troubles = document.get("troubles", [])
        document["troubles"] = [{"message": one} if isinstance(one, str) else one for one in troubles]
        return with_calls(from_plain(Observation, document, "observation"), calls)
    except (PlainDataError, KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise ObservationFileError(f"the observation is damaged: {error}", "lab check") from None


def without_calls(seen: Observation) -> Observation:
    """The same, every recording empty of calls."""
    return with_calls(seen, [()] * len(seen.recordings))


def with_calls(seen: Observation, calls: Sequence[Sequence[RecordedCall]]) -> Observation:
    """The same, with these calls in its recordings."""
    recordings = tuple(
        replace(recording, calls=tuple(mine)) for recording, mine in zip(seen.recordings, calls, strict=True)
    )
    return replace(seen, recordings=recordings)


def columns(calls: Sequence[RecordedCall]) -> dict[str, Any]:
    """One list per field of the calls."""
    table: dict[str, Any] = {}
    for field in NAMES:
        table[field] = by_number([getattr(call, field) for call in calls])
    starts = [call.entry_ns for call in calls]
    table["entry_ns"] = [now - before for now, before in zip(starts, [0, *starts], strict=False)]
    table["exit_ns"] = [call.exit_ns - call.entry_ns for call in calls]
    for field in NUMBERS:
        table[field] = [int(getattr(call, field)) for call in calls]
    if any(call.fd_kind or call.port for call in calls):
        table["fd_kind"] = by_number([call.fd_kind for call in calls])
        table["port"] = [call.port for call in calls]
    return table


def by_number(values: Sequence[str]) -> dict[str, Any]:
    """The different texts, and for each value which of them it is."""
    number = {word: index for index, word in enumerate(dict.fromkeys(values))}
    return {"words": list(number), "numbers": [number[value] for value in values]}


def rows(table: Mapping[str, Any]) -> list[RecordedCall]:
    """The calls in these columns. Raises ValueError when the columns do not fit together."""
    if set(table) - set(OF_FD) != {*NAMES, *TIMES, *NUMBERS} or len(set(table) & set(OF_FD)) == 1:
        raise ValueError("the recorded calls have other columns")
    whole = checked(int)
    syscalls, comms = (words(table[field]) for field in NAMES)
    starts = list(accumulate(map(whole, table["entry_ns"])))
    ret, fd, tid, pid, in_target = (list(map(whole, table[field])) for field in NUMBERS)
    lengths = list(map(whole, table["exit_ns"]))
    kinds = words(table["fd_kind"]) if "fd_kind" in table else [""] * len(starts)
    ports = list(map(whole, table.get("port", [0] * len(starts))))
    columns_of_calls = (syscalls, starts, lengths, ret, fd, tid, pid, comms, in_target, kinds, ports)
    return [
        RecordedCall(syscall, at, at + length, result, first, thread, process, comm, flag == 1, kind, port)
        for syscall, at, length, result, first, thread, process, comm, flag, kind, port in zip(
            *columns_of_calls, strict=True
        )
    ]


def words(column: Mapping[str, Any]) -> list[str]:
    """The texts of a column that is kept by number. Raises IndexError for a number that is none of them."""
    known = list(map(checked(str), column["words"]))
    numbers = list(map(checked(int), column["numbers"]))
    if numbers and min(numbers) < 0:
        raise IndexError("a negative number among the names")
    return [known[number] for number in numbers]


def checked(kind: type) -> Callable[[Any], Any]:
    """A function that returns its argument when it is of this type."""

    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"a {type(value).__name__} among the recorded calls")
        return value

    return check
