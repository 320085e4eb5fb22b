"""The lines between lab side and session: one JSON object each, its only key says which message it is.

Orders may overlap: what is said about an order carries its number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .kind_of_failure import Kind
from .plain_data import from_plain, to_plain


@dataclass(frozen=True)
class Asked:
    """From the lab side: an order. The others come from the host."""

    id: int
    order: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Working:
    """No answer: the order still gets on, and whoever waits for it begins to wait anew."""

    id: int


@dataclass(frozen=True)
class Done:
    """The order was carried out."""

    id: int
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class Failed:
    """It was not."""

    id: int
    error: str
    disturbed: bool = False
    """A process of ours ended in the middle of its work: see `disturbed.py`."""
    kind: Kind = Kind.PASSING


@dataclass(frozen=True)
class TracerLine:
    """Belongs to no order: a tracer that was started with `stream` has printed a line."""

    tracer: str
    line: str


Message = Asked | Working | Done | Failed | TracerLine

KINDS: dict[str, type[Message]] = {
    "asked": Asked,
    "working": Working,
    "done": Done,
    "failed": Failed,
    "tracer_line": TracerLine,
}
KEYS = {kind: key for key, kind in KINDS.items()}


def to_line(message: Message) -> str:
    """One line, without its end."""
    return json.dumps({KEYS[type(message)]: to_plain(message)})


def from_line(line: str) -> Message:
    """The message in a line. Raises ValueError for anything else, such as a login shell's greeting."""
    told = json.loads(line)
    if not isinstance(told, dict) or len(told) != 1 or not told.keys() <= KINDS.keys():
        raise ValueError(f"no message: {line[:200]}")
    ((key, fields),) = told.items()
    return from_plain(KINDS[key], fields, key)
