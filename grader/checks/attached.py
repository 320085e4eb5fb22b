"""Whether the tracer's programs are attached where the exercise asks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from grader.checks.last_words import ended_early, last_words
from grader.checks.making import before_traffic, failed, gate, named, passed
from grader.exercise import Check
from grader.observation import Attachment, Observation
from grader.verdict import Finding

SYSCALL_PREFIX = re.compile(r"^(?:__x64_sys_|__arm64_sys_|__se_sys_|__do_sys_|__sys_|sys_)")


HOW_TO = {
    "kprobe": "in tracer.py above ready(): bpf.attach_kprobe(event=bpf.get_syscall_fnname(...), fn_name=...)",
    "kretprobe": "in tracer.py above ready(): bpf.attach_kretprobe(event=..., fn_name=..., maxactive=...)",
    "tracepoint": "see tracer.bpf.c: BCC attaches what is called TRACEPOINT_PROBE(group, name) by itself",
}
"""Kind of place -> how one gets there."""
WHERE_TO_LOOK = (
    (
        "return_instead_of_entry",
        "see what tracer.py attaches: a kretprobe runs when a function returns, a kprobe when it is entered",
    ),
    (
        "entry_instead_of_return",
        "see what tracer.py attaches: a kprobe runs when a function is entered, a kretprobe when it returns",
    ),
    (
        "fentry_instead",
        "see tracer.bpf.c: BCC makes fentry and fexit programs of KFUNC_PROBE and its like, and attaches them"
        " by itself; here a plain function is attached to another kind of place",
    ),
    ("not_a_kprobe", "see what tracer.py attaches: this exercise wants a kprobe, which attach_kprobe makes"),
    ("not_all_attached", "each of these places needs a line of its own in tracer.py that attaches"),
    ("wrong_function", 'compare the name in tracer.py, letter by letter: bpf.get_syscall_fnname("...")'),
    ("wrong_kind", "see what tracer.py attaches: the exercise wants another kind of place"),
)
"""Cause -> hint for a tracer that is attached, but not at all of the places."""
BY_LOADING = "tracing"
"""Kind of programs that are attached without a place in `bpftool perf show`: fentry and fexit."""


@dataclass(frozen=True)
class Place:
    """Where a program is attached: `kprobe` at `readv`."""

    kind: str
    where: str
    also: tuple[str, ...] = ()
    """Other kinds of place that are as good here."""

    def __str__(self) -> str:
        return f"{self.kind} on {self.where}"

    @property
    def is_return(self) -> bool:
        """Whether programs run there when a function returns."""
        return self.kind in ("kretprobe", "uretprobe")

    def is_at(self, attachment: Attachment) -> bool:
        """Whether this attachment is this place. System calls are compared without their CPU's prefix."""
        kinds = (self.kind, *self.also)
        return attachment.kind in kinds and plain_function(attachment.where) == plain_function(self.where)


def kprobe(function: str) -> Place:
    """The entry of a kernel function or, by its bare name, of a system call."""
    return Place("kprobe", function)


def kretprobe(function: str) -> Place:
    """The return of a kernel function or, by its bare name, of a system call."""
    return Place("kretprobe", function)


def plain_function(where: str) -> str:
    """`__x64_sys_readv` -> `readv`: the prefix differs between CPUs."""
    return SYSCALL_PREFIX.sub("", where)


def how_often(seen: Observation, place: Place) -> int:
    """How many attachments there are at this place."""
    return sum(place.is_at(attachment) for attachment in seen.kernel.attachments)


def attached(
    *wanted: Place, name: str = "attached", title: str = "your programs are attached where the exercise asks"
) -> Check:
    """A check that there is a program at each of these places. Further places are named and do no harm.

    Causes: `ended_early`, `nothing_attached`, `fentry_instead`, `return_instead_of_entry`,
    `entry_instead_of_return`, `not_a_kprobe`, `wrong_kind`, `wrong_function`, `not_all_attached`.
    """

    def check(seen: Observation) -> Finding:
        missing = [place for place in wanted if not how_often(seen, place)]
        found = [str(place_of(attachment)) for attachment in seen.kernel.attachments]
        extra = [
            str(place_of(one))
            for one in seen.kernel.attachments
            if not any(place.is_at(one) for place in wanted)
        ]
        if missing:
            return not_attached(seen, wanted, missing, found)
        also = f"; also {listed(extra)}" if extra else ""
        return passed(
            f"attached: {listed(map(str, wanted))}{also}", expected=sorted(map(str, wanted)), got=found
        )

    return named(name, title, before_traffic(gate(check)))


def not_attached(
    seen: Observation, wanted: tuple[Place, ...], missing: list[Place], found: list[str]
) -> Finding:
    """Some of the places have no program."""
    cause = cause_of(seen, wanted, missing)
    asked = f"the exercise asks for a {listed(map(str, missing))}"
    if cause == "ended_early":
        message = "your tracer ended by itself before its probes could be looked at" + last_words(seen)
        cause, hint = ended_early(seen)
    elif cause == "fentry_instead":
        message = f"{asked}; yours is an fentry or fexit program, which is another kind of place"
        hint = HOW_TO["tracepoint"] if missing[0].kind == "tracepoint" else dict(WHERE_TO_LOOK)[cause]
    elif not found:
        message = f"{asked}; nothing of yours is attached anywhere"
        hint = HOW_TO.get(missing[0].kind, HOW_TO["kprobe"])
    else:
        message = f"{asked}; yours: {listed(found)}"
        hint = HOW_TO["tracepoint"] if missing[0].kind == "tracepoint" else dict(WHERE_TO_LOOK)[cause]
    return failed(message, cause=cause, hint=hint, expected=sorted(map(str, wanted)), got=found)


def cause_of(seen: Observation, wanted: tuple[Place, ...], missing: list[Place]) -> str:
    """Which mistake left these places empty."""
    attachments = seen.kernel.attachments
    if not attachments:
        if seen.tracer.ended_by == "exited":
            return "ended_early"
        return "fentry_instead" if fentry_instead(seen) else "nothing_attached"
    if len(missing) < len(wanted):
        return "not_all_attached"
    turned = {"kprobe": "kretprobe", "kretprobe": "kprobe"}
    if all(how_often(seen, Place(turned.get(place.kind, ""), place.where)) for place in missing):
        return "return_instead_of_entry" if missing[0].kind == "kprobe" else "entry_instead_of_return"
    kinds = {attachment.kind for attachment in attachments}
    if kinds.isdisjoint({place.kind for place in missing}):
        if missing[0].kind not in turned:
            return "wrong_kind"
        if kinds.isdisjoint(turned):
            return "not_a_kprobe"
    return "wrong_function"


def fentry_instead(seen: Observation) -> bool:
    """Whether all that the tracer has are programs that `bpftool perf show` names no place of."""
    return not seen.kernel.attachments and any(one.kind == BY_LOADING for one in seen.kernel.programs)


def place_of(attachment: Attachment) -> Place:
    """An attachment in the words of the exercise; in a program's file, with its offset there."""
    if attachment.kind in ("uprobe", "uretprobe"):
        return Place(attachment.kind, f"{attachment.where}+{attachment.offset:#x}")
    if attachment.kind.endswith("tracepoint"):
        return Place(attachment.kind, attachment.where)  # `sys_enter` is a whole name, no prefix
    return Place(attachment.kind, plain_function(attachment.where))


def listed(words: Iterable[str], most: int = 6) -> str:
    """`a, b and c`, shortened when long."""
    items = list(dict.fromkeys(words))
    if len(items) > most:
        items = [*items[:most], f"{len(items) - most} more"]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
