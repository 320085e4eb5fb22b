"""Judging a tracer that never ran: still at work when its time was up, or refused by the lab host itself."""

import dataclasses

import pytest

from grader.checks import gate
from grader.checks.making import failed, named, passed
from grader.judge import Again, again, judge
from grader.verdict import Outcome
from tests.grader.runs import exercise, right_run, tracer_run

good = named("good", "it is good", lambda _seen: passed())
bad = named("bad", "it must not be bad", lambda _seen: failed("no", cause="own_cause"))


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
    assert judge(exercise(gate(named("own", "t", bad))), right_run(tracer=printed)).outcome is Outcome.FAIL
    run = dataclasses.replace(printed, refusal=line)
    verdict = judge(exercise(bad), right_run(tracer=run, traffic_ran=False))
    assert (verdict.outcome, again(verdict)) == (Outcome.ERROR, Again.NO)
    assert line in verdict.checks[0].message
    # A right tracer may print what it likes.
    assert judge(exercise(good), right_run(tracer=tracer_run(stderr_tail=line))).outcome is Outcome.PASS
