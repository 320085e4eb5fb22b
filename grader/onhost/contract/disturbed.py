"""Something of ours is gone that should not be."""

from __future__ import annotations


class Disturbed(RuntimeError):
    """A process of ours ended in the middle of its work: nothing of ours does that by itself."""
