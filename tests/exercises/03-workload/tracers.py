"""What tracers of exercise 3 print that read its README right, or one thing in it wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from grader.observation import Observation
from grader.truth.calls import calls, ledger
from tests.exercises.condition import Tracer, printing

from .planned_runs import Call

PORTS = {8000: "http", 8001: "grpc"}
Keep = Callable[[Call], bool]
Name = Callable[[Call], str]


def own(call: Call) -> str:
    """As a right tracer names it."""
    return PORTS.get(call.port, "other") if call.fd_kind == "inet" else call.fd_kind


def target(call: Call) -> bool:
    """The right filter."""
    return call.in_target


def data(call: Call) -> bool:
    """The right condition."""
    return call.ret > 0


def table(seen: Observation, keep: Keep, name: Name = own) -> dict[str, dict[str, int]]:
    """Kind -> call -> number."""
    found: dict[str, dict[str, int]] = {}
    for call in calls(seen, everywhere=True).inside:
        if keep(call):
            row = found.setdefault(name(call), {})
            row[call.syscall] = row.get(call.syscall, 0) + 1
    return found


def document(
    seen: Observation,
    keep: Keep = target,
    name: Name = own,
    counted: Keep = lambda call: True,
    moved: Keep = data,
) -> dict[str, Any]:
    """What a tracer prints that reads all but these as it should."""
    mine, right = table(seen, lambda call: keep(call) and counted(call), name), table(seen, target)
    sent = len(ledger(seen, "http", seen.target.name if seen.target else "", ok=True))
    return {
        "calls": mine,
        "with_data": table(seen, lambda call: keep(call) and moved(call), name),
        "requests": {"http": sent, "grpc": None},
        "per_request": {call: right["http"][call] / sent for call in ("readv", "writev")},
    }


def tracer(**wrong: Any) -> Tracer:
    """A tracer that reads this wrongly."""
    return lambda seen: printing(document(seen, **wrong), seen)


def data_is(moved: Keep) -> Tracer:
    """A tracer that takes these results for data."""
    return tracer(moved=moved)


def kind_is(name: Name) -> Tracer:
    """A tracer that names descriptors so."""
    return tracer(name=name)


def by_call(kind: str, *syscalls: str) -> Tracer:
    """A tracer that takes these calls for this kind, on whatever descriptor they are."""
    return kind_is(lambda call: kind if call.syscall in syscalls else own(call))


def without_call(syscall: str) -> Tracer:
    """A tracer that leaves this call out."""
    return tracer(counted=lambda call: call.syscall != syscall)


def without_kind(kind: str) -> Tracer:
    """A tracer that does not know this kind."""
    return kind_is(lambda call: "other" if own(call) == kind else own(call))


def with_helpers(helpers: str, row: str) -> Tracer:
    """A tracer that takes these calls of the helper, which are of no kind, for this row."""
    kind, _, syscall = row.partition(".")

    def printed(seen: Observation) -> Observation:
        told = document(seen)
        rows = told["calls"].setdefault(kind, {})
        rows[syscall] = rows.get(syscall, 0) + ledger(seen, "target_calls")[0].detail["calls"][helpers]
        return printing(told, seen)

    return printed


def server_of(seen: Observation) -> int:
    """The server's process."""
    return seen.target.main_pid if seen.target else 0


def filtered(keep: Callable[[Observation, Call], bool]) -> Tracer:
    """A tracer with this filter."""
    return lambda seen: printing(document(seen, keep=partial(keep, seen)), seen)


def helper(seen: Observation) -> int:
    """The helper's process."""
    return int(ledger(seen, "target_calls")[0].detail["pid"])


def changed(change: Callable[[Observation, dict[str, Any]], Mapping[str, Any]]) -> Tracer:
    """A tracer with right tables and these fields instead of the right ones."""

    def printed(seen: Observation) -> Observation:
        told = document(seen)
        return printing(told | dict(change(seen, told)), seen)

    return printed


def requests(number: Callable[[Observation, dict[str, Any]], int], protocol: str = "http") -> Tracer:
    """A tracer that takes this for the number of requests."""
    return changed(lambda seen, told: {"requests": {**told["requests"], protocol: number(seen, told)}})


def divided(seen: Observation, told: dict[str, Any], field: str, by: int) -> dict[str, Any]:
    """The quotients of this table."""
    return {"per_request": {call: told[field]["http"][call] / by for call in ("readv", "writev")}}


def connections(seen: Observation) -> int:
    """HTTP connections to the server."""
    return len(ledger(seen, "http_close", seen.target.name if seen.target else ""))
