"""What keeps the lab from starting, and how the launcher talks."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

from vocabulary.errors import Unavailable
from vocabulary.exit_codes import INTERRUPTED


class CannotStart(Unavailable):
    """Something that the lab needs in order to start is not there."""


class Interrupted(CannotStart):
    """The person stopped it."""

    exit_code = INTERRUPTED


def say(text: str) -> None:
    """One line of progress on standard error."""
    sys.stderr.write(f"lab: {text}\n")
    sys.stderr.flush()


def again(words: Sequence[str]) -> str:
    """The command that was given, as a person would type it."""
    return shlex.join(["bin/lab", *words])
