"""Observation in, verdict out. Pure: the same observation gives the same verdict.

First whether the run is evidence at all, then the exercise's checks in their order. What an exception in a
check means is `error` with the check's name: our fault is never the learner's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from grader.checks.attached import place_of
from grader.checks.loading import stuck_at
from grader.checks.making import UNDECIDED
from grader.checks.readable import FIELD_HINT
from grader.exercise import Check, Exercise
from grader.judging.diagnosis import diagnose
from grader.judging.evidence import host_refusal, problem
from grader.judging.interference import disturbed, slowed
from grader.observation import Observation
from grader.observing.patience import patience
from grader.report.fields import ReportProblem
from grader.trouble import Kind
from grader.truth.counts import GENERIC_CAUSES, least
from grader.verdict import Finding, Outcome, ProbeCost, Verdict

INVALID = "invalid_evidence"
BROKEN = "lab_broken"
REFUSED = "host_refused"
TOO_SLOW = "too_slow"
CRASHED = "check_crashed"
NO_CHECKS = "no_checks"


class Again(StrEnum):
    """What the caller may do after a verdict."""

    NO = "no"
    NEW_SEED = "new_seed"
    """The run was no evidence: forget it, and observe again with another seed."""
    POOL = "pool"
    """The run was evidence but could not decide: observe once more, and judge both together."""


def judge(exercise: Exercise, seen: Observation | Sequence[Observation]) -> Verdict:
    """The verdict on one run, or on two runs that are pooled because the first could not decide.

    Never raises for anything a check does.
    """
    runs = [seen] if isinstance(seen, Observation) else list(seen)
    findings = disturbed(runs) or evidence_findings(exercise, runs) or check_findings(exercise, runs)
    last = runs[-1]
    return Verdict(
        exercise=last.exercise,
        outcome=overall(findings),
        checks=tuple(findings),
        cost=costs(last),
        host=last.host,
        seed=last.seed,
        timings=dict(last.timings),
        attempt=last.attempt,
    )


def again(verdict: Verdict) -> Again:
    """Whether one more run could tell."""
    causes = {finding.cause for finding in verdict.checks if finding.outcome is Outcome.ERROR}
    if INVALID in causes:
        return Again.NEW_SEED
    return Again.POOL if causes == {UNDECIDED} and verdict.outcome is Outcome.ERROR else Again.NO


def evidence_findings(exercise: Exercise, runs: Sequence[Observation]) -> list[Finding]:
    """One `error` when a run cannot be used (`fail` when that is the tracer's doing), or when there is
    nothing to judge by; else none.
    """
    title = "the lab could observe the run"
    if not exercise.checks:
        return [
            Finding("checks", title, Outcome.ERROR, message="this exercise has no checks", cause=NO_CHECKS)
        ]
    for seen in runs:
        refused = host_refusal(seen)
        if refused:
            said = f"the lab host could not run a tracer: {refused}"
            return [Finding("evidence", title, Outcome.ERROR, message=said, hint="lab doctor", cause=REFUSED)]
        if seen.tracer.ended_by == "late" and not seen.troubles:
            return [too_slow(exercise, seen)]
        try:
            trouble = problem(seen, exercise.evidence)
        except Exception as error:
            said = f"looking at the evidence failed: {type(error).__name__}: {error}"
            return [Finding("evidence", title, Outcome.ERROR, message=said, cause=CRASHED)]
        if trouble and trouble.kind is Kind.BROKEN:
            said, hint = trouble.message, "lab logs   # for a bug report: another run would end the same way"
            return [Finding("evidence", title, Outcome.ERROR, message=said, hint=hint, cause=BROKEN)]
        if trouble:
            said = trouble.message
            return slowed(runs) or [Finding("evidence", title, Outcome.ERROR, message=said, cause=INVALID)]
    return []


def too_slow(exercise: Exercise, seen: Observation) -> Finding:
    """The tracer was still at work without READY, at the second try and alone: slow, or without an end."""
    limits, used_s = patience(seen.host.accel), seen.tracer.cpu_s
    busy = f"close what keeps the machine busy, then: lab check {exercise.number}"
    if used_s > limits.ready_cpu_s:
        said = (
            f"your tracer used {used_s:.0f} s of CPU time without saying READY, many times"
            " what a tracer of the lab's took beside it, also when tried alone"
        )
        hint = f"does a loop above ready() in tracer.py never end? If not, {busy}"
    else:
        said = (
            f"your tracer had not said READY after {limits.ready_most_s / 60:.0f} minutes, also when tried"
            f" alone, and had got no more than {used_s:.0f} s of CPU time"
        )
        hint = busy
    return Finding(
        "evidence",
        "the lab could observe the run",
        Outcome.ERROR,
        message=f"{said}. It was still at work{stuck_at(seen)}, so whether it would have got ready cannot be"
        " told",
        hint=hint,
        cause=TOO_SLOW,
    )


def check_findings(exercise: Exercise, runs: Sequence[Observation]) -> list[Finding]:
    """Every check in its order; those behind a failed gate, or that need a failed check, are skipped."""
    findings: list[Finding] = []
    failed: list[str] = []
    closed = ""
    unsent = not all(seen.traffic_ran for seen in runs)
    last_gate = max((at for at, one in enumerate(exercise.checks) if getattr(one, "gate", False)), default=-1)
    for at, check in enumerate(exercise.checks):
        if unsent and at > last_gate and not closed:
            closed = "traffic"
        behind = closed or next((name for name in getattr(check, "needs", ()) if name in failed), "")
        if behind:
            findings.append(
                titled(check, Finding("", "", Outcome.SKIP, message=f"not looked at: {behind} comes first"))
            )
            failed.append(check_name(check))
            continue
        finding = titled(check, run_check(check, runs))
        findings.append(finding)
        if finding.outcome is not Outcome.PASS:
            failed.append(finding.name)
            if getattr(check, "gate", False):
                closed = finding.name
    if not any(finding.outcome is Outcome.FAIL for finding in findings):
        findings += [without_traffic(seen) for seen in runs if not seen.traffic_ran][:1]
    # Without traffic every mistake gives the same numbers: none.
    return findings if unsent else with_diagnosis(findings, exercise, runs)


def without_traffic(seen: Observation) -> Finding:
    """Nothing was sent in this run, and no check found a reason in the tracer."""
    title = "traffic was sent"
    if not (seen.tracer.ready and seen.kernel.attachments):
        return Finding("evidence", title, Outcome.ERROR, message="no traffic was sent", cause=INVALID)
    if seen.ledger:
        return Finding(
            "evidence",
            title,
            Outcome.FAIL,
            message=f"the lab did {len(seen.ledger)} times what your programs should see, and none of them"
            " ran, so nothing more was sent",
            cause="never_ran",
            hint="where are they attached, and what happens to them before ready()?",
        )
    # Traffic is sent to a tracer that is attached when it says READY. This one is now: another run would
    # only show the same again.
    return Finding(
        "evidence",
        title,
        Outcome.FAIL,
        message="what the exercise asks for was not attached when your tracer said READY, so nothing was"
        " sent; later it was",
        cause="attached_after_ready",
        hint="in tracer.py, which lines attach, and where among them stands ready()?",
    )


def run_check(check: Check, runs: Sequence[Observation]) -> Finding:
    """One check on every run: the first that is not a pass speaks."""
    pooled: Callable[[Sequence[Observation]], Finding] | None = getattr(check, "pooled", None)
    try:
        if pooled is not None and len(runs) > 1:
            return pooled(runs)
        for seen in runs:
            finding = check(seen)
            if not isinstance(finding, Finding):
                raise TypeError(f"a {type(finding).__name__} instead of a Finding")
            if finding.outcome is not Outcome.PASS:
                return finding
        return finding
    except ReportProblem as unreadable:
        return Finding(
            "",
            "",
            Outcome.FAIL,
            message=f"in the report, {unreadable}",
            cause="report_field",
            hint=FIELD_HINT,
        )
    except Exception as error:
        said = f"the check {check_name(check)} failed by itself: {type(error).__name__}: {error}"
        return Finding("", "", Outcome.ERROR, message=said, cause=CRASHED)


def with_diagnosis(findings: list[Finding], exercise: Exercise, runs: Sequence[Observation]) -> list[Finding]:
    """Where the first failing check has no cause of its own, the nearest misconception speaks.

    Beside a cause of its own, one is named only when it would print exactly these numbers too.
    """
    for index, finding in enumerate(findings):
        if finding.outcome is not Outcome.FAIL:
            continue
        own = "" if finding.cause in GENERIC_CAUSES else finding.cause
        if own and not isinstance(finding.expected, Mapping | int | float):
            return findings  # it is not about the numbers
        try:
            truth = exercise.summary(runs[-1]) if exercise.summary else {}
            found = diagnose(exercise.misconceptions, runs[-1], least(truth))
        except Exception as error:
            said = f"the diagnosis failed by itself: {type(error).__name__}: {error}"
            return [
                *findings,
                Finding("diagnosis", "the mistake can be named", Outcome.ERROR, message=said, cause=CRASHED),
            ]
        if found and (not own or (found.exact and own not in found.causes)):
            told = f"{finding.message}\n{found.message}" if finding.message else found.message
            # A cause that the check found by itself keeps its own hint.
            hint = finding.hint if own else found.hint or finding.hint
            findings[index] = replace(finding, message=told, cause=own or found.causes[0], hint=hint)
        return findings
    return findings


def overall(findings: Sequence[Finding]) -> Outcome:
    """A crash of ours outweighs everything, then a fail; no finding at all is an error."""
    outcomes = {finding.outcome for finding in findings}
    broken = any(finding.outcome is Outcome.ERROR and finding.cause != UNDECIDED for finding in findings)
    if broken or not findings:
        return Outcome.ERROR
    if Outcome.FAIL in outcomes:
        return Outcome.FAIL
    return Outcome.PASS if outcomes == {Outcome.PASS} else Outcome.ERROR


def costs(seen: Observation) -> tuple[ProbeCost, ...]:
    """What each of the tracer's programs cost."""
    rows = []
    for program in seen.kernel.programs:
        places = [str(place_of(one)) for one in seen.kernel.attachments if one.program_id == program.id]
        probe = ", ".join(places) or program.name or str(program.id)
        per_event = program.run_time_ns / program.run_count if program.run_count else 0.0
        rows.append(ProbeCost(probe, program.run_count, round(per_event, 1)))
    return tuple(rows)


def titled(check: Check, finding: Finding) -> Finding:
    """The finding under its check's name and title."""
    lines = (check.__doc__ or "").strip().splitlines()
    return replace(finding, name=check_name(check), title=lines[0] if lines else finding.title)


def check_name(check: Any) -> str:
    """The function's name."""
    return str(getattr(check, "__name__", type(check).__name__))
