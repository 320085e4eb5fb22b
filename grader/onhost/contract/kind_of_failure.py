"""What is known about why something of ours failed, and so whether another run may do better."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """A later one outweighs the ones before it."""

    PASSING = "passing"
    """Nothing: the next run may do better. With the same words again, it was no chance."""
    BUSY = "busy"
    """The machine had too little time for it: the next run may do better."""
    BROKEN = "broken"
    """It would be so in every run."""
