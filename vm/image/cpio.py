"""Writes the kernel's initrd archive format (cpio `newc`), so that building needs no cpio program.

Source of the format: Documentation/driver-api/early-userspace/buffer-format.rst of the kernel.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A regular file (`content` is bytes) or a folder (`content` is None), owned by root."""

    content: bytes | None
    mode: int = 0o644


def archive(entries: Mapping[str, Entry]) -> bytes:
    """The archive of `entries` (path without a leading slash -> entry), padded to 4 bytes, with parents."""
    complete = {**{parent: Entry(None, 0o755) for path in entries for parent in _parents(path)}, **entries}
    parts = [_record(number, path, complete[path]) for number, path in enumerate(sorted(complete), 1)]
    parts.append(_record(0, "TRAILER!!!", Entry(b"", 0)))
    return b"".join(parts)


def _parents(path: str) -> list[str]:
    names = path.split("/")[:-1]
    return ["/".join(names[: depth + 1]) for depth in range(len(names))]


def _record(inode: int, path: str, entry: Entry) -> bytes:
    kind = stat.S_IFDIR if entry.content is None else stat.S_IFREG
    content = entry.content or b""
    name = path.encode() + b"\0"
    mode = kind | entry.mode if inode else 0
    fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _padded(header + name) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
