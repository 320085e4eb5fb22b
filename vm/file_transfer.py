"""Files as one tar archive on one command's standard input."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Mapping
from pathlib import PurePosixPath

# Unpacked beside the folder first, then moved: a lost connection leaves no half-written file in it.
UNPACK = (
    'set -e; mkdir -p "$1"; new=$(mktemp -d "$1/.new-XXXXXX"); trap \'rm -rf "$new"\' EXIT; '
    'tar -x -C "$new" --no-same-owner; cp -a "$new/." "$1/"'
)


def unpack_command(folder: str) -> list[str]:
    """The command that reads a tar archive from standard input and puts its files below `folder`."""
    return ["sh", "-c", UNPACK, "sh", folder]


def tar_of(files: Mapping[str, bytes]) -> bytes:
    """An archive of `files` (relative path -> content), mode 0644. Raises ValueError on other paths."""
    buffer = io.BytesIO()
    now = int(time.time())
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                raise ValueError(f"not a path below the folder: {name!r}")
            entry = tarfile.TarInfo(str(path))
            entry.size = len(content)
            entry.mode = 0o644
            # Python tells a stale .pyc by the time of the source.
            entry.mtime = now
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
