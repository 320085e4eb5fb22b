"""Whether a run can be used as evidence at all. What is said here is never the learner's fault."""

from __future__ import annotations

from collections.abc import Iterable

from grader.exercise import Evidence
from grader.observation import Observation
from grader.trouble import Kind, Trouble, together
from grader.truth.calls import calls, ledger, reconcile, sent_to_target
from grader.truth.durations import NOISE_LIMIT_NS, Plateau, pair_events, slack_ns, unclear_reason
from grader.truth.enclosed_functions import noted_once

ENOUGH_PLATEAUS = 3


def problem(seen: Observation, extra: tuple[Evidence, ...] = ()) -> Trouble | None:
    """Why this run cannot be used, or None. `extra` is the exercise's own list; it is asked last."""
    if seen.troubles or not seen.traffic_ran:
        return together(seen.troubles)
    if lacking := traffic_problem(seen) or recorder_missing(seen):
        return Trouble(lacking)
    # A thread that waits for its CPU: recorders lose events, or disagree, and durations become longer ones.
    reason = recorder_problem(seen) or own_problem(seen, extra)
    return Trouble(reason, Kind.BUSY) if reason else None


def host_refusal(seen: Observation) -> str | None:
    """Why the lab host itself kept the tracer from running; another seed would not help."""
    return None if seen.tracer.ready else seen.tracer.refusal or None


def traffic_problem(seen: Observation) -> str | None:
    """The traffic did not go as planned."""
    if not seen.ledger:
        return "no traffic was sent"
    lost = [unit for unit in seen.ledger if not unit.ok]
    if lost:
        first = lost[0]
        why = f": {first.detail['error']}" if "error" in first.detail else ""
        return (
            f"{len(lost)} of {len(seen.ledger)} units of traffic were not answered as planned"
            f" (first: {first.kind} to {first.who}{why})"
        )
    return None


def recorder_missing(seen: Observation) -> str | None:
    """Not both of the recorders were there."""
    ran = len(seen.recordings)
    return f"only {ran} of the two recorders ran" if ran < 2 else None


def recorder_problem(seen: Observation) -> str | None:
    """The recorders lost something, or do not agree."""
    for recording in seen.recordings:
        if recording.lost:
            return f"the recorder ({recording.mechanism}) lost {recording.lost} events"
    calls_once = noted_once(seen)
    if calls_once:
        said = f"{len(calls_once)} calls of functions (first: {calls_once[0].symbol})"
        return f"only one of the recorder's two programs noted {said}"
    both = reconcile(seen)
    alone = len(both.only_first) + len(both.only_second)
    if alone:
        one = (both.only_first or both.only_second)[0]
        return f"the two recorders disagree about {alone} calls (first: {one.syscall} of thread {one.tid})"
    if both.different:
        one, two = both.different[0]
        return f"the two recorders disagree about what {one.syscall} returned: {one.ret} and {two.ret}"
    return None


def own_problem(seen: Observation, extra: tuple[Evidence, ...]) -> str | None:
    """The first reason of the exercise's own."""
    for evidence in extra:
        reason = evidence(seen)
        if reason:
            return reason
    return None


CLOCK_NS = 1_000_000
"""The client's clock is another machine's, and a model's sleep may end a little early."""


def impossible(worked_ns: Iterable[int], recorded_ns: Iterable[int], waited_ns: Iterable[int]) -> str | None:
    """Why these recorded latencies cannot be those of the requests that were sent, or None.

    None may be shorter than the model worked, or longer than its client waited. Compared rank by rank: this
    holds, whichever was whose, when it holds for each. There may be more recorded ones than requests.
    """
    worked, recorded, waited = sorted(worked_ns), sorted(recorded_ns), sorted(waited_ns)
    # Every further one can move the others up by a rank, and none down.
    further = len(recorded) - len(worked)
    short = [(low, one) for low, one in zip(worked, recorded[further:], strict=True) if one < low - CLOCK_NS]
    long = [(high, one) for high, one in zip(waited, recorded, strict=False) if one > high + CLOCK_NS]
    for what, pairs in (("worked", short), ("waited", long)):
        for sent, one in pairs:
            said = f"does not fit a request that {what} for {sent / 1e6:.1f} ms"
            return f"a recorded latency of {one / 1e6:.1f} ms {said}"
    return None


def plateaus_filled(*syscalls: str, plateaus: tuple[Plateau, ...]) -> Evidence:
    """For an exercise's EVIDENCE: three plateaus (or all, where there are fewer) hold enough recorded calls,
    and the recorders agree well enough about most of them.

    Not all: on a busy machine the short waits become longer ones, and three plateaus still tell every mistake
    apart that differs by a factor.
    """

    def check(seen: Observation) -> str | None:
        both = reconcile(seen)
        noise = slack_ns(both.noise_ns(*syscalls))
        if noise > NOISE_LIMIT_NS:
            return f"the recorders' durations differ too much to grade by ({noise / 1e6:.1f} ms)"
        pairs = pair_events((), calls(seen, *syscalls).inside, noise, both.other_ns())
        short = []
        for plateau in plateaus:
            held = [pair for pair in pairs if plateau.holds(pair.planted_ns)]
            if len(held) < plateau.least:
                short.append(f"only {len(held)} of at least {plateau.least} of {plateau.name}")
                continue
            reason = unclear_reason(held, plateau)
            if reason:
                return reason
        if len(plateaus) - len(short) < min(ENOUGH_PLATEAUS, len(plateaus)):
            return f"too few planted durations happened: {', '.join(short)}"
        return None

    return check


def requests_read(protocol: str, syscall: str) -> Evidence:
    """For an exercise's EVIDENCE: the recorder saw at least one of these calls with data for each request,
    and those that a helper was ordered to make.
    """

    def check(seen: Observation) -> str | None:
        sent = len(sent_to_target(seen, protocol, ok=True))
        read = calls(seen, syscall, returned_data=True).count
        made = sum(int(unit.detail["calls"].get(syscall, 0)) for unit in ledger(seen, "target_calls"))
        if read.high < sent + made:
            return (
                f"{sent} requests and {made} other calls were sent, and the recorder saw {read} of {syscall}"
            )
        return None

    return check
