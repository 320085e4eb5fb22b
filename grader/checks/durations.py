"""Durations where the traffic planted them: each plateau on its own, event by event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from grader.checks.duration_errors import in_common
from grader.exercise import Check
from grader.found import Found, Why, failed, passed, undecided, why
from grader.observation import Observation
from grader.sentences import said_in
from grader.truth.calls import calls, reconcile
from grader.truth.durations import (
    Event,
    Pair,
    Plateau,
    PlateauResult,
    Standing,
    judge_plateaus,
    pair_events,
    slack_ns,
)

ReadEvents = Callable[[Observation], Iterable[Event]]
WRAPPED_NS = 50_000_000
"""How far a duration that wrapped may be from the recorder's, far less than what wrapping takes away."""
MOST = 0.75
"""Share of the durations of which something must be true to be called the mistake."""
UNITS = {1e-3: "microseconds", 1e-6: "milliseconds", 1e-9: "seconds"}


def durations(
    read_events: ReadEvents,
    plateaus: Sequence[Plateau],
    *syscalls: str,
    name: str = "durations",
    title: str = "durations are right where the traffic planted them",
) -> Check:
    """A check of the reported durations of these system calls against the recorder's, by the rule of
    `grader.truth.durations`.
    """

    def pooled(runs: Sequence[Observation]) -> Found:
        # Each run has its own noise, so each pair carries the slack of its run.
        tables = [measure(seen, read_events, plateaus, syscalls) for seen in runs]
        slack = max(slack for _, slack in tables)
        pairs = [pair for table, _ in tables for pair in table]
        return found_in(judge_plateaus(pairs, plateaus, pooled=len(runs) > 1), slack)

    return Check(name, title, lambda seen: pooled([seen]), said_in("durations"), pooled=pooled)


def measure(
    seen: Observation, read_events: ReadEvents, plateaus: Sequence[Plateau], syscalls: Sequence[str]
) -> tuple[list[Pair], float]:
    """The planted calls with what the tracer said of each, and this run's slack in nanoseconds."""
    truth = calls(seen, *syscalls).inside
    both = reconcile(seen)
    slack = slack_ns(both.noise_ns(*syscalls))
    pairs = pair_events(read_events(seen), truth, slack, both.other_ns())
    planted = [pair for pair in pairs if any(plateau.holds(pair.planted_ns) for plateau in plateaus)]
    return planted, slack


def found_in(results: Sequence[PlateauResult], slack: float, *whys: Why) -> Found:
    """The plateaus' results as one: a failing one speaks for all. `whys` are the mistakes that fit, where the
    caller knows any.
    """
    expected = {result.plateau.name: len(result.pairs) for result in results}
    got = {result.plateau.name: len(result.pairs) - result.bad for result in results}
    wrong = [result for result in results if result.standing is Standing.FAIL]
    open_ones = [result for result in results if result.standing is Standing.UNDECIDED]
    if wrong:
        return failed(
            *(whys or (likely(wrong),)),
            numbers=sentence(wrong, slack),
            expected=expected,
            got=got,
            tolerance={result.plateau.name: result.allowed for result in results},
            unit="events",
        )
    if open_ones:
        return undecided(sentence(open_ones, slack), expected=expected, got=got, unit="events")
    total = sum(len(result.pairs) for result in results)
    return passed(
        f"{total} planted durations, {sum(got.values())} within {slack / 1e6:.2f} ms + 3%",
        expected=expected,
        got=got,
        unit="events",
    )


def sentence(results: Sequence[PlateauResult], slack: float) -> str:
    """How many are off, what is allowed, and the worst ones."""
    said = [
        f"{result.plateau.name}: {result.bad} of {len(result.pairs)} are off"
        f" by more than {slack / 1e6:.2f} ms + 3% ({result.allowed} allowed"
        f"{f', {result.missing} of them not in your events' if result.missing else ''})"
        for result in results
    ]
    worst = sorted((pair for result in results for pair in result.worst()), key=lambda pair: -pair.error_ns)
    shown = ", ".join(
        f"{milliseconds(pair.planted_ns)} -> {milliseconds(pair.reported_ns)}" for pair in worst[:5]
    )
    return "\n".join([*said, f"the worst, really -> yours: {shown}"])


def milliseconds(nanoseconds: int | None) -> str:
    """For people; None is a call that was not reported."""
    return "not reported" if nanoseconds is None else f"{nanoseconds / 1e6:.3f} ms"


def likely(results: Sequence[PlateauResult]) -> Why:
    """The mistake that these errors look like."""
    pairs = [pair for result in results for pair in result.pairs]
    told = [pair for pair in pairs if pair.reported_ns is not None]
    if 2 * (len(pairs) - len(told)) >= sum(result.bad for result in results):
        return why("events_missing")
    bad = [pair for pair in told if pair.bad]
    if bad and all(wrapped(pair) for pair in bad):
        return why("kept_in_32_bits")
    if not any(pair.reported_ns for pair in bad):
        return in_common(bad)
    return by_a_factor(told) or in_common(bad)


def by_a_factor(told: Sequence[Pair]) -> Why | None:
    """Another unit, or a number that most of them are too large by."""
    ratios = [(pair.reported_ns or 0) / pair.planted_ns for pair in told]
    middle = median(ratios)
    for factor, unit in UNITS.items():
        if 0.8 < middle / factor < 1.25:
            return why("wrong_unit", unit=unit)
        if 0.8 < middle * factor < 1.25:
            return why("too_large_unit", factor=f"{1 / factor:.0f}")
    alike = sum(abs(ratio - middle) < 0.02 for ratio in ratios)
    if alike > MOST * len(ratios) and abs(middle - 1) > 0.02:
        return why("constant_bias", factor=f"{middle:.2f}")
    return None


def wrapped(pair: Pair) -> bool:
    """Whether a long duration was reported as what 32 bits leave of it."""
    left_ns = pair.planted_ns % 2**32
    return pair.planted_ns >= 2**32 and abs(left_ns - (pair.reported_ns or 0)) < WRAPPED_NS
