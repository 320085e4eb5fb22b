"""Exercise 5: what must be true of a tracer of a server's gRPC streams."""

from __future__ import annotations

from grader.checks import clean_exit, loaded, own_tracing, ready, report_readable
from grader.checks.functions import at, functions_attached, functions_ran
from grader.checks.lifetimes import events_match_objects, object_durations
from grader.checks.own_maps import through_maps_of
from grader.checks.reported_objects import object_pairs
from grader.exercise import Check, Expected
from grader.observation import Attachment, Observation
from grader.sentences import said_in, unsaid
from grader.truth.durations import Pair

from .counts import events_of, read_report, streams_counted
from .streams import FUNCTIONS, LAST_CALL, cancelled, numbers_of, streams
from .traffic import PLATEAUS

GRADED = {"stream": PLATEAUS}


def at_the_functions(seen: Observation) -> list[Attachment]:
    """The tracer's attachments there."""
    return [one for function in FUNCTIONS for one in at(seen, function.symbol)]


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    own_tracing,
    functions_attached(
        *FUNCTIONS,
        name="probes_on_both_functions",
        title="the constructor and the function that completes a stream have a program of yours",
    ),
    clean_exit,
    report_readable(read_report),
    through_maps_of(at_the_functions, "your numbers come from your probes, through maps"),
    functions_ran(*FUNCTIONS),
    Check(
        "streams_counted",
        "streams, completed and cancelled, and the calls of all of them, are counted exactly",
        streams_counted,
        said_in("maps", without=("lost_on_the_way",))
        | unsaid(
            "sums_wrong",
            "later_calls_not_counted",
            "stream_not_found",
            "kept_per_cpu",
            "wrong_key",
            "counts_wrong",
        ),
    ),
    events_match_objects(
        events_of,
        streams,
        "stream",
        name="events_match_streams",
        title="there is one event for each stream, with its address and the time it was made",
        parts={"given_up_left_out": cancelled, "given_up_only": lambda stream: not cancelled(stream)},
    ).needing("streams_counted"),
    object_durations(
        events_of,
        streams,
        LAST_CALL,
        GRADED["stream"],
        name="latency_per_plateau",
        title="each stream's latency is what the recorders say, event by event",
        others={
            "first_call": (0, 1),
            "second_call": (0, 2),
            "from_first_call": (1, LAST_CALL),
            "from_second_call": (2, LAST_CALL),
        },
        parts={"given_up_otherwise": cancelled},
    ).needing("events_match_streams"),
)


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    return numbers_of(streams(seen))


def pairs(seen: Observation) -> dict[str, list[Pair]]:
    """What `lab show` draws."""
    return {"stream": object_pairs(seen, events_of, streams, LAST_CALL)}
