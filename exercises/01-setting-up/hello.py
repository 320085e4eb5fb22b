"""The tracer's program at the tracepoint, as the kernel described it, and what a right report says of it."""

from __future__ import annotations

from grader.checks.attached import fentry_instead, listed
from grader.found import Why, why
from grader.observation import Observation, ProgramFacts
from grader.place import Place
from grader.report.fields import Fields, ReportProblem, report_fields
from grader.truth.calls import recording, window
from grader.truth.counts import Count

TRACEPOINT = "sched_process_exec"
HELLO = Place("raw_tracepoint", TRACEPOINT)
KEPT_CHARS = 15
"""What the kernel keeps of a program's name."""
CUT_BY_BCC = "raw_tracepoint__"
"""How functions begin that BCC attaches by itself; it tells the kernel only the rest of their names."""


def at_hello(seen: Observation) -> list[ProgramFacts]:
    """The tracer's programs at the tracepoint, as the kernel described them just before SIGINT."""
    mine = {one.program_id for one in seen.kernel.attachments if HELLO.is_at(one)}
    return [program for program in seen.kernel.programs if program.id in mine]


def hello(seen: Observation) -> ProgramFacts:
    """The one at the tracepoint that the report is about; the first where it is about none of them."""
    there = at_hello(seen)
    try:
        number = read_report(report_fields(seen))[0]
    except ReportProblem:
        return there[0]
    return next((program for program in there if program.id == number), there[0])


def names(program: ProgramFacts) -> set[str]:
    """What bpftool may call it: in the jail it shows what the kernel keeps of a name, ours the whole."""
    whole = (program.name, program.name.removeprefix(CUT_BY_BCC))
    return {*whole, *(name[:KEPT_CHARS] for name in whole)}


def runs(seen: Observation) -> Count:
    """How often it had run when the tracer looked last, which is after SIGINT: what the kernel had counted
    when the lab looked, and the starts since then. Those of that moment and after SIGINT may be in it or not.
    """
    asked_ns, answered_ns = seen.kernel.asked_ns, seen.kernel.answered_ns
    since = [at_ns for at_ns in starts_ns(seen) if at_ns > asked_ns]
    certain = sum(answered_ns < at_ns < window(seen)[1] for at_ns in since)
    return Count(hello(seen).run_count + certain, len(since) - certain)


def starts_ns(seen: Observation) -> list[int]:
    """When programs were started, those of tracers (bpftool above all) too, in their order."""
    return sorted(task.at_ns for task in recording(seen).tasks if task.kind in ("exec", "tracers_exec"))


def read_report(report: Fields) -> tuple[int, str, list[str], int]:
    """(the program's id, its name, where it is attached, how often it ran)."""
    program = report.fields("program")
    places = report.get("attached_to")
    if not isinstance(places, list):
        places = [report.text("attached_to")]
    return program.count("id"), program.text("name"), [str(place) for place in places], report.count("runs")


def why_not_attached(seen: Observation, found: list[str]) -> Why:
    """What is there instead."""
    if not found:
        return why("fentry_instead" if fentry_instead(seen) else "nothing_attached", asked=TRACEPOINT)
    # Whether it is not, or not only, the name that is wrong of where the tracer is attached.
    attachments = seen.kernel.attachments
    another_kind = any(one.where == TRACEPOINT for one in attachments) or all(
        one.kind != HELLO.kind for one in attachments
    )
    return why(
        "not_a_raw_tracepoint" if another_kind else "wrong_place", asked=TRACEPOINT, found=listed(found)
    )


def when_so_low(seen: Observation, missing: int) -> str:
    """When the kernel's number was that low."""
    ready_ns, sigint_ns = window(seen)
    before = [at_ns for at_ns in starts_ns(seen) if at_ns < sigint_ns][-missing:]
    if len(before) == missing and before[0] > ready_ns:
        return f"{(sigint_ns - before[0]) / 1e9:.1f} s before the stop"
    return "before READY"
