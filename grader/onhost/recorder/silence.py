"""How long something that works has not moved."""

from __future__ import annotations

SILENCE_S = 60.0
"""So long a service may use no CPU time and say nothing: after that it is stuck."""


class Silence:
    """Begins with the first look."""

    def __init__(self) -> None:
        self._signs: tuple[object, ...] | None = None
        self._moved_s = 0.0

    def after(self, now_s: float, *signs: object) -> float:
        """Seconds since any of the signs last differed from the look before; 0 when one does now."""
        if signs != self._signs:
            self._signs, self._moved_s = signs, now_s
        return now_s - self._moved_s
