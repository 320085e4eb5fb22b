"""Whether an XDP program is on the lab's interface, let everything pass, and left the interface alone."""

from __future__ import annotations

from grader.checks.attached import Place, how_often, listed, place_of
from grader.checks.last_words import ended_early, last_words
from grader.checks.making import before_traffic, failed, gate, passed
from grader.exercise import Check
from grader.observation import LinkFacts, Observation
from grader.verdict import Finding

TC_KINDS = ("sched_cls", "sched_act")
"""What bpftool calls programs for TC, the kernel's traffic control: classifiers and actions."""


def link_of(seen: Observation) -> LinkFacts:
    """The interface of this run. Raises ValueError when the run had none: then the exercise is wrong."""
    if seen.kernel.link is None:
        raise ValueError("this run had no network: does the exercise say that it needs one?")
    return seen.kernel.link


def xdp(interface: str) -> Place:
    """The XDP hook of a network interface."""
    return Place("xdp", interface)


def disturbed(seen: Observation) -> bool:
    """Whether the tracer took the interface down or away while frames were sent to it."""
    link = link_of(seen)
    return not link.up or link.refused > 0


def judged(seen: Observation) -> bool:
    """Whether the frames can say anything: not where the tracer was never ready, or disturbed the interface.

    Both have a check of their own.
    """
    return seen.tracer.ready and seen.kernel.link is not None and not disturbed(seen)


def not_attached(seen: Observation, place: Place, found: list[str]) -> Finding:
    """What is there instead of an XDP program on the interface."""
    interface, instead = place.where, found or tc_programs(seen)
    if not found and seen.tracer.ended_by == "exited":
        message = "your tracer ended by itself before its program could be looked at" + last_words(seen)
        cause, hint = ended_early(seen)
    elif not instead:
        message = f"{interface} has no XDP program; nothing of yours is attached anywhere"
        cause = "nothing_attached"
        hint = "in tracer.py, above ready(): the row `attach` of the exercise's table of commands"
    elif found and all(one.kind == "xdp" for one in seen.kernel.attachments):
        message, cause = f"{interface} has no XDP program; yours: {listed(found)}", "wrong_interface"
        hint = f"look behind `dev` in tracer.py: {interface} is what lab_tracer.interface holds"
    else:
        message, cause = f"{interface} has no XDP program; yours: {listed(instead)}", "not_xdp"
        hint = 'SEC("xdp") before the function in tracer.bpf.c, bpftool net attach in tracer.py'
    return failed(message, cause=cause, hint=hint, expected=[str(place)], got=found)


def tc_programs(seen: Observation) -> list[str]:
    """The tracer's programs for traffic control, where it has none for XDP.

    Where they are attached is not read: the list of places leaves TC out.
    """
    programs = seen.kernel.programs
    if any(one.kind == "xdp" for one in programs):
        return []
    return [f"TC program {one.name or one.id}" for one in programs if one.kind in TC_KINDS]


def xdp_attached(interface: str) -> Check:
    """A check that the kernel has an XDP program of the tracer on this interface.

    Causes: `ended_early`, `nothing_attached`, `wrong_interface`, `not_xdp`.
    """

    @before_traffic
    @gate
    def xdp_on_the_interface(seen: Observation) -> Finding:
        """your program is the interface's XDP program"""
        place = xdp(interface)
        found = [str(place_of(one)) for one in seen.kernel.attachments]
        if not how_often(seen, place):
            return not_attached(seen, place, found)
        also = [one for one in found if one != str(place)]
        return passed(f"attached: {place}" + (f"; also {listed(also)}" if also else ""), got=found)

    return xdp_on_the_interface


@gate
def interface_left_alone(seen: Observation) -> Finding:
    """the interface stays up, so that frames can reach it"""
    if not disturbed(seen):
        return passed("it stayed up")
    link = link_of(seen)
    return failed(
        f"{link.interface} was taken down or away; {link.refused} frames could not be sent to it",
        cause="interference",
        hint=f"which command in tracer.py changes {link.interface}? Only attach to it and detach again",
    )


def everything_passed(seen: Observation) -> Finding:
    """every packet still reaches the machine's network stack"""
    link = link_of(seen)
    behind = sum(count.packets for count in link.arrived.values())
    if behind >= link.received:
        return passed(f"{link.received} frames came in, and all of them went on", got=behind)
    lost = link.received - behind
    return failed(
        f"{link.received} frames came in, and only {behind} went on: your program dropped {lost}",
        cause="packets_dropped",
        hint="look at every `return` of the XDP program in tracer.bpf.c: which one does not let pass?",
        expected=link.received,
        got=behind,
        unit="frames",
    )


def frames_arrived(seen: Observation, sent: int) -> str | None:
    """For an exercise's evidence: the interface received what the ledger says was sent to it."""
    if not judged(seen):
        return None
    link = link_of(seen)
    if link.lost:
        return f"the lab's packet socket lost {link.lost} frames"
    if link.received != sent:
        return f"{sent} frames were sent, and the interface received {link.received}"
    return None
