"""What a person can cause or mend: every such error is a message and a hint.

LabError             70, the lab could not tell
+-- Unusable         2, the command, or a file of the person's, is not right
+-- Unavailable      69, something that the lab needs is not there, or was lost
"""

from __future__ import annotations

from typing import ClassVar

from vocabulary.exit_codes import BROKEN, UNAVAILABLE, USAGE


class LabError(Exception):
    """What went wrong in plain words (`message`), and a command that helps (`hint`, may be empty)."""

    exit_code: ClassVar[int] = BROKEN

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Unusable(LabError):
    """The command, or a file that it was given, cannot work as it is."""

    exit_code = USAGE


class Unavailable(LabError):
    """Something that the lab needs is not there, or was lost."""

    exit_code = UNAVAILABLE
