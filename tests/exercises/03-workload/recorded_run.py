"""Exercise 3's recorded run, what tracers print of it, and what the verdict says to them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from grader.judge import judge
from grader.observation import KernelFacts, Observation, RecordedCall, Report
from grader.truth.calls import calls, ledger
from grader.verdict import Finding, Outcome, Verdict
from grader.written.observation_file import load
from tests.exercises.simulated import ROOT, exercise

SLUG = "03-workload"
RUN = load(ROOT / "solutions" / SLUG / "observation.json.gz")
TARGET = RUN.target.name if RUN.target else ""
SERVER = RUN.target.main_pid if RUN.target else 0
HELPER = ledger(RUN, "target_calls")[0].detail["pid"]
HTTP, GRPC = (len(ledger(RUN, kind, TARGET)) for kind in ("http", "grpc"))
CONNECTIONS = len(ledger(RUN, "http_close", TARGET))
PORTS = {8000: "http", 8001: "grpc"}

Keep = Callable[[RecordedCall], bool]
Name = Callable[[RecordedCall], str]


def kind(call: RecordedCall) -> str:
    """As a right tracer names it."""
    return PORTS.get(call.port, "other") if call.fd_kind == "inet" else call.fd_kind


def table(keep: Keep, name: Name = kind, times: int = 1) -> dict[str, dict[str, int]]:
    """One table of a tracer that counts these calls under these names."""
    everywhere = calls(RUN, everywhere=True).inside
    counts = Counter((name(one), one.syscall) for one in everywhere if keep(one))
    found: dict[str, dict[str, int]] = {}
    for (row, syscall), number in counts.items():
        found.setdefault(row, {})[syscall] = number * times
    return found


def in_target(call: RecordedCall) -> bool:
    """The right filter."""
    return call.in_target


def report(
    keep: Keep = in_target,
    name: Name = kind,
    times: int = 1,
    data: Keep = lambda call: call.ret > 0,
    **changes: Any,
) -> dict[str, Any]:
    """The report of such a tracer, with some fields replaced."""
    rows = table(in_target)["http"]
    right = {
        "calls": table(keep, name, times),
        "with_data": table(lambda call: keep(call) and data(call), name),
        "requests": {"http": HTTP, "grpc": None},
        "per_request": {call: rows[call] / HTTP for call in ("readv", "writev")},
    }
    return right | changes


def verdict(document: Mapping[str, Any]) -> Verdict:
    """What the exercise says to a tracer that printed this."""
    seen: Observation = dataclasses.replace(RUN, report=Report(document, bytes=9))
    return judge(exercise(SLUG), seen)


def failure(document: Mapping[str, Any]) -> tuple[str, str]:
    """(check, cause) of the only check that failed."""
    told = verdict(document)
    failed = [(one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL]
    assert len(failed) == 1, told
    return failed[0]


def fewer(missing: Mapping[str, int], *, data: bool = False) -> dict[str, dict[str, int]]:
    """The right table (`data`: of the calls with data), with some calls missing in some rows."""
    found = table(lambda call: in_target(call) and (call.ret > 0 or not data))
    for row, number in missing.items():
        name, _, syscall = row.partition(".")
        found[name][syscall] -= number
    return found


HALF = {"http.readv": 90, "http.writev": 90, "grpc.recvmsg": 60, "grpc.sendmsg": 60, "unix.sendto": 90}


def failed_check(document: Mapping[str, Any], kernel: KernelFacts = RUN.kernel) -> Finding:
    """The first check that fails."""
    seen = dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=kernel)
    return next(one for one in judge(exercise(SLUG), seen).checks if one.outcome is Outcome.FAIL)
