"""What `lab` ends with, and `bin/lab` before it."""

from __future__ import annotations

PASSED = 0
FAILED = 1
USAGE = 2
"""The command was used in a way that cannot work."""
UNAVAILABLE = 69
"""Something that the lab needs is not there, or was lost: a host, a program, a network, room on a disk."""
BROKEN = 70
"""The lab could not tell."""
INTERRUPTED = 130
