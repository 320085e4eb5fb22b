"""Exercise @NUMBER@: what is sent, and what must be true. `grader/checks/__init__.py` says how."""

from __future__ import annotations

import random

from grader.checks import attached, clean_exit, kprobe, loaded, ran, ready, report_readable
from grader.exercise import Check, Expected, HostCpus, Numbers, Recorder
from grader.observation import Observation
from grader.report.fields import Fields, report_fields
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import calls, ledger, ledger_sum
from grader.truth.counts import Count, compare_table
from grader.verdict import Finding

EXECVE = kprobe("execve")
NAMES = ("otter", "finch", "gecko", "heron", "ibis", "koala")
# Prime, and all different: a number that is twice or half another's shows.
EXECS = (19, 23, 29, 31, 37, 41)
FAILS = (7, 11, 13, 17)

# --- what is sent, and what the recorder must note ---

RECORDER = Recorder(syscalls=("execve",), whole_host=True)


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """Two callers with names and numbers of the seed, at the same time."""
    names, execs, fails = rng.sample(NAMES, 2), rng.sample(EXECS, 2), rng.sample(FAILS, 2)
    steps = tuple(caller(*one) for one in zip(names, execs, fails, strict=True))
    return TrafficPlan(canary=caller("canary", 2, 0), phases=(steps,))


def caller(name: str, execs: int, fail_execs: int) -> Step:
    """A process of this name that calls execve so often."""
    return Step("exec_caller", {"caller": name, "execs": execs, "fail_execs": fail_execs, "forks": 0})


# --- what is true ---


def truth(seen: Observation) -> dict[str, Count]:
    """How often each planted caller called execve, as the recorder saw it."""
    recorded = calls(seen, "execve", everywhere=True).count_by(lambda call: call.comm)
    names = dict.fromkeys(unit.who for unit in ledger(seen, "exec_caller"))
    return {name: recorded.get(name, Count(0)) for name in names}


def read_report(report: Fields) -> dict[str, int]:
    """Name of the caller -> number of calls. Raises ReportProblem."""
    return report.counts("counts")


# --- what must be true of a tracer ---


def calls_of_each_caller(seen: Observation) -> Finding:
    """each caller's calls of execve are counted, those that failed too"""
    got = read_report(report_fields(seen))
    return compare_table(
        {name: got.get(name, 0) for name in truth(seen)},
        truth(seen),
        unit="calls",
        hint="count at the entry of execve, under the caller's name",
    )


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    attached(EXECVE, name="kprobe_on_execve", title="a kprobe of yours is on the entry of execve"),
    clean_exit,
    report_readable(read_report),
    ran(EXECVE, truth=lambda seen: {EXECVE: sum(truth(seen).values(), Count(0))}),
    calls_of_each_caller,
)


# --- may this run be used at all? ---


def recorder_saw_what_was_sent(seen: Observation) -> str | None:
    """The recorder's counts must be the ledger's."""
    for name, count in truth(seen).items():
        units = ledger(seen, "exec_caller", name)
        sent = ledger_sum(units, "execs") + ledger_sum(units, "fail_execs")
        if not count.admits(sent):
            return f"{name} made {sent} calls of execve, and the recorder saw {count}"
    return None


EVIDENCE = (recorder_saw_what_was_sent,)

# --- named mistakes: the numbers that a tracer with them would print ---


def failed_calls_left_out(seen: Observation) -> Numbers:
    """only the calls that succeeded are counted

    where in tracer.bpf.c is 1 added, and on which condition? At the entry every call counts, however it ends
    """
    good = calls(seen, "execve", everywhere=True).where(lambda call: call.ret == 0)
    by_name = good.count_by(lambda call: call.comm)
    return {f"counts.{name}": by_name[name].inside for name in truth(seen) if name in by_name}


MISCONCEPTIONS = {"failed_calls_left_out": failed_calls_left_out}


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    return {f"counts.{name}": count for name, count in truth(seen).items()}
