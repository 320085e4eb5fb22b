"""Whether an XDP program is on the lab's interface, let everything pass, and left the interface alone."""

from __future__ import annotations

from grader.checks.attached import listed
from grader.checks.last_words import ended_early
from grader.exercise import Check
from grader.found import Found, Why, failed, passed, why
from grader.observation import LinkFacts, Observation
from grader.place import Place, how_often, place_of
from grader.sentences import said_in

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


def why_not_attached(seen: Observation, interface: str, found: list[str]) -> Why:
    """What is there instead of an XDP program on the interface."""
    instead = found or tc_programs(seen)
    if not found and seen.tracer.ended_by == "exited":
        return ended_early(seen)
    if not instead:
        return why("nothing_attached", interface=interface)
    elsewhere = found and all(one.kind == "xdp" for one in seen.kernel.attachments)
    name = "wrong_interface" if elsewhere else "not_xdp"
    return why(name, interface=interface, found=listed(instead))


def tc_programs(seen: Observation) -> list[str]:
    """The tracer's programs for traffic control, where it has none for XDP.

    Where they are attached is not read: the list of places leaves TC out.
    """
    programs = seen.kernel.programs
    if any(one.kind == "xdp" for one in programs):
        return []
    return [f"TC program {one.name or one.id}" for one in programs if one.kind in TC_KINDS]


def xdp_attached(interface: str) -> Check:
    """A check that the kernel has an XDP program of the tracer on this interface."""

    def run(seen: Observation) -> Found:
        place = xdp(interface)
        found = [str(place_of(one)) for one in seen.kernel.attachments]
        if not how_often(seen, place):
            return failed(why_not_attached(seen, interface, found), expected=[str(place)], got=found)
        also = [one for one in found if one != str(place)]
        return passed(f"attached: {place}" + (f"; also {listed(also)}" if also else ""), got=found)

    return Check(
        "xdp_on_the_interface",
        "your program is the interface's XDP program",
        run,
        said_in("xdp_attached", "ended_early"),
        gate=True,
        before_traffic=True,
    )


def run_interface_left_alone(seen: Observation) -> Found:
    """Whether frames could be sent to it all the time."""
    if not disturbed(seen):
        return passed("it stayed up")
    link = link_of(seen)
    return failed(why("interference", interface=link.interface, refused=link.refused))


def run_everything_passed(seen: Observation) -> Found:
    """What came in beside what went on."""
    link = link_of(seen)
    behind = sum(count.packets for count in link.arrived.values())
    if behind >= link.received:
        return passed(f"{link.received} frames came in, and all of them went on", got=behind)
    return failed(
        why("packets_dropped", received=link.received, passed=behind, lost=link.received - behind),
        expected=link.received,
        got=behind,
        unit="frames",
    )


interface_left_alone = Check(
    "interface_left_alone",
    "the interface stays up, so that frames can reach it",
    run_interface_left_alone,
    said_in("interface"),
    gate=True,
)
everything_passed = Check(
    "everything_passed",
    "every packet still reaches the machine's network stack",
    run_everything_passed,
    said_in("packets_passed"),
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
