"""What can go wrong with a lab host, in words for the person at the keyboard.

HostError               anything about a lab host that a person can cause or repair
+-- HostUnavailable     it is not there, or was lost while in use (exit code 69)
|   +-- GuestPanicked   our virtual machine's kernel gave up; another start may well work
+-- HostSetupError      making or installing it failed (exit code 69)
    +-- Stalled         a step of it had stopped moving and was ended
"""

from __future__ import annotations


class HostError(Exception):
    """A failure with what happened (`message`) and a command that helps (`hint`, may be empty)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class HostUnavailable(HostError):
    """The lab host cannot be reached, or went away during use."""


class GuestPanicked(HostUnavailable):
    """The virtual machine's kernel gave up: emulation has rare races that a second start does not meet."""


class HostSetupError(HostError):
    """The lab host could not be built or prepared."""


class Stalled(HostSetupError):
    """A step had stopped moving (no output, no CPU time, nothing written) and was ended."""
