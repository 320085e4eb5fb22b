"""Exercise 1: the lab host is sound, and a tracer tells what the kernel says of its program in this run."""

from __future__ import annotations

from grader.checks import clean_exit, loaded, ready, report_readable
from grader.checks.attached import listed
from grader.checks.last_words import ended_early
from grader.exercise import Check, Expected
from grader.found import Found, failed, passed, why
from grader.observation import Observation
from grader.place import how_often, place_of
from grader.report.fields import report_fields
from grader.sentences import said_in, unsaid
from grader.truth.calls import ledger, ledger_sum

from .hello import HELLO, TRACEPOINT, hello, names, read_report, runs, when_so_low, why_not_attached


def host_is_sound(seen: Observation) -> Found:
    """What the doctor found."""
    results = [result for entry in ledger(seen, "doctor") for result in entry.detail["results"]]
    bad = [result for result in results if result["grade"] == "bad"]
    if bad:
        said = "; ".join(f"{result['name']}: {result['message']}" for result in bad)
        return failed(why("host_not_sound", problems=said, fix=str(bad[0]["hint"]) or "lab doctor"))
    warned = [f"{result['name']}: {result['message']}" for result in results if result["grade"] == "warn"]
    return passed("; ".join([f"the doctor looked at {len(results)} things on it", *warned]))


def hello_is_attached(seen: Observation) -> Found:
    """Whether there is a program at the tracepoint."""
    found = [str(place_of(one)) for one in seen.kernel.attachments]
    if how_often(seen, HELLO):
        return passed(f"attached: {listed(found)}", got=found)
    if not found and seen.tracer.ended_by == "exited":
        return failed(ended_early(seen))
    return failed(why_not_attached(seen, found), expected=[str(HELLO)], got=found)


def it_runs(seen: Observation) -> Found:
    """The kernel's count beside the starts that were ordered."""
    started = ledger_sum(ledger(seen, "exec_caller"), "execs")
    ran = hello(seen).run_count
    if ran >= started:
        return passed(f"{started} programs were started by the lab, and it ran {ran} times", got=ran)
    return failed(why("missed_starts", started=started, ran=ran), expected=started, got=ran)


def program_of_this_run(seen: Observation) -> Found:
    """The reported id and name."""
    number, name, _, _ = read_report(report_fields(seen))
    mine = hello(seen)
    if number != mine.id:
        return failed(why("stale_program", right=mine.id, got=number), expected=mine.id, got=number)
    if name not in names(mine):
        wrong = why("wrong_name", number=number, right=mine.name, got=name)
        return failed(wrong, expected=mine.name, got=name)
    return passed(f"program {number}, called {name}", got=number)


def place_of_this_run(seen: Observation) -> Found:
    """The reported places."""
    _, _, places, _ = read_report(report_fields(seen))
    attached = {one.where for one in seen.kernel.attachments}
    more = [place for place in places if place not in attached]
    if TRACEPOINT in places and more:
        return failed(why("more_places", more=listed(more)), expected=sorted(attached), got=places)
    if TRACEPOINT in places:
        return passed(f"attached to {listed(places)}")
    said = listed(places) if places else "nothing"
    return failed(why("place_wrong", right=TRACEPOINT, got=said), expected=TRACEPOINT, got=places)


def runs_of_this_run(seen: Observation) -> Found:
    """The reported number of runs."""
    _, _, _, got = read_report(report_fields(seen))
    expected = runs(seen)
    if expected.admits(got):
        return passed(f"it ran {got} times", expected=expected.inside, got=got, unit="runs")
    if got < expected.inside:
        moment = when_so_low(seen, expected.inside - got)
        wrong = why("asked_too_early", right=expected, got=got, moment=moment)
    else:
        wrong = why("runs_wrong", right=expected, got=got)
    return failed(wrong, expected=expected.inside, got=got, tolerance=expected.edge, unit="runs")


# The doctor looks while traffic is sent, and traffic is sent only to a tracer that is attached.
CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    Check(
        "hello_is_attached",
        "your program is attached where programs are started",
        hello_is_attached,
        said_in("ended_early")
        | unsaid("not_a_raw_tracepoint", "wrong_place", "fentry_instead", "nothing_attached"),
        gate=True,
        before_traffic=True,
    ),
    Check(
        "host_is_sound",
        "the lab host has everything that the exercises need",
        host_is_sound,
        unsaid("host_not_sound"),
    ),
    Check(
        "it_runs",
        "your program runs when programs are started",
        it_runs,
        unsaid("missed_starts"),
        gate=True,
    ),
    clean_exit,
    report_readable(read_report),
    Check(
        "program_of_this_run",
        "you report the program that this run loaded",
        program_of_this_run,
        unsaid("stale_program", "wrong_name"),
    ),
    Check(
        "place_of_this_run",
        "you report where it is attached",
        place_of_this_run,
        unsaid("more_places", "place_wrong"),
    ),
    Check(
        "runs_of_this_run",
        "you report how often it ran, up to the end",
        runs_of_this_run,
        unsaid("runs_wrong", "asked_too_early"),
        needs=("program_of_this_run",),
    ),
)


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really so."""
    return {"runs": runs(seen)} if how_often(seen, HELLO) else {}
