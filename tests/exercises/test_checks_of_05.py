"""Exercise 5: each mistake is named by its check, made of a real run that was recorded on a lab host."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from grader.checks.lifetimes import object_durations
from grader.checks.reported_objects import Told
from grader.exercise import Exercise
from grader.judge import judge
from grader.judging.wording import worded
from grader.observation import Attachment, FunctionCall, KernelFacts, MapFacts, Observation, Report
from grader.sentences import Sentence
from grader.truth.durations import Plateau
from grader.truth.lifetimes import FunctionArgument, Lifetime, lifetimes
from grader.verdict import Outcome, Verdict
from grader.written.observation_file import load
from tests.exercises.simulated import POINTS_SOMEWHERE, ROOT, exercise

SLUG = "05-uprobes"
RUN = load(ROOT / "solutions" / SLUG / "observation.json.gz")
MAKES, COMPLETES, TWIN, _ = RUN.recordings[0].offsets
FUNCTIONS = RUN.recordings[0].functions

Key = Callable[[FunctionCall], int]


def of_stream(call: FunctionCall) -> int:
    """The stream's address: the first argument of its constructor, the second of the other function."""
    return call.arguments[0 if call.symbol == MAKES else 1]


def of_connection(call: FunctionCall) -> int:
    """The transport's address."""
    return call.arguments[1 if call.symbol == MAKES else 0]


def tracer(
    functions: Iterable[FunctionCall], key: Key = of_stream, last: int = 3, *, replace: bool = True
) -> dict[str, Any]:
    """What a tracer prints that keeps its streams under this key; `replace`: a new one ousts an old one."""
    kept: dict[int, list[int]] = {}
    reached = dict.fromkeys(range(2000), 0)
    events = []
    for call in functions:
        if call.symbol == MAKES:
            reached[0] += 1
            if replace or key(call) not in kept:
                kept[key(call)] = [call.at_ns, 0]
        elif call.symbol == COMPLETES and key(call) in kept:
            stream = kept[key(call)]
            stream[1] += 1
            reached[stream[1]] += 1
            if stream[1] == last:
                latency = call.at_ns - stream[0]
                events.append({"stream": of_stream(call), "ts_ns": stream[0], "latency_ns": latency})
    numbers = {"streams": reached[0], "completed": reached[3] - reached[4], "cancelled": reached[4]}
    return {**numbers, "calls": sum(reached.values()) - reached[0], "events": events}


TARGETS = [call for call in FUNCTIONS if call.in_target]
RIGHT = tracer(TARGETS)


def seen(document: dict[str, Any], kernel: KernelFacts | None = None) -> Observation:
    """The run through a tracer that printed this."""
    return dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=kernel or RUN.kernel)


def verdict(document: dict[str, Any], kernel: KernelFacts | None = None) -> Verdict:
    return judge(five(), seen(document, kernel))


def five() -> Exercise:
    return exercise(SLUG)


def first_failure(document: dict[str, Any], kernel: KernelFacts | None = None) -> tuple[str, str]:
    """(check, cause) of the first check that failed."""
    told = verdict(document, kernel)
    assert told.outcome is Outcome.FAIL, told
    return next((one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL)


def test_a_right_report_passes() -> None:
    told = verdict(RIGHT)
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


def changed(**numbers: int) -> dict[str, Any]:
    return {**RIGHT, **numbers}


def events(change: Callable[[dict[str, int]], dict[str, int]]) -> dict[str, Any]:
    """The right report with every event changed."""
    return {**RIGHT, "events": [{**event, **change(event)} for event in RIGHT["events"]]}


def starts_never_replaced() -> dict[str, Any]:
    """Right counts, and every stream begins when the first one of its address was made."""
    first: dict[int, int] = {}
    events = []
    for event in RIGHT["events"]:
        began = first.setdefault(event["stream"], event["ts_ns"])
        latency = event["latency_ns"] + event["ts_ns"] - began
        events.append({**event, "ts_ns": began, "latency_ns": latency})
    return {**RIGHT, "events": events}


def noted_at(change: Callable[[Lifetime], dict[str, int]]) -> dict[str, Any]:
    """The right report with every event changed by what the recorder knows of its stream."""
    events = {(event["stream"], event["ts_ns"]): event for event in RIGHT["events"]}
    mine = [{**events[one.address, one.made.at_ns], **change(one)} for one in LIVES]
    return {**RIGHT, "events": mine}


def completed_only() -> dict[str, Any]:
    """No event for those that were given up."""
    document = noted_at(lambda one: {"calls": len(one.calls)})
    return {**RIGHT, "events": [event for event in document["events"] if event["calls"] == 3]}


def given_up_only() -> dict[str, Any]:
    """No event for those that were completed."""
    document = noted_at(lambda one: {"calls": len(one.calls)})
    return {**RIGHT, "events": [event for event in document["events"] if event["calls"] > 3]}


LIVES = lifetimes(RUN, FunctionArgument(MAKES, 0), FunctionArgument(COMPLETES, 1)).inside
STREAMS, DONE, GIVEN_UP = RIGHT["streams"], RIGHT["completed"], RIGHT["cancelled"]

MISTAKES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no filter": (tracer(FUNCTIONS), "streams_counted", "no_filter"),
    "calls taken for streams": (changed(streams=RIGHT["calls"]), "streams_counted", "calls_as_streams"),
    "third call taken for an answer": (
        changed(completed=DONE + GIVEN_UP),
        "streams_counted",
        "cancelled_as_completed",
    ),
    "given up ones left out": (changed(streams=DONE, cancelled=0), "streams_counted", "cancelled_left_out"),
    "deleted at the third call": (
        changed(completed=STREAMS, cancelled=0, calls=3 * STREAMS),
        "streams_counted",
        "forgotten_at_the_third_call",
    ),
    "key of the connection": (tracer(TARGETS, of_connection), "streams_counted", "wrong_key"),
    "one key for all": (tracer(TARGETS, lambda _call: 0), "streams_counted", "wrong_key"),
    "key of the thread": (tracer(TARGETS, lambda call: call.tid), "streams_counted", "wrong_key"),
    "wrong argument": (
        tracer(TARGETS, lambda call: call.arguments[0]),
        "streams_counted",
        "stream_not_found",
    ),
    "never replaced": (tracer(TARGETS, replace=False), "streams_counted", "stale_streams"),
    "starts never replaced": (starts_never_replaced(), "events_match_streams", "stale_start"),
    "to the first call": (tracer(TARGETS, last=1), "latency_per_plateau", "first_call"),
    "to the second call": (tracer(TARGETS, last=2), "latency_per_plateau", "second_call"),
    "microseconds": (
        events(lambda event: {"latency_ns": event["latency_ns"] // 1000}),
        "latency_per_plateau",
        "wrong_unit",
    ),
    "a tenth too long": (
        events(lambda event: {"latency_ns": event["latency_ns"] * 11 // 10}),
        "latency_per_plateau",
        "constant_bias",
    ),
    "time of day": (
        events(lambda event: {"ts_ns": event["ts_ns"] + 10**18}),
        "events_match_streams",
        "wrong_clock",
    ),
    "connection's address": (
        events(lambda event: {"stream": event["stream"] + 8}),
        "events_match_streams",
        "wrong_key",
    ),
    "events twice": ({**RIGHT, "events": RIGHT["events"] * 2}, "events_match_streams", "events_twice"),
    "events of others": (
        {**RIGHT, "events": tracer(FUNCTIONS)["events"]},
        "events_match_streams",
        "events_of_others",
    ),
    "last events missing": (
        {**RIGHT, "events": RIGHT["events"][:-9]},
        "events_match_streams",
        "last_events_missing",
    ),
    "events lost": ({**RIGHT, "events": RIGHT["events"][::2]}, "events_match_streams", "events_lost"),
    "sums still open": (changed(completed=0, cancelled=0, calls=0), "streams_counted", "sums_wrong"),
    "streams added to the calls": (changed(calls=RIGHT["calls"] + STREAMS), "streams_counted", "sums_wrong"),
    "three calls for each stream": (changed(calls=3 * STREAMS), "streams_counted", "sums_wrong"),
    "given up ones not told": (changed(cancelled=0), "streams_counted", "sums_wrong"),
    "done and given up swapped": (
        changed(completed=GIVEN_UP, cancelled=DONE),
        "streams_counted",
        "sums_wrong",
    ),
    "every later call": (
        changed(cancelled=RIGHT["calls"] - 3 * STREAMS),
        "streams_counted",
        "later_calls_as_cancelled",
    ),
    "four calls and no more": (
        changed(cancelled=sum(len(one.calls) == 4 for one in LIVES)),
        "streams_counted",
        "four_calls_as_cancelled",
    ),
    "events of those given up only": (given_up_only(), "events_match_streams", "given_up_only"),
    "nothing kept": (
        {**changed(completed=0, cancelled=0, calls=0), "events": []},
        "streams_counted",
        "stream_not_found",
    ),
    "addresses": (
        changed(streams=len({one.address for one in LIVES})),
        "streams_counted",
        "addresses_counted",
    ),
    "streams not counted": (changed(streams=0), "streams_counted", "count_zero"),
    "time of the second call": (
        noted_at(lambda one: {"ts_ns": one.calls[1].at_ns}),
        "events_match_streams",
        "not_when_made",
    ),
    "time of the third call": (
        noted_at(lambda one: {"ts_ns": one.calls[2].at_ns}),
        "events_match_streams",
        "not_when_made",
    ),
    "time of the look": (
        noted_at(lambda one: {"ts_ns": -(-one.calls[2].at_ns // 500_000_000) * 500_000_000}),
        "events_match_streams",
        "not_when_made",
    ),
    "measured from the second call": (
        noted_at(lambda one: {"latency_ns": one.calls[2].at_ns - one.calls[1].at_ns}),
        "latency_per_plateau",
        "from_second_call",
    ),
    "no event": ({**RIGHT, "events": []}, "events_match_streams", "no_events"),
    "no event of those given up": (completed_only(), "events_match_streams", "given_up_left_out"),
    "one event for each address": (
        {**RIGHT, "events": list({event["stream"]: event for event in RIGHT["events"]}.values())},
        "events_match_streams",
        "one_for_each_address",
    ),
    "half of an address": (
        events(lambda event: {"stream": event["stream"] % 2**32}),
        "events_match_streams",
        "kept_in_32_bits",
    ),
    "numbers of an earlier run": (
        changed(streams=97, completed=84, cancelled=13, calls=304),
        "streams_counted",
        "count_too_low",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_fails_the_check_made_for_it_and_is_named(mistake: str) -> None:
    document, check, cause = MISTAKES[mistake]
    assert first_failure(document) == (check, cause)


def test_two_calls_of_a_stream_that_come_at_the_same_time_are_both_said() -> None:
    document = tracer(TARGETS, last=1)
    check = object_durations(
        lambda seen: [Told(one["stream"], one["ts_ns"], one["latency_ns"]) for one in document["events"]],
        lambda seen: lifetimes(seen, FunctionArgument(MAKES, 0), FunctionArgument(COMPLETES, 1)),
        3,
        (Plateau("all", 0, 2**62),),
        name="latency",
        title="right",
        others={"first_call": (0, 1), "second_call": (0, 1)},
    )
    words = {"first_call": Sentence(hint="the first"), "second_call": Sentence(hint="the second")}
    own = dataclasses.replace(exercise("05-uprobes"), words={"latency": words})
    found = worded(own, check, check.run(seen(document)))
    assert found.cause == "first_call"
    assert "the first; or the second" in found.hint


def roomless() -> dict[str, Any]:
    """All streams are counted, and calls only of the first sixteen addresses."""
    first = list(dict.fromkeys(of_stream(call) for call in TARGETS))[:16]
    known = tracer([call for call in TARGETS if of_stream(call) in first])
    return {**known, "streams": STREAMS}


def one_cpu() -> dict[str, Any]:
    """Every other number of everything."""
    return {**RIGHT, **{name: RIGHT[name] // 2 for name in ("streams", "completed", "cancelled", "calls")}}


@pytest.mark.parametrize(
    ("document", "facts", "cause"),
    [
        (roomless(), MapFacts(70, "streams", "hash", 16, 16), "map_full"),
        (one_cpu(), MapFacts(69, "reached", "percpu_array", 32), "one_cpu"),
        (tracer([call for call in FUNCTIONS if call.tid == call.pid]), None, "thread_id_as_pid"),
        (changed(calls=RIGHT["calls"] - 1), None, "lost_updates"),
    ],
)
def test_numbers_that_are_too_low_are_explained(
    document: dict[str, Any], facts: MapFacts | None, cause: str
) -> None:
    kernel = dataclasses.replace(RUN.kernel, maps=(facts,)) if facts else None
    assert first_failure(document, kernel) == ("streams_counted", cause)


def attached(*attachments: Attachment) -> KernelFacts:
    return dataclasses.replace(RUN.kernel, attachments=attachments)


def moved(**change: Any) -> KernelFacts:
    """Every attachment of the solution, changed."""
    return attached(*(dataclasses.replace(one, **change) for one in RUN.kernel.attachments))


OFFSETS = RUN.recordings[0].offsets
BY_PLACE = {one.offset: one for one in RUN.kernel.attachments}
MAKER, COMPLETER = BY_PLACE[OFFSETS[MAKES]], BY_PLACE[OFFSETS[COMPLETES]]
PLACES: dict[str, tuple[KernelFacts, str]] = {
    "nowhere": (attached(), "nothing_attached"),
    "the twin": (
        attached(MAKER, dataclasses.replace(COMPLETER, offset=OFFSETS[TWIN])),
        "cold_twin",
    ),
    "only one": (attached(MAKER), "not_all_attached"),
    "returns": (moved(kind="uretprobe"), "return_instead_of_entry"),
    "kernel functions": (moved(kind="kprobe", where="do_sys_open", offset=0), "not_a_uprobe"),
    "other functions": (moved(offset=4096), "wrong_function"),
    "one other function": (
        attached(MAKER, dataclasses.replace(COMPLETER, offset=4096)),
        "wrong_function",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_probe_at_the_wrong_place_is_named(place: str) -> None:
    kernel, cause = PLACES[place]
    assert first_failure(RIGHT, kernel) == ("probes_on_both_functions", cause)


@pytest.mark.parametrize(
    ("path", "cause"), [("/tmp/tritonserver", "another_file"), ("/run/target/tritonserver", "never_ran")]
)
def test_a_program_that_never_ran_sits_on_another_file_or_is_told_so(path: str, cause: str) -> None:
    programs = tuple(dataclasses.replace(one, run_count=0) for one in RUN.kernel.programs)
    kernel = dataclasses.replace(moved(where=path), programs=programs)
    assert first_failure(RIGHT, kernel) == ("ran", cause)


def test_a_ledger_that_disagrees_makes_the_run_no_evidence() -> None:
    fewer = tuple(unit for unit in RUN.ledger if unit.detail["status"] == "OK")
    short = dataclasses.replace(RUN, ledger=fewer)
    told = judge(five(), dataclasses.replace(short, report=Report(RIGHT, bytes=9)))
    assert told.outcome is Outcome.ERROR
    assert "calls were sent, and the recorder saw" in told.checks[0].message


def test_a_call_that_was_given_up_before_it_left_the_client_is_no_stream_and_does_no_harm() -> None:
    twice = next(unit for unit in RUN.ledger if unit.detail["status"] == "CANCELLED")
    more = dataclasses.replace(RUN, ledger=(*RUN.ledger, twice))
    told = judge(five(), dataclasses.replace(more, report=Report(RIGHT, bytes=9)))
    assert told.outcome is Outcome.PASS


def test_a_burst_of_which_most_never_left_the_client_is_evidence_and_late_ones_that_never_came_are_not() -> (
    None
):
    early = next(unit for unit in RUN.ledger if 0 < unit.detail["cancel_ms"] < 20)
    late = dataclasses.replace(early, detail={**early.detail, "cancel_ms": 35})
    for lost, outcome in ((early, Outcome.PASS), (late, Outcome.ERROR)):
        more = dataclasses.replace(RUN, ledger=(*RUN.ledger, *[lost] * 100))
        told = judge(five(), dataclasses.replace(more, report=Report(RIGHT, bytes=9)))
        assert told.outcome is outcome


def test_a_stream_that_was_shorter_than_the_model_slept_makes_the_run_no_evidence() -> None:
    first, *others = RUN.recordings
    hurried = [
        dataclasses.replace(call, at_ns=call.at_ns - 8_000_000) if call.symbol == MAKES else call
        for call in first.functions
    ]
    early = dataclasses.replace(first, functions=tuple(sorted(hurried, key=lambda call: call.at_ns)))
    told = judge(five(), dataclasses.replace(RUN, recordings=(early, *others)))
    assert told.outcome is Outcome.ERROR


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_hint_says_where_to_look(mistake: str) -> None:
    told = next(one for one in verdict(MISTAKES[mistake][0]).checks if one.outcome is Outcome.FAIL)
    assert POINTS_SOMEWHERE.search(told.hint), told.hint
