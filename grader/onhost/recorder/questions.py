"""What the session asks the resident recorder beside the lab side's orders, which it passes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..contract.kind_of_failure import Kind
from ..contract.order import Order
from ..contract.recorder_orders import ProgramCost


@dataclass(frozen=True)
class Moved:
    """Calls of the target that returned data so far, by mechanism."""

    calls: tuple[int, ...]


@dataclass(frozen=True)
class AskMoved(Order[Moved], name="moved"):
    """Whether the traffic is over is seen by this."""


@dataclass(frozen=True)
class Refusal:
    """A tracer's service, and what a program of it wanted."""

    unit: str
    what: str


@dataclass(frozen=True)
class Refused:
    """All that the gate refused since the recorder is on."""

    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class AskRefused(Order[Refused], name="refused"):
    """Whose programs were refused."""


@dataclass(frozen=True)
class Cost:
    """By the program's name, those that ran since the recorder is on."""

    cost: Mapping[str, ProgramCost]


@dataclass(frozen=True)
class Read(Order[Cost], name="read"):
    """Stop recording. Behind the reply comes what was noted (`recording_file.parts`)."""


@dataclass(frozen=True)
class Reply:
    """One line; `error` says why there is no answer."""

    instance: str
    """Tells a client that this is still the recorder that it switched on."""
    answer: Any = None
    error: str = ""
    kind: Kind = Kind.PASSING
    """Of the error: whether it would be the same again."""
