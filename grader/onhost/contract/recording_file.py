"""The file in which the host leaves a recording: a line of JSON, then each recorder's bytes, compressed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .plain_data import from_plain, to_plain
from .record import Mechanism


@dataclass(frozen=True)
class Noted:
    """By one recorder."""

    mechanism: Mechanism
    ended: bytes
    """Its ring buffer as the kernel wrote it: a `Record` each, behind a header of 8 bytes."""
    begun: bytes = b""
    """Calls that have not ended: one `Record` behind the other."""
    lost: int = 0
    """Records that had no room."""


@dataclass(frozen=True)
class _Length:
    mechanism: Mechanism
    ended_bytes: int
    begun_bytes: int
    lost: int


@dataclass(frozen=True)
class _Head:
    noted: tuple[_Length, ...]
    functions: Mapping[str, int]


def parts(noted: Sequence[Noted], functions: Mapping[str, int]) -> list[bytes]:
    """What is in the file, in pieces. `functions`: symbol -> its offset, in the order of their numbers."""
    lengths = tuple(_Length(one.mechanism, len(one.ended), len(one.begun), one.lost) for one in noted)
    head = json.dumps(to_plain(_Head(lengths, functions))).encode() + b"\n"
    return [head, *(part for one in noted for part in (one.ended, one.begun))]


def packed(content: bytes) -> bytes:
    """As it lies in the file."""
    # The fastest level: the bytes go over an emulated network at 5 MB/s.
    return zlib.compress(content, 1)


def unpacked(file: bytes) -> tuple[list[Noted], Mapping[str, int]]:
    """What `parts` was given. Raises ValueError for anything else."""
    try:
        line, _, content = zlib.decompress(file).partition(b"\n")
    except zlib.error as error:
        raise ValueError(f"a recording that was cut: {error}") from None
    head = from_plain(_Head, json.loads(line), "the recording")
    noted = []
    for one in head.noted:
        ended, content = content[: one.ended_bytes], content[one.ended_bytes :]
        begun, content = content[: one.begun_bytes], content[one.begun_bytes :]
        noted.append(Noted(one.mechanism, ended, begun, one.lost))
    return noted, head.functions
