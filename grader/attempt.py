"""The attendee's files as they were at one moment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Attempt:
    """What is started as the tracer: `tracer.py` among `files`. Make it with `Attempt.of`."""

    files: Mapping[str, bytes]
    """Relative path -> content."""
    digest: str
    """Names these files: the first 16 hexadecimal digits of a SHA-256 over names and contents."""

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Self:
        """The attempt with these files (relative path -> content)."""
        digest = hashlib.sha256()
        for name, content in sorted(files.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return cls(dict(files), digest.hexdigest()[:16])

    def texts(self) -> dict[str, str]:
        """The files that are text, as text: an error of loading shows the line it is about."""
        return {
            name: content.decode("utf-8", "replace")
            for name, content in self.files.items()
            if b"\0" not in content
        }
