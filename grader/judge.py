"""Observation in, verdict out. Pure: the same observation gives the same verdict.

First whether the run is evidence at all, then the exercise's checks in their order. What an exception in a
check means is `error` with the check's name: our fault is never the learner's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from grader.checks.loading import stuck_at
from grader.checks.readable import REPORT, wrong_field
from grader.exercise import Check, Exercise
from grader.found import UNDECIDED, Found, failed, why
from grader.judging.diagnosis import diagnose
from grader.judging.evidence import host_refusal, problem
from grader.judging.interference import disturbed, slowed
from grader.judging.wording import lab_says, worded
from grader.observation import Observation
from grader.observing.patience import patience
from grader.place import place_of
from grader.report.fields import ReportProblem
from grader.trouble import Kind
from grader.truth.counts import GENERIC_CAUSES, least
from grader.verdict import Finding, Outcome, ProbeCost, Verdict

INVALID = "invalid_evidence"
BROKEN = "lab_broken"
REFUSED = "host_refused"
CRASHED = "check_crashed"
NO_CHECKS = "no_checks"
OBSERVED = "the lab could observe the run"


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
    if not exercise.checks:
        said = "this exercise has no checks"
        return [Finding("checks", OBSERVED, Outcome.ERROR, message=said, cause=NO_CHECKS)]
    for seen in runs:
        refused = host_refusal(seen)
        if refused:
            said = f"the lab host could not run a tracer: {refused}"
            return [
                Finding("evidence", OBSERVED, Outcome.ERROR, message=said, hint="lab doctor", cause=REFUSED)
            ]
        if seen.tracer.ended_by == "late" and not seen.troubles:
            return [too_slow(exercise, seen)]
        try:
            trouble = problem(seen, exercise.evidence)
        except Exception as error:
            said = f"looking at the evidence failed: {type(error).__name__}: {error}"
            return [Finding("evidence", OBSERVED, Outcome.ERROR, message=said, cause=CRASHED)]
        if trouble and trouble.kind is Kind.BROKEN:
            said, hint = trouble.message, "lab logs   # for a bug report: another run would end the same way"
            return [Finding("evidence", OBSERVED, Outcome.ERROR, message=said, hint=hint, cause=BROKEN)]
        if trouble:
            said = trouble.message
            return slowed(runs) or [Finding("evidence", OBSERVED, Outcome.ERROR, message=said, cause=INVALID)]
    return []


def too_slow(exercise: Exercise, seen: Observation) -> Finding:
    """The tracer was still at work without READY, at the second try and alone: slow, or without an end."""
    limits, used_s = patience(seen.host.accel), seen.tracer.cpu_s
    busy = why(
        "loop_before_ready" if used_s > limits.ready_cpu_s else "too_slow",
        used_s=f"{used_s:.0f}",
        minutes=f"{limits.ready_most_s / 60:.0f}",
        where=stuck_at(seen),
        number=exercise.number,
    )
    return lab_says("evidence", OBSERVED, "observed", Found(Outcome.ERROR, (busy,)))


def check_findings(exercise: Exercise, runs: Sequence[Observation]) -> list[Finding]:
    """Every check in its order; those behind a failed gate, or that need a failed check, are skipped."""
    findings: list[Finding] = []
    failed: list[str] = []
    giving_way: list[str] = []
    closed = ""
    unsent = not all(seen.traffic_ran for seen in runs)
    last_gate = max((at for at, one in enumerate(exercise.checks) if one.gate), default=-1)
    for at, check in enumerate(exercise.checks):
        if unsent and at > last_gate and not closed:
            closed = "traffic"
        behind = closed or next((name for name in check.needs if name in failed), "")
        if behind:
            said = f"not looked at: {behind} comes first"
            findings.append(Finding(check.name, check.title, Outcome.SKIP, message=said))
            failed.append(check.name)
            continue
        finding, gives_way = run_check(exercise, check, runs)
        findings.append(finding)
        giving_way += [check.name] if gives_way else []
        if finding.outcome is not Outcome.PASS:
            failed.append(finding.name)
            if check.gate:
                closed = finding.name
    if not any(finding.outcome is Outcome.FAIL for finding in findings):
        findings += [without_traffic(seen) for seen in runs if not seen.traffic_ran][:1]
    # Without traffic every mistake gives the same numbers: none.
    return findings if unsent else with_diagnosis(findings, exercise, runs, giving_way)


def without_traffic(seen: Observation) -> Finding:
    """Nothing was sent in this run, and no check found a reason in the tracer."""
    title = "traffic was sent"
    if not (seen.tracer.ready and seen.kernel.attachments):
        return Finding("evidence", title, Outcome.ERROR, message="no traffic was sent", cause=INVALID)
    # Traffic is sent to a tracer that is attached when it says READY. One without any is attached now:
    # another run would only show the same again.
    never = why("never_ran", times=len(seen.ledger)) if seen.ledger else why("attached_after_ready")
    return lab_says("evidence", title, "sent", failed(never))


def run_check(exercise: Exercise, check: Check, runs: Sequence[Observation]) -> tuple[Finding, bool]:
    """One check on every run, in words, and whether that gives way to a misconception."""
    try:
        found = found_by(check, runs)
        return worded(exercise, check, found), found.gives_way
    except ReportProblem as problem:
        # No check asks for a field that is not there: whichever met it says what `report_readable` would.
        return worded(exercise, replace(check, causes=REPORT), wrong_field(problem)), False
    except Exception as error:
        said = f"the check {check.name} failed by itself: {type(error).__name__}: {error}"
        return Finding(check.name, check.title, Outcome.ERROR, message=said, cause=CRASHED), False


def found_by(check: Check, runs: Sequence[Observation]) -> Found:
    """What it found in the first run in which something is wrong; in both together where it can pool them."""
    if check.pooled is not None and len(runs) > 1:
        return check.pooled(runs)
    found = [check.run(runs[0])]
    for seen in runs[1:]:
        if found[-1].outcome is Outcome.PASS:
            found.append(check.run(seen))
    return found[-1]


def with_diagnosis(
    findings: list[Finding], exercise: Exercise, runs: Sequence[Observation], giving_way: Sequence[str]
) -> list[Finding]:
    """Where the first failing check has no cause of its own, the nearest misconception speaks.

    Beside a cause of its own, one is named only when it would print exactly these numbers too. Then it takes
    the place of the causes of checks that give way.
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
        if found and found.exact and finding.name in giving_way:
            own, finding = "", replace(finding, hint="")
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
