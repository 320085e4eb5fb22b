"""The standard checks: each wrong run fails the check made for it, and no other."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from grader.checks import attached, clean_exit, durations, loaded, ran, ready, report_readable
from grader.exercise import Check
from grader.found import Found
from grader.judge import again, judge
from grader.observation import Attachment, BadReport, KernelFacts, Observation, ProgramFacts, Report
from grader.place import Place, kprobe, kretprobe, plain_function
from grader.report.fields import Fields, report_fields
from grader.truth.calls import calls
from grader.truth.counts import compare
from grader.truth.durations import Event, Plateau
from grader.verdict import Outcome
from tests.grader.runs import (
    MS,
    WAITS_MS,
    events,
    exercise,
    finding,
    kernel_facts,
    reporting,
    right_run,
    tracer_run,
    true_calls,
    true_report,
)

PLATEAUS = tuple(Plateau(f"{ms} ms", int(ms * 0.8 * MS), int(ms * 1.6 * MS)) for ms in WAITS_MS)
PLACES = (kprobe("readv"), kretprobe("readv"))


def read_report(report: Fields) -> tuple[dict[str, int], list[Event]]:
    told = [
        Event(one.count("tid"), one.text("syscall"), one.count("ts_ns"), one.count("duration_ns"))
        for one in report.items("events")
    ]
    return report.counts("counts"), told


def read_events(seen: Observation) -> Iterator[Event]:
    yield from read_report(report_fields(seen))[1]


def reads_counted(seen: Observation) -> Found:
    return compare(read_report(report_fields(seen))[0].get("readv", 0), calls(seen, "readv").count)


EXERCISE = exercise(
    loaded,
    ready,
    attached(*PLACES),
    clean_exit,
    ran(*PLACES),
    report_readable(read_report),
    Check("reads_counted", "every readv is counted once", reads_counted),
    durations(read_events, PLATEAUS, "epoll_wait"),
)


def changed_report(**changes: Any) -> dict[str, Any]:
    return {**true_report(), **changes}


def changed_events(factor: float = 1.0, keep: slice = slice(None)) -> dict[str, Any]:
    return changed_report(events=events(true_calls(), factor)[keep])


def not_ready(**changes: Any) -> Observation:
    """A run that came to nothing: no traffic, no recording, no report."""
    run = {"ready": False, "ended_by": "exited", "exit_code": 1, "ready_ns": 0, "sigint_ns": 0, **changes}
    return right_run(
        traffic_ran=False,
        ledger=(),
        recordings=(),
        tracer=tracer_run(**run),
        report=BadReport("none"),
        kernel=KernelFacts(),
    )


def with_attachments(*attachments: Attachment) -> Observation:
    return right_run(kernel=dataclasses.replace(kernel_facts(), attachments=attachments))


OUT_OF_BPF = """/virtual/main.c:7:12: error: use of undeclared identifier 'strat'
    7 |     return strat > 0;
"""
ENTRY = Attachment(7, "kprobe", "__x64_sys_readv")

WRONG: dict[str, tuple[Observation, str, str]] = {
    "does not compile": (not_ready(stderr_tail=OUT_OF_BPF), "loaded", "undeclared_name"),
    "ends with an unknown error": (not_ready(stderr_tail="boom"), "loaded", "load_failed"),
    "hits a limit while loading": (
        not_ready(ended_by="limit", limit="memory", exit_code=None), "loaded", "limit_memory",
    ),
    "starter without READY": (not_ready(exit_code=0), "ready", "ended_early"),
    "never says READY": (not_ready(ended_by="not_ready", exit_code=None), "ready", "never_ready"),
    "attached nowhere": (right_run(kernel=KernelFacts()), "attached", "nothing_attached"),
    "as fentry programs": (
        right_run(kernel=KernelFacts(programs=(ProgramFacts(7, "p", "tracing", 9, 0, 0),))),
        "attached", "fentry_instead",
    ),
    "loaded, attached nowhere": (
        right_run(kernel=KernelFacts(programs=(ProgramFacts(7, "p", "kprobe", 0, 0, 0),))),
        "attached", "nothing_attached",
    ),
    "crashed after READY": (
        right_run(kernel=KernelFacts(), tracer=tracer_run(ended_by="exited", exit_code=1)),
        "attached", "ended_early",
    ),
    "return probe missing": (with_attachments(ENTRY), "attached", "not_all_attached"),
    "on other functions": (
        with_attachments(Attachment(7, "kprobe", "__x64_sys_read")),
        "attached", "wrong_function",
    ),
    "as tracepoints": (
        with_attachments(Attachment(7, "tracepoint", "sys_enter_readv")), "attached", "not_a_kprobe",
    ),
    "ignores SIGINT": (
        right_run(tracer=tracer_run(ended_by="killed", exit_code=-9)), "clean_exit", "ignored_sigint",
    ),
    "prints too much": (
        right_run(tracer=tracer_run(ended_by="limit", limit="output", exit_code=-9)),
        "clean_exit", "limit_output",
    ),
    "crashes at the end": (right_run(tracer=tracer_run(exit_code=1)), "clean_exit", "crashed_at_exit"),
    "leaves probes behind": (
        right_run(kernel=dataclasses.replace(kernel_facts(), left_behind=("kprobe on readv",))),
        "clean_exit", "left_behind",
    ),
    "return probes run out": (right_run(kernel=kernel_facts(returns=0)), "ran", "return_probes_exhausted"),
    "never runs": (
        right_run(
            kernel=dataclasses.replace(
                kernel_facts(), programs=tuple(ProgramFacts(id, "p", "kprobe", 0, 0, 0) for id in (7, 8))
            )
        ),
        "ran", "never_ran",
    ),
    "no report": (right_run(report=BadReport("none")), "report_readable", "report_none"),
    "NaN": (right_run(report=BadReport("not_finite", "{")), "report_readable", "report_not_finite"),
    "-1": (reporting(changed_report(counts={"readv": -1})), "report_readable", "report_field"),
    "2^63": (reporting(changed_report(counts={"readv": 2**63})), "report_readable", "report_field"),
    "empty object": (reporting({}), "report_readable", "report_field"),
    "doubled": (reporting(changed_report(counts={"readv": 422})), "reads_counted", "count_multiple"),
    "one too few": (reporting(changed_report(counts={"readv": 210})), "reads_counted", "count_too_low"),
    "x1000": (reporting(changed_report(counts={"readv": 211_000})), "reads_counted", "count_too_high"),
    "microseconds": (reporting(changed_events(1e-3)), "durations", "wrong_unit"),
    "10% too long": (reporting(changed_events(1.1)), "durations", "constant_bias"),
    "events cut off": (reporting(changed_events(keep=slice(400))), "durations", "events_missing"),
    "no events": (reporting(changed_report(events=[])), "durations", "events_missing"),
}  # fmt: skip


def test_a_right_run_passes() -> None:
    verdict = judge(EXERCISE, right_run())
    assert [(one.name, one.message) for one in verdict.checks if one.outcome is not Outcome.PASS] == []
    assert verdict.outcome is Outcome.PASS


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_run_fails_the_check_made_for_it_and_no_other(name: str) -> None:
    seen, check, cause = WRONG[name]
    verdict = judge(EXERCISE, seen)
    assert [(one.name, one.cause) for one in verdict.checks if one.outcome is Outcome.FAIL] == [
        (check, cause)
    ]
    assert not any(one.outcome is Outcome.ERROR for one in verdict.checks)
    assert verdict.outcome is Outcome.FAIL
    wrong = next(one for one in verdict.checks if one.outcome is Outcome.FAIL)
    assert wrong.message and wrong.title


def test_the_learners_own_line_stands_in_the_finding() -> None:
    verdict = judge(EXERCISE, not_ready(stderr_tail=OUT_OF_BPF))
    assert verdict.checks[0].message.startswith(
        "tracer.bpf.c:7\n    return strat > 0;\nthere is no strat here"
    )
    assert {one.outcome for one in verdict.checks[1:]} == {Outcome.SKIP}


BROKEN_LATER = """Traceback (most recent call last):
  File "/run/tracer/tracer.py", line 31, in <module>
    print(bpf["counts"].valeus())
AttributeError: 'HashTable' object has no attribute 'valeus'
"""


@pytest.mark.parametrize(("ended_by", "check"), [("exited", "attached"), ("sigint", "clean_exit")])
def test_a_crash_after_ready_shows_the_learners_own_line(ended_by: str, check: str) -> None:
    kernel = KernelFacts() if ended_by == "exited" else kernel_facts()
    crashed = tracer_run(ended_by=ended_by, exit_code=1, stderr_tail=BROKEN_LATER)
    verdict = judge(EXERCISE, right_run(kernel=kernel, tracer=crashed))
    wrong = next(one for one in verdict.checks if one.outcome is Outcome.FAIL)
    assert wrong.name == check
    assert 'tracer.py:31\n    print(bpf["counts"].valeus())' in wrong.message
    assert "tracer.py" in wrong.hint
    assert "wait_for_stop() waits" not in wrong.hint  # that would not help: the line must be repaired


def test_a_tracer_that_ends_by_the_interrupt_itself_is_calm() -> None:
    interrupted = (
        'Traceback (most recent call last):\n  File "t/tracer.py", line 3, in <module>\nKeyboardInterrupt\n'
    )
    assert (
        clean_exit.run(right_run(tracer=tracer_run(exit_code=130, stderr_tail=interrupted))).outcome
        is Outcome.PASS
    )
    waiting = not_ready(ended_by="not_ready", exit_code=130, stderr_tail=interrupted)
    assert loaded.run(waiting).outcome is Outcome.PASS


def test_further_places_are_named_and_do_no_harm() -> None:
    more = (*kernel_facts().attachments, Attachment(9, "kprobe", "__x64_sys_openat"))
    told = finding(attached(*PLACES), with_attachments(*more))
    assert told.outcome is Outcome.PASS
    assert "also kprobe on openat" in told.message


@pytest.mark.parametrize(
    "where", ["__x64_sys_readv", "__arm64_sys_readv", "__se_sys_readv", "sys_readv", "readv"]
)
def test_a_system_call_is_the_same_on_every_cpu(where: str) -> None:
    assert plain_function(where) == "readv"


def test_entries_and_returns_are_told_apart() -> None:
    turned = with_attachments(Attachment(7, "kretprobe", "__x64_sys_execve"))
    assert finding(attached(kprobe("execve")), turned).cause == "return_instead_of_entry"
    entered = with_attachments(Attachment(7, "kprobe", "__x64_sys_execve"))
    assert finding(attached(kretprobe("execve")), entered).cause == "entry_instead_of_return"


def test_a_probe_where_a_tracepoint_is_asked_for_is_another_kind_of_place() -> None:
    probed = with_attachments(Attachment(7, "kprobe", "__x64_sys_execve"))
    assert finding(attached(Place("raw_tracepoint", "sched_process_exec")), probed).cause == "wrong_kind"


def test_one_program_on_two_calls_must_run_for_both() -> None:
    shared = KernelFacts(
        programs=(ProgramFacts(7, "entry", "kprobe", 700, 0, 0),),
        attachments=(ENTRY, Attachment(7, "kprobe", "__x64_sys_epoll_wait")),
    )
    check = ran(kprobe("readv"), kprobe("epoll_wait"))
    found = check.run(right_run(kernel=shared))
    assert (found.outcome, found.expected, found.got) == (Outcome.FAIL, 211 + 520, 700)


def test_an_undecided_plateau_asks_for_one_more_run_and_pools() -> None:
    def losing(bad: int) -> Observation:
        told = true_report()
        longest = [one for one in told["events"] if one["duration_ns"] > 140 * MS]
        for one in longest[:bad]:
            one["duration_ns"] //= 2
        return right_run(report=Report(told, 10))

    first = judge(EXERCISE, losing(5))
    assert first.outcome is Outcome.ERROR
    assert again(first) == "pool"
    assert judge(EXERCISE, [losing(5), losing(0)]).outcome is Outcome.PASS
    pooled = judge(EXERCISE, [losing(5), losing(5)])
    assert pooled.outcome is Outcome.FAIL
    assert again(pooled) == "no"


def test_a_pooled_run_must_pass_the_other_checks_too() -> None:
    worse = reporting(changed_report(counts={"readv": 5}))
    verdict = judge(EXERCISE, [right_run(), worse])
    assert [one.name for one in verdict.checks if one.outcome is Outcome.FAIL] == ["reads_counted"]


REASONS = (
    *("report_none", "report_not_json", "report_not_an_object", "report_not_finite", "report_too_large"),
    *("report_not_utf8", "report_number_too_large", "report_duplicate_key", "report_too_deep"),
)


@pytest.mark.parametrize("cause", REASONS)
def test_each_reason_why_a_report_cannot_be_read_has_words_of_its_own(cause: str) -> None:
    reason = cause.removeprefix("report_")
    told = finding(report_readable(read_report), right_run(report=BadReport(reason, "{{")))
    assert told.cause == cause
    assert "cannot be read" not in told.message and told.hint


def test_a_reason_that_nobody_has_words_for_is_said_as_it_is() -> None:
    told = finding(report_readable(read_report), right_run(report=BadReport("odd", "{{")))
    assert (told.cause, told.message) == ("report_odd", "the report cannot be read (odd): {{")
