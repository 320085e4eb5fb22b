"""Why the recorder cannot work on this host, however often it is started."""

from __future__ import annotations


class CannotStart(Exception):
    """What is missing, in plain words, and the command that helps."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message} (what helps: `{hint}`)")
        self.hint = hint
