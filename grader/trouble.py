"""What went wrong on our side in a run, and whether another run may do better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.onhost.contract.kind_of_failure import Kind

__all__ = ["Kind", "Trouble", "together"]


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
