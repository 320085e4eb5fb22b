"""Judging: evidence first, our fault is never the learner's, and what is skipped."""

import dataclasses
from collections.abc import Callable

import pytest

from grader.exercise import Check, Misconception
from grader.found import Found, failed, passed, why
from grader.judge import Again, again, judge
from grader.observation import KernelFacts, Observation, ProgramFacts, Recording, Report
from grader.report.fields import report_fields
from grader.sentences import unsaid
from grader.trouble import Kind, Trouble
from grader.verdict import Outcome
from tests.grader.runs import exercise, kernel_facts, other_recorder, right_run, tracer_run, true_calls


def check(name: str, run: Callable[[Observation], Found], title: str = "it is so") -> Check:
    return Check(name, title, run, unsaid("own_cause", "another_file"))


def crashing(seen: Observation) -> Found:
    raise ZeroDivisionError("by hand")


def without_moons(seen: Observation) -> Found:
    report_fields(seen).count("moons")
    raise AssertionError("not reached")


good = check("good", lambda seen: passed(), "it is good")
bad = check("bad", lambda seen: failed(why("own_cause")), "it must not be bad")
crash = check("crash", crashing)
unreadable = check("unreadable", without_moons)
no_answer = check("no_answer", lambda seen: None)  # type: ignore[arg-type,return-value]
undeclared = check("undeclared", lambda seen: failed(why("a_cause_that_it_does_not_declare")))


def as_gate(closing: Check) -> Check:
    return dataclasses.replace(closing, gate=True)


def outcomes(*checks: Check, seen: Observation | None = None) -> list[str]:
    return [one.outcome.value for one in judge(exercise(*checks), seen or right_run()).checks]


def test_no_checks_is_an_error() -> None:
    verdict = judge(exercise(), right_run())
    assert (verdict.outcome, verdict.checks[0].cause, again(verdict)) == (
        Outcome.ERROR,
        "no_checks",
        Again.NO,
    )


def test_name_and_title_are_the_checks_own() -> None:
    finding = judge(exercise(good), right_run()).checks[0]
    assert (finding.name, finding.title) == ("good", "it is good")


def test_a_check_that_raises_is_an_error_with_its_name() -> None:
    verdict = judge(exercise(good, crash), right_run())
    assert verdict.outcome is Outcome.ERROR
    assert verdict.checks[1].message == "the check crash failed by itself: ZeroDivisionError: by hand"
    assert again(verdict) is Again.NO


def test_a_check_that_answers_nothing_is_an_error() -> None:
    assert judge(exercise(no_answer), right_run()).checks[0].cause == "check_crashed"


def test_a_cause_that_a_check_does_not_declare_is_an_error_of_ours() -> None:
    assert judge(exercise(undeclared), right_run()).checks[0].cause == "check_crashed"


def test_a_report_that_a_check_cannot_read_is_the_tracers_fault() -> None:
    verdict = judge(exercise(unreadable), right_run())
    assert (verdict.outcome, verdict.checks[0].cause) == (Outcome.FAIL, "report_field")
    assert "moons is missing" in verdict.checks[0].message


def test_an_error_of_ours_outweighs_a_fail() -> None:
    assert judge(exercise(bad, crash), right_run()).outcome is Outcome.ERROR


def test_checks_fail_alone_unless_a_gate_closes() -> None:
    assert outcomes(bad, good) == ["fail", "pass"]
    assert outcomes(as_gate(bad), good, bad) == ["fail", "skip", "skip"]
    assert outcomes(as_gate(good), good) == ["pass", "pass"]


def test_a_check_is_skipped_when_what_it_needs_failed_or_was_skipped() -> None:
    second, third = (dataclasses.replace(good, name=name) for name in ("second", "third"))
    assert outcomes(bad, second.needing("bad"), third.needing("second"), good) == [
        "fail",
        "skip",
        "skip",
        "pass",
    ]


def calls_lost(seen: Observation) -> Observation:
    first, second = seen.recordings
    return dataclasses.replace(seen, recordings=(first, dataclasses.replace(second, calls=second.calls[1:])))


INVALID: dict[str, tuple[Callable[[Observation], Observation], str]] = {
    "a trouble of ours": (
        lambda seen: dataclasses.replace(seen, troubles=(Trouble("the driver died"),)),
        "the driver died",
    ),
    "no traffic": (lambda seen: dataclasses.replace(seen, ledger=()), "no traffic was sent"),
    "an unanswered request": (
        lambda seen: dataclasses.replace(
            seen,
            ledger=(
                *seen.ledger[1:],
                dataclasses.replace(seen.ledger[0], ok=False, who="lab-target", detail={"error": "reset"}),
            ),
        ),
        "1 of 211 units of traffic were not answered as planned (first: http to lab-target: reset)",
    ),
    "one recorder": (
        lambda seen: dataclasses.replace(seen, recordings=seen.recordings[:1]),
        "only 1 of the two",
    ),
    "a lost event": (
        lambda seen: dataclasses.replace(
            seen, recordings=(seen.recordings[0], dataclasses.replace(seen.recordings[1], lost=3))
        ),
        "the recorder (fentry) lost 3 events",
    ),
    "recorders that disagree": (calls_lost, "the two recorders disagree about 1 calls"),
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_evidence_is_an_error_and_asks_for_a_new_seed(name: str) -> None:
    spoil, said = INVALID[name]
    verdict = judge(exercise(bad), spoil(right_run()))
    assert verdict.outcome is Outcome.ERROR
    assert len(verdict.checks) == 1
    assert said in verdict.checks[0].message
    assert again(verdict) is Again.NEW_SEED


def test_what_is_broken_outweighs_what_another_run_may_mend_and_asks_for_none() -> None:
    troubles = (Trouble("no answer to quiet within 60 s", Kind.BUSY), Trouble("no function x", Kind.BROKEN))
    verdict = judge(exercise(good), dataclasses.replace(right_run(), troubles=troubles))
    assert (verdict.outcome, again(verdict)) == (Outcome.ERROR, Again.NO)
    assert "no function x" in verdict.checks[0].message
    assert verdict.checks[0].hint.startswith("lab logs ")


def test_different_return_values_are_invalid_evidence() -> None:
    calls = true_calls()
    other = other_recorder(calls)
    spoiled = (dataclasses.replace(other[0], ret=-1), *other[1:])
    seen = right_run(recordings=(Recording("a", calls), Recording("b", spoiled)))
    assert "disagree about what readv returned: 311 and -1" in judge(exercise(good), seen).checks[0].message


def test_the_exercises_own_evidence_is_asked_and_a_crash_in_it_is_ours() -> None:
    verdict = judge(exercise(good, evidence=(lambda seen: "too few",)), right_run())
    assert (verdict.outcome, verdict.checks[0].message) == (Outcome.ERROR, "too few")

    def broken(seen: Observation) -> str | None:
        raise KeyError("x")

    verdict = judge(exercise(good, evidence=(broken,)), right_run())
    assert (verdict.outcome, again(verdict)) == (Outcome.ERROR, Again.NO)


def test_a_tracer_that_disturbed_us_fails_although_the_evidence_is_spoiled() -> None:
    seen = calls_lost(right_run(tracer=tracer_run(ended_by="interference")))
    (finding,) = judge(exercise(good), seen).checks
    assert (finding.outcome, finding.cause) == (Outcome.FAIL, "interference")


def test_programs_that_take_the_cpu_are_the_tracers_fault_only_where_the_run_is_spoiled() -> None:
    heavy = dataclasses.replace(kernel_facts(), programs=(ProgramFacts(7, "p", "kprobe", 9, 60 * 10**9, 0),))
    assert judge(exercise(good), right_run(kernel=heavy)).outcome is Outcome.PASS
    (finding,) = judge(exercise(good), calls_lost(right_run(kernel=heavy))).checks
    assert (finding.outcome, finding.cause) == (Outcome.FAIL, "interference")
    assert "61% of a CPU" in finding.message
    assert judge(exercise(good), calls_lost(right_run())).outcome is Outcome.ERROR


def test_no_traffic_is_a_fail_only_when_a_check_says_so() -> None:
    nothing = right_run(traffic_ran=False, ledger=(), recordings=(), kernel=KernelFacts())
    assert judge(exercise(as_gate(bad)), nothing).outcome is Outcome.FAIL
    verdict = judge(exercise(good), nothing)
    assert (verdict.outcome, again(verdict)) == (Outcome.ERROR, Again.NEW_SEED)


def test_without_traffic_who_is_attached_at_the_end_attached_too_late() -> None:
    late = right_run(traffic_ran=False, ledger=(), recordings=())
    verdict = judge(exercise(good), late)
    assert (verdict.outcome, again(verdict)) == (Outcome.FAIL, Again.NO)
    assert verdict.checks[-1].cause == "attached_after_ready"
    # A trouble of ours may have kept us from sending.
    ours = judge(exercise(good), dataclasses.replace(late, troubles=(Trouble("the driver died"),)))
    assert (ours.outcome, again(ours)) == (Outcome.ERROR, Again.NEW_SEED)
    # What a check finds is nearer.
    assert [one.cause for one in judge(exercise(as_gate(bad)), late).checks] == ["own_cause"]


def test_without_the_traffic_no_numbers_are_compared() -> None:
    """What stands behind the last gate compares numbers; a few canaries are no evidence for that."""
    late = right_run(traffic_ran=False, ledger=(), recordings=())
    verdict = judge(exercise(as_gate(good), bad), late)
    assert [one.outcome for one in verdict.checks] == [Outcome.PASS, Outcome.SKIP, Outcome.FAIL]
    assert verdict.checks[-1].cause == "attached_after_ready"


def test_without_the_traffic_no_mistake_is_named_by_numbers() -> None:
    nothing = Misconception("nothing_counted", "nothing is counted", "", lambda seen: {"counts.readv": 0})
    asked = exercise(
        as_gate(check("ran", lambda seen: failed(why("another_file"), expected=20, got=0))),
        misconceptions=(nothing,),
        summary=lambda _seen: {"counts.readv": 211},
    )
    zero = right_run(report=Report({"counts": {"readv": 0}}, bytes=10))
    assert "nothing is counted" in judge(asked, zero).checks[0].message
    unsent = dataclasses.replace(zero, traffic_ran=False, ledger=right_run().ledger[:20])
    assert judge(asked, unsent).checks[0].message == ""


def test_a_tracer_that_no_canary_made_run_fails_where_no_check_says_why() -> None:
    never = right_run(traffic_ran=False, ledger=right_run().ledger[:20])
    verdict = judge(exercise(as_gate(good), bad), never)
    assert (verdict.outcome, verdict.checks[-1].cause, again(verdict)) == (
        Outcome.FAIL,
        "never_ran",
        Again.NO,
    )
    assert "20 times" in verdict.checks[-1].message


def test_a_tracer_that_was_still_at_work_is_never_to_blame_and_not_tried_for_ever() -> None:
    run = tracer_run(ready=False, ended_by="late", exit_code=None, cpu_s=212.0, stuck_at="tracer.py:2")
    seen = right_run(
        tracer=run, traffic_ran=False, ledger=(), sources={"tracer.py": "import os\nBPF(text)\n"}
    )
    verdict = judge(exercise(bad), seen)
    assert (verdict.outcome, again(verdict)) == (Outcome.ERROR, Again.NO)
    assert [one.cause for one in verdict.checks] == ["too_slow"]
    assert "212 s" in verdict.checks[0].message and "at tracer.py:2: `BPF(text)`" in verdict.checks[0].message


def test_a_tracer_that_got_hardly_any_cpu_time_is_not_said_to_have_used_much() -> None:
    run = tracer_run(ready=False, ended_by="late", exit_code=None, cpu_s=12.0)
    (told,) = judge(exercise(bad), right_run(tracer=run, traffic_ran=False, ledger=())).checks
    assert (told.outcome, told.cause) == (Outcome.ERROR, "too_slow")
    assert "minutes" in told.message and "12 s" in told.message
    assert "many times" not in told.message and "loop" not in told.hint


@pytest.mark.parametrize(
    "line",
    [
        "Failed to connect to system scope bus via local transport: No such file or directory",
        "create_probe_event: open(/sys/kernel/debug/tracing/kprobe_events): Read-only file system",
        "chdir(/lib/modules/6.12.0/build): No such file or directory",
    ],
)
def test_a_host_that_cannot_run_a_tracer_is_an_error_that_another_seed_would_not_mend(line: str) -> None:
    printed = tracer_run(ready=False, ended_by="exited", exit_code=1, stderr_tail=f"{line}\nException: no\n")
    # What a tracer prints proves nothing: it may have made it up.
    assert judge(exercise(as_gate(bad)), right_run(tracer=printed)).outcome is Outcome.FAIL
    run = dataclasses.replace(printed, refusal=line)
    verdict = judge(exercise(bad), right_run(tracer=run, traffic_ran=False))
    assert (verdict.outcome, again(verdict)) == (Outcome.ERROR, Again.NO)
    assert line in verdict.checks[0].message
    # A right tracer may print what it likes.
    assert judge(exercise(good), right_run(tracer=tracer_run(stderr_tail=line))).outcome is Outcome.PASS


def test_judging_twice_gives_the_same_verdict() -> None:
    assert judge(exercise(good, bad), right_run()) == judge(exercise(good, bad), right_run())


def test_the_cost_of_each_program_is_in_the_verdict() -> None:
    costs = judge(exercise(good), right_run()).cost
    assert [(one.probe, one.events, one.ns_per_event) for one in costs] == [
        ("kprobe on readv", 1000, 2000.0),
        ("kretprobe on readv", 1000, 2400.0),
    ]
