"""What one check of the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, slower or untested."""
    BAD = "bad"
    """The lab cannot work like this."""


@dataclass(frozen=True)
class Result:
    """`hint` is a command, or empty where there is nothing to do."""

    name: str
    grade: Grade
    message: str
    hint: str = ""


def ok(name: str, message: str) -> Result:
    """Nothing to do."""
    return Result(name, Grade.OK, message)


def warn(name: str, message: str, hint: str = "") -> Result:
    """Worth knowing."""
    return Result(name, Grade.WARN, message, hint)


def bad(name: str, message: str, hint: str) -> Result:
    """Must be repaired."""
    return Result(name, Grade.BAD, message, hint)
