"""The report's four numbers and its events, and why the numbers are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.checks.maps import full_maps, losses, map_full
from grader.checks.reported_objects import Told, match
from grader.found import Found, Why, why
from grader.observation import Observation
from grader.report.fields import Fields, report_fields
from grader.truth.counts import Count, compare_table
from grader.verdict import Outcome

from .streams import LAST_CALL, numbers_of, streams


def read_counts(report: Fields) -> dict[str, int]:
    """The four numbers."""
    return {name: report.count(name) for name in ("streams", "completed", "cancelled", "calls")}


def read_event(event: Fields) -> Told:
    """One entry of the list of events."""
    address = event.integer("stream", low=0, high=2**64 - 1)
    return Told(address, event.integer("ts_ns"), event.integer("latency_ns"))


def read_report(report: Fields) -> list[Told]:
    """All of it; the events are handed back."""
    read_counts(report)
    return [read_event(event) for event in report.items("events")]


def events_of(seen: Observation) -> list[Told]:
    """The events of a run's report."""
    return read_report(report_fields(seen))


def streams_counted(seen: Observation) -> Found:
    """The four numbers beside the recorder's."""
    got, right = read_counts(report_fields(seen)), numbers_of(streams(seen))
    found = compare_table(got, right, whys=why_wrong(seen, right, got))
    if found.outcome is Outcome.PASS:
        said = ", ".join(f"{number} {name}" for name, number in got.items())
        return replace(found, numbers=f"{said}: as the recorder saw them")
    return replace(found, gives_way=True)


def why_wrong(seen: Observation, right: Mapping[str, Count], got: Mapping[str, int]) -> list[Why]:
    """The mistakes that fit the four numbers and the tracer's maps."""
    counted = right["streams"].admits(got["streams"])
    # Whether events got lost has a check of its own; who asks one CPU alone has too few streams as well.
    lost = losses(seen, right, got, but=("lost_on_the_way", "one_cpu") if counted else ("lost_on_the_way",))
    # A number that is put together wrongly is off by more: as many at least as were cancelled.
    few = lost and all(right[name].inside - got[name] < right["cancelled"].inside for name in right)
    if counted and not few and not match(events_of(seen), streams(seen).inside).without_event:
        return cut_off(seen, got["calls"]) or [why("sums_wrong")]
    full = full_maps(seen)
    if full and got["calls"] < right["calls"].inside:
        lost.insert(0, map_full(full[0]))
    if lost:
        return lost
    if counted and got["calls"] == 0:
        return [why("stream_not_found")]
    if counted and (got["completed"] or got["cancelled"] or not right["calls"].admits(got["calls"])):
        return [*kept_per_cpu(seen), why("wrong_key")]
    return [why("counts_wrong")]


def cut_off(seen: Observation, got: int) -> list[Why]:
    """Whether the calls are those of a tracer that counts no more than so many of a stream."""
    calls_of = [len(stream.calls) for stream in streams(seen).inside]
    most = max(calls_of, default=0)
    limits = range(LAST_CALL + 1, most)
    limit = next((one for one in limits if got == sum(min(number, one) for number in calls_of)), 0)
    return [why("later_calls_not_counted", limit=limit, most=most)] if limit else []


def kept_per_cpu(seen: Observation) -> list[Why]:
    """Where streams may be kept for each CPU apart."""
    per_cpu = [one.name for one in seen.kernel.maps if one.kind in ("percpu_hash", "lru_percpu_hash")]
    return [why("kept_per_cpu", map=name) for name in per_cpu]
