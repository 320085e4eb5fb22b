"""What keeps the lab from starting, and how the launcher talks."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence


class CannotStart(Exception):
    """What is wrong in plain words, and a command that helps."""

    def __init__(self, message: str, hint: str, exit_code: int = 69) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


def say(text: str) -> None:
    """One line of progress on standard error."""
    sys.stderr.write(f"lab: {text}\n")
    sys.stderr.flush()


def again(words: Sequence[str]) -> str:
    """The command that was given, as a person would type it."""
    return shlex.join(["bin/lab", *words])
