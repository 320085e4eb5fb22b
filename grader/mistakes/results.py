"""Which returns a tracer counts: those with data, and what is ordinarily taken for data."""

from __future__ import annotations

from collections.abc import Callable

from grader.observation import RecordedCall

EAGAIN = -11
"""Nothing there yet: the error that a server gets most."""

Returning = Callable[[RecordedCall], bool]


def anything(_call: RecordedCall) -> bool:
    """Every return."""
    return True


def with_data(call: RecordedCall) -> bool:
    """The right ones."""
    return call.ret > 0


def not_zero(call: RecordedCall) -> bool:
    """Errors too."""
    return call.ret != 0


def not_negative(call: RecordedCall) -> bool:
    """Ends too."""
    return call.ret >= 0


def not_zero_or_eagain(call: RecordedCall) -> bool:
    """All errors but one, too."""
    return call.ret not in (0, EAGAIN)


def not_eagain(call: RecordedCall) -> bool:
    """Ends, and all errors but one, too."""
    return call.ret != EAGAIN
