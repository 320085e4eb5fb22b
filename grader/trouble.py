"""What went wrong on our side in a run, and whether another run may do better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is known about why. A later one outweighs the ones before it."""

    PASSING = "passing"
    """Nothing: the next run may do better. With the same words again, it was no chance."""
    BUSY = "busy"
    """The machine had too little time for it: the next run may do better."""
    BROKEN = "broken"
    """It would be so in every run."""


@dataclass(frozen=True)
class Trouble:
    """Never the attendee's fault. Any of them makes a run's evidence invalid."""

    message: str
    kind: Kind = Kind.PASSING


def together(troubles: Sequence[Trouble]) -> Trouble | None:
    """All of them as one, of the kind that outweighs the others'; None for none."""
    if not troubles:
        return None
    kinds = list(Kind)
    worst = max((one.kind for one in troubles), key=kinds.index)
    return Trouble("; ".join(one.message for one in troubles), worst)
