"""The kind of jail in which a tracer runs: all that must be known before there is an attempt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a tracer may use up."""

    memory_bytes: int = 1024**3
    tasks: int = 64


@dataclass(frozen=True)
class JailKind:
    """A jail that was started ahead takes an attempt of the same kind."""

    limits: Limits = Limits()
    readable: tuple[str, ...] = ()
    """Paths below the emptied folders that stay visible, read-only (the target's binary), or SOURCE:PLACE
    where they are to lie elsewhere in the jail."""
    needs: tuple[str, ...] = ()
    """Keys of `NEEDS` in jail/options.py."""
    ahead: tuple[str, ...] = ()
    """Python modules that are imported before the attempt is there."""
