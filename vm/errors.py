"""What can go wrong with a lab host, in words for the person at the keyboard.

HostError               anything about a lab host that a person can cause or repair
+-- HostUnavailable     it is not there, or was lost while in use
|   +-- GuestPanicked   our virtual machine's kernel gave up; another start may well work
+-- HostInUse           another command holds it; it will be free again
+-- HostSetupError      making or installing it failed
    +-- Stalled         a step of it had stopped moving and was ended
"""

from __future__ import annotations

from vocabulary.errors import Unavailable


class HostError(Unavailable):
    """Anything about a lab host that a person can cause or repair."""


class HostUnavailable(HostError):
    """The lab host cannot be reached, or went away during use."""


class GuestPanicked(HostUnavailable):
    """The virtual machine's kernel gave up: emulation has rare races that a second start does not meet."""


class HostInUse(HostError):
    """Another command, or somebody else, holds the lab host."""


class HostSetupError(HostError):
    """The lab host could not be built or prepared."""


class Stalled(HostSetupError):
    """A step had stopped moving (no output, no CPU time, nothing written) and was ended."""
