"""Something of ours cannot do what it is asked for, however often it is asked."""

from __future__ import annotations


class Broken(RuntimeError):
    """What is wrong, in plain words."""
