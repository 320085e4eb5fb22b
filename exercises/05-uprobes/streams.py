"""The server's gRPC streams, as the recorder saw them: what a right report says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.checks.functions import Function
from grader.exercise import Numbers
from grader.mistakes.filters import Whose
from grader.observation import Observation
from grader.truth.counts import Count
from grader.truth.lifetimes import FunctionArgument, Lifetime, Lifetimes, lifetimes

COMPLETES = (
    "_Z49grpc_chttp2_maybe_complete_recv_trailing_metadataP21grpc_chttp2_transportP18grpc_chttp2_stream"
)
MAKES = "_ZN18grpc_chttp2_streamC1EP21grpc_chttp2_transportP20grpc_stream_refcountPKvPN9grpc_core5ArenaE"
MAKES_COLD = MAKES.replace("C1E", "C2E") + ".cold"
FUNCTIONS = (
    Function(COMPLETES, "maybe_complete_recv_trailing_metadata", {COMPLETES + ".cold": "cold_twin"}),
    Function(MAKES, "the stream's constructor", {MAKES_COLD: "cold_twin"}),
)
SYMBOLS = (MAKES, COMPLETES, COMPLETES + ".cold", MAKES_COLD)
LAST_CALL = 3
"""It completes a stream. One that was cancelled has one more, or a dozen where the server had not begun."""


def streams(seen: Observation, *, everywhere: bool = False) -> Lifetimes:
    """The server's streams, as the recorder saw them."""
    made, called = FunctionArgument(MAKES, 0), FunctionArgument(COMPLETES, 1)
    return lifetimes(seen, made, called, everywhere=everywhere)


def numbers_of(found: Lifetimes) -> dict[str, Count]:
    """What a right report says of these streams."""
    return {
        "streams": found.count(),
        "completed": found.count(LAST_CALL, LAST_CALL),
        "cancelled": found.count(LAST_CALL + 1),
        "calls": found.calls(),
    }


def plain(counts: Mapping[str, Count]) -> dict[str, int]:
    """Without the edges."""
    return {name: count.inside for name, count in counts.items()}


def latency_ns(stream: Lifetime) -> int:
    """From the constructor to the call that completes it."""
    return stream.until_ns(LAST_CALL)


def cancelled(stream: Lifetime) -> bool:
    """Whether the client did not wait for the answer."""
    return len(stream.calls) > LAST_CALL


def let_through(whose: Whose) -> Callable[[Observation], Numbers]:
    """For a misconception: the four numbers of a tracer whose filter lets these calls through."""

    def numbers(seen: Observation) -> Numbers:
        keep = whose(seen)
        kept = [sum(map(keep, one.calls)) for one in streams(seen, everywhere=True).inside if keep(one.made)]
        return {
            "streams": len(kept),
            "completed": sum(calls == LAST_CALL for calls in kept),
            "cancelled": sum(calls > LAST_CALL for calls in kept),
            "calls": sum(kept),
        }

    return numbers
