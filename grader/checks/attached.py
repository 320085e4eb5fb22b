"""Whether the tracer's programs are attached where the exercise asks."""

from __future__ import annotations

from collections.abc import Iterable

from grader.checks.last_words import ended_early
from grader.exercise import Check
from grader.found import Found, Why, failed, passed, why
from grader.observation import Observation
from grader.place import Place, how_often, place_of
from grader.sentences import said_in

BY_LOADING = "tracing"
"""Kind of programs that are attached without a place in `bpftool perf show`: fentry and fexit."""
AT_TRACEPOINTS = {
    "not_all_attached": "not_all_tracepoints",
    "wrong_kind": "not_a_tracepoint",
    "wrong_function": "wrong_tracepoint",
}
"""Cause -> what it is called where a tracepoint is asked for."""
TOPICS = {"tracepoint": ("attached_tracepoints",), "kretprobe": ("attached", "attached_returns")}
"""Kind of place -> where its sentences are."""
TURNED = {"kprobe": "kretprobe", "kretprobe": "kprobe"}


def attached(
    *wanted: Place, name: str = "attached", title: str = "your programs are attached where the exercise asks"
) -> Check:
    """A check that there is a program at each of these places. Further places are named and do no harm."""

    def run(seen: Observation) -> Found:
        missing = [place for place in wanted if not how_often(seen, place)]
        found = [str(place_of(attachment)) for attachment in seen.kernel.attachments]
        asked = sorted(map(str, wanted))
        if missing:
            return failed(why_missing(seen, wanted, missing, found), expected=asked, got=found)
        extra = [
            str(place_of(one))
            for one in seen.kernel.attachments
            if not any(place.is_at(one) for place in wanted)
        ]
        also = f"; also {listed(extra)}" if extra else ""
        return passed(f"attached: {listed(map(str, wanted))}{also}", expected=asked, got=found)

    topics = {topic: None for place in wanted for topic in TOPICS.get(place.kind, ("attached",))}
    causes = said_in(*topics, "ended_early")
    return Check(name, title, run, causes, gate=True, before_traffic=True)


def why_missing(seen: Observation, wanted: tuple[Place, ...], missing: list[Place], found: list[str]) -> Why:
    """Which mistake left these places without a program."""
    asked, kind = listed(map(str, missing)), missing[0].kind
    if not seen.kernel.attachments:
        if seen.tracer.ended_by == "exited":
            return ended_early(seen)
        nowhere = {"kretprobe": "no_kretprobe", "tracepoint": "no_tracepoint"}.get(kind, "nothing_attached")
        if fentry_instead(seen):
            nowhere = "fentry_instead_of_tracepoint" if kind == "tracepoint" else "fentry_instead"
        return why(nowhere, asked=asked)
    cause = elsewhere(seen, wanted, missing)
    name = AT_TRACEPOINTS[cause] if kind == "tracepoint" else cause
    return why(name, asked=asked, found=listed(found))


def elsewhere(seen: Observation, wanted: tuple[Place, ...], missing: list[Place]) -> str:
    """What is wrong with a tracer that is attached, but not at all of the places."""
    if len(missing) < len(wanted):
        return "not_all_attached"
    if all(how_often(seen, Place(TURNED.get(place.kind, ""), place.where)) for place in missing):
        return "return_instead_of_entry" if missing[0].kind == "kprobe" else "entry_instead_of_return"
    kinds = {attachment.kind for attachment in seen.kernel.attachments}
    if kinds.isdisjoint({place.kind for place in missing}):
        if missing[0].kind not in TURNED:
            return "wrong_kind"
        if kinds.isdisjoint(TURNED):
            return "not_a_kprobe"
    return "wrong_function"


def fentry_instead(seen: Observation) -> bool:
    """Whether all that the tracer has are programs that `bpftool perf show` names no place of."""
    return not seen.kernel.attachments and any(one.kind == BY_LOADING for one in seen.kernel.programs)


def listed(words: Iterable[str], most: int = 6) -> str:
    """`a, b and c`, shortened when long."""
    items = list(dict.fromkeys(words))
    if len(items) > most:
        items = [*items[:most], f"{len(items) - most} more"]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
