"""Where functions lie in a binary's file: what the kernel wants to know for a probe in user space."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

SECTION_HEADER = struct.Struct("<IIQQQQIIQQ")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
SYMBOL = struct.Struct("<IBBHQQ")
SYMBOL_TABLES = (2, 11)
"""All symbols, which a stripped file does not have, and those that other files may link."""
LOADED = 1


class _Section(NamedTuple):
    kind: int
    offset: int
    size: int
    link: int


def offsets(path: str, names: Collection[str]) -> dict[str, int]:
    """Symbol -> offset in the file, for those of `names` that its symbol tables have.

    Looks for the names' bytes instead of reading every symbol: a server has tens of thousands, and this runs
    on emulated CPUs. Raises OSError, and ValueError for what is no 64-bit little-endian ELF file.
    """
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is no 64-bit ELF file")
        sections = list(_sections(content))
        found: dict[str, int] = {}
        for table in sections:
            if table.kind in SYMBOL_TABLES:
                for name in set(names) - set(found):
                    address = _address(content, table, sections[table.link], name)
                    if address:
                        found[name] = _in_file(content, address)
        return found


def _sections(content: mmap.mmap) -> Iterator[_Section]:
    (at,) = struct.unpack_from("<Q", content, 40)
    size, number = struct.unpack_from("<HH", content, 58)
    for index in range(number):
        _, kind, _, _, offset, length, link, _, _, _ = SECTION_HEADER.unpack_from(content, at + index * size)
        yield _Section(kind, offset, length, link)


def _address(content: mmap.mmap, table: _Section, names: _Section, name: str) -> int:
    """The symbol's address; 0 when the table does not have it."""
    # A name may be the end of a longer one: linkers store both once.
    for at in _places(content, name.encode() + b"\0", names):
        for place in _places(content, struct.pack("<I", at - names.offset), table):
            # The same four bytes may stand in the middle of another symbol.
            if (place - table.offset) % SYMBOL.size == 0:
                address = int(SYMBOL.unpack_from(content, place)[4])
                if address:
                    return address
    return 0


def _places(content: mmap.mmap, wanted: bytes, section: _Section) -> Iterator[int]:
    """Where these bytes stand in a section."""
    end = section.offset + section.size
    place = content.find(wanted, section.offset, end)
    while place >= 0:
        yield place
        place = content.find(wanted, place + 1, end)


def _in_file(content: mmap.mmap, address: int) -> int:
    """Where the byte at this address lies in the file, by the part of it that is loaded there."""
    (at,) = struct.unpack_from("<Q", content, 32)
    size, number = struct.unpack_from("<HH", content, 54)
    for index in range(number):
        kind, _, offset, start, _, in_file, _, _ = PROGRAM_HEADER.unpack_from(content, at + index * size)
        if kind == LOADED and start <= address < start + in_file:
            return int(address - start + offset)
    raise ValueError(f"address {address:#x} is in no part of the file")
