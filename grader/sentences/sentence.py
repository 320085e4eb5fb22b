"""What is said of one mistake, with places for values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACE = re.compile(r"\{([a-z_]+)\}")
"""`{rows}`, where a value is filled in. Braces around anything else stay: `report({...})`."""


@dataclass(frozen=True)
class Sentence:
    """A message and a hint. Empty: the exercise has the words."""

    cause: str | None = None
    """Stable, for programs; None: the name under which this sentence is found. An empty one is for sentences
    that only say where to look: how the numbers are off is the cause then."""
    message: str = ""
    """What is wrong. Empty where the numbers say it."""
    hint: str = ""
    """Where to look."""

    def in_words_of(self, own: Sentence | None) -> Sentence:
        """The same mistake as an exercise says it; what it leaves out stays."""
        if own is None:
            return self
        cause = self.cause if own.cause is None else own.cause
        return Sentence(cause, own.message or self.message, own.hint or self.hint)

    @property
    def places(self) -> set[str]:
        """Names of the values that it shows."""
        return {name for text in (self.cause or "", self.message, self.hint) for name in PLACE.findall(text)}

    @property
    def says_something(self) -> bool:
        """Whether there are words."""
        return bool(self.message or self.hint)


def shown(text: str, values: Mapping[str, object]) -> str:
    """A text with its values; an ellipsis for one that is not known, as on a page that shows no single
    run.
    """
    return PLACE.sub(lambda place: str(values.get(place[1], "…")), text)
