"""Exercise 1: the lab host is sound, and a tracer tells what the kernel says of its program in this run."""

from __future__ import annotations

import random

from grader.checks import (
    Place,
    before_traffic,
    clean_exit,
    failed,
    gate,
    how_often,
    loaded,
    needs,
    passed,
    ready,
    report_readable,
)
from grader.checks.attached import fentry_instead, listed, place_of
from grader.checks.last_words import ended_early, last_words
from grader.exercise import Check, Expected, HostCpus, Recorder
from grader.observation import Observation, ProgramFacts
from grader.report.fields import Fields, ReportProblem, report_fields
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import ledger, ledger_sum, recording, window
from grader.truth.counts import Count
from grader.verdict import Finding

TRACEPOINT = "sched_process_exec"
HELLO = Place("raw_tracepoint", TRACEPOINT)
KEPT_CHARS = 15
"""What the kernel keeps of a program's name."""
CUT_BY_BCC = "raw_tracepoint__"
"""How functions begin that BCC attaches by itself; it tells the kernel only the rest of their names."""
STARTS = (53, 59, 61, 67, 71, 73, 79, 83, 89, 97)

# The calls that start programs, seen by both recorders, vouch for the starts, which one of them notes.
RECORDER = Recorder(syscalls=("execve",), whole_host=True, tasks=True)


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """The doctor's look at the host, then prime numbers of program starts, and of forks that start none."""
    visitor = starts("visitor", rng.choice(STARTS), rng.choice(STARTS))
    return TrafficPlan(
        canary=starts("canary", 2),
        phases=((Step("doctor"),), (visitor,)),
    )


def starts(name: str, number: int, forks: int = 0) -> Step:
    """A process that starts so many programs, and only forks so often."""
    return Step("exec_caller", {"caller": name, "execs": number, "fail_execs": 0, "forks": forks})


# --- truth ---


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


# --- checks ---


def host_is_sound(seen: Observation) -> Finding:
    """the lab host has everything that the exercises need"""
    results = [result for entry in ledger(seen, "doctor") for result in entry.detail["results"]]
    bad = [result for result in results if result["grade"] == "bad"]
    if bad:
        return failed(
            "; ".join(f"{result['name']}: {result['message']}" for result in bad),
            cause="host_not_sound",
            hint=str(bad[0]["hint"]) or "lab doctor",
        )
    warned = [f"{result['name']}: {result['message']}" for result in results if result["grade"] == "warn"]
    return passed("; ".join([f"the doctor looked at {len(results)} things on it", *warned]))


@before_traffic
@gate
def hello_is_attached(seen: Observation) -> Finding:
    """your program is attached where programs are started"""
    found = [str(place_of(one)) for one in seen.kernel.attachments]
    if how_often(seen, HELLO):
        return passed(f"attached: {listed(found)}", got=found)
    if found and is_another_kind(seen):
        return failed(
            f"the exercise asks for the raw tracepoint {TRACEPOINT}; yours: {listed(found)}",
            cause="not_a_raw_tracepoint",
            hint="the kind of place differs: to which kind does the method in TODO 1 (tracer.py) attach?",
            expected=[str(HELLO)],
            got=found,
        )
    if found:
        return failed(
            f"the exercise asks for {TRACEPOINT}; yours: {listed(found)}",
            cause="wrong_place",
            hint=f"compare the name behind tp= in tracer.py with {TRACEPOINT}, letter by letter",
            expected=[str(HELLO)],
            got=found,
        )
    if seen.tracer.ended_by == "exited":
        said = "your tracer ended by itself before its program could be looked at" + last_words(seen)
        cause, hint = ended_early(seen)
        return failed(said, cause=cause, hint=hint)
    if fentry_instead(seen):
        return failed(
            f"the exercise asks for the raw tracepoint {TRACEPOINT}; yours is an fentry or fexit program",
            cause="fentry_instead",
            hint="BCC attaches those to functions: to which kind of place does TODO 1 (tracer.py) attach?",
            expected=[str(HELLO)],
            got=found,
        )
    return failed(
        f"the exercise asks for {TRACEPOINT}; the kernel knows of no place where yours is attached",
        cause="nothing_attached",
        hint="the line below the TODO in tracer.py: does it begin with a #? (lab hint 1)",
        expected=[str(HELLO)],
        got=found,
    )


def is_another_kind(seen: Observation) -> bool:
    """Whether it is not, or not only, the name that is wrong of where the tracer is attached."""
    attachments = seen.kernel.attachments
    return any(one.where == TRACEPOINT for one in attachments) or all(
        one.kind != HELLO.kind for one in attachments
    )


@gate
def it_runs(seen: Observation) -> Finding:
    """your program runs when programs are started"""
    started = ledger_sum(ledger(seen, "exec_caller"), "execs")
    ran = hello(seen).run_count
    if ran >= started:
        return passed(f"{started} programs were started by the lab, and it ran {ran} times", got=ran)
    return failed(
        f"{started} programs were started by the lab, and it ran only {ran} times",
        cause="missed_starts",
        hint="in tracer.py, attach above ready(), and detach nothing before the stop",
        expected=started,
        got=ran,
    )


def program_of_this_run(seen: Observation) -> Finding:
    """you report the program that this run loaded"""
    number, name, _, _ = read_report(report_fields(seen))
    mine = hello(seen)
    if number != mine.id:
        return failed(
            f"this run loaded program {mine.id}, and you report {number}",
            cause="stale_program",
            hint="the kernel numbers each load anew: where does the id in answers() (tracer.py) come from?",
            expected=mine.id,
            got=number,
        )
    if name not in names(mine):
        return failed(
            f"the kernel calls program {number} {mine.name}, and you report {name}",
            cause="wrong_name",
            hint="look at `name` in answers() (tracer.py): it is bpftool's, as it is",
            expected=mine.name,
            got=name,
        )
    return passed(f"program {number}, called {name}", got=number)


def place_of_this_run(seen: Observation) -> Finding:
    """you report where it is attached"""
    _, _, places, _ = read_report(report_fields(seen))
    attached = {one.where for one in seen.kernel.attachments}
    more = [place for place in places if place not in attached]
    if TRACEPOINT in places and more:
        return failed(
            f"you report {listed(more)}, and nothing of yours is attached there",
            cause="more_places",
            hint="`attached_to` in answers() (tracer.py) has one place for each link that bpftool shows",
            expected=sorted(attached),
            got=places,
        )
    if TRACEPOINT in places:
        return passed(f"attached to {listed(places)}")
    return failed(
        f"it is attached to {TRACEPOINT}, and you report {listed(places) if places else 'nothing'}",
        cause="place_wrong",
        hint="bpftool -j link show says it under tp_name: look at `attached_to` in answers() (tracer.py)",
        expected=TRACEPOINT,
        got=places,
    )


@needs("program_of_this_run")
def runs_of_this_run(seen: Observation) -> Finding:
    """you report how often it ran, up to the end"""
    _, _, _, got = read_report(report_fields(seen))
    expected = runs(seen)
    if expected.admits(got):
        return passed(f"it ran {got} times", expected=expected.inside, got=got, unit="runs")
    cause, hint = "runs_wrong", "look at `runs` in answers() (tracer.py): it is bpftool's run_cnt, as it is"
    if got < expected.inside:
        cause, hint = "asked_too_early", too_low(seen, expected.inside - got)
    return failed(
        f"the kernel counted {expected} runs, and you report {got}",
        cause=cause,
        hint=hint,
        expected=expected.inside,
        got=got,
        tolerance=expected.edge,
        unit="runs",
    )


def too_low(seen: Observation, missing: int) -> str:
    """When the kernel's number was so low; both mistakes that this may be."""
    ready_ns, sigint_ns = window(seen)
    before = [at_ns for at_ns in starts_ns(seen) if at_ns < sigint_ns][-missing:]
    moment = "before READY"
    if len(before) == missing and before[0] > ready_ns:
        moment = f"{(sigint_ns - before[0]) / 1e9:.1f} s before the stop"
    return (
        f"so low it was {moment}: is answers() called after wait_for_stop() (tracer.py)? If it is, what"
        " changes `runs` there? It is bpftool's run_cnt, as it is"
    )


# The doctor looks while traffic is sent, and traffic is sent only to a tracer that is attached.
CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    hello_is_attached,
    host_is_sound,
    it_runs,
    clean_exit,
    report_readable(read_report),
    program_of_this_run,
    place_of_this_run,
    runs_of_this_run,
)


# --- evidence ---


def recorders_saw_the_starts(seen: Observation) -> str | None:
    """The recorders must have seen at least the starts that were ordered, and the doctor has looked."""
    sent = ledger_sum(ledger(seen, "exec_caller"), "execs")
    started = sum(task.kind == "exec" for task in recording(seen).tasks)
    for one in seen.recordings:
        called = sum(call.syscall == "execve" and call.ret == 0 for call in one.calls)
        if min(started, called) < sent:
            return f"{sent} programs were started; the recorders saw {started} starts and {called} calls"
    if not any(entry.detail["results"] for entry in ledger(seen, "doctor")):
        return "the doctor said nothing about the lab host"
    return None


EVIDENCE = (recorders_saw_the_starts,)


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really so."""
    return {"runs": runs(seen)} if how_often(seen, HELLO) else {}
