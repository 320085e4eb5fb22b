"""A command that has ended on a lab host."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Completed:
    """Exit code (128 + signal when one ended it) and what it wrote, as UTF-8 with bad bytes replaced."""

    exit_code: int
    stdout: str
    stderr: str
