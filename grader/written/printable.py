"""What a tracer printed, made safe for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The same text, with a replacement character for all that could clear, colour or move on a screen."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
