"""Translates what BCC, clang, the verifier and Python wrote when a tracer did not load."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Complaint:
    """What is wrong, in the learner's words."""

    cause: str
    message: str
    """The learner's own line (file:line and its text), and what is wrong with it."""
    hint: str
    said: str = ""
    """What was really written: the line that was recognised."""


def translate(stderr: str) -> Complaint | None:
    """The complaint in this output; None when nothing is recognised."""
    return None
