"""Exercise 3: the server as it was recorded, the helper as it is planned with several seeds."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from grader.observation import Observation, RecordedCall
from grader.truth.calls import calls, ledger
from grader.written.observation_file import load
from tests.exercises.conditions.condition import Condition, Stated, Tracer, printing
from tests.exercises.simulated import ROOT, exercise

SLUG = "03-workload"
PORTS = {8000: "http", 8001: "grpc"}
ERRORS = {"_failing": -11, "_refused": -22, "_ended": 0}
SYSCALLS = ("recvfrom", "recvmsg", "sendmsg", "sendto", "readv", "writev", "read", "write")

Call = RecordedCall
Keep = Callable[[Call], bool]
Name = Callable[[Call], str]


@cache
def recorded() -> Observation:
    """The solution's own run."""
    return load(ROOT / "solutions" / SLUG / "observation.json.gz")


@cache
def planned(seed: int) -> Observation:
    """The same, with another helper."""
    (old,) = ledger(recorded(), "target_calls")
    plan = exercise(SLUG).plan(random.Random(seed), 2)
    (step,) = (step for phase in plan.phases for step in phase if step.kind == "target_calls")
    pid, made = old.detail["pid"], step.params["calls"]
    first = min(call.entry_ns for call in recorded().recordings[0].calls if call.pid == pid)
    helpers = [
        one_call(name, first + number, pid)
        for number, name in enumerate(sorted(made))
        for _ in range(made[name])
    ]
    ledgers = [unit for unit in recorded().ledger if unit is not old]
    recordings = tuple(
        dataclasses.replace(one, calls=(*(call for call in one.calls if call.pid != pid), *helpers))
        for one in recorded().recordings
    )
    unit = dataclasses.replace(old, detail={"calls": made, "pid": pid})
    return dataclasses.replace(recorded(), recordings=recordings, ledger=(*ledgers, unit))


def one_call(name: str, at_ns: int, pid: int) -> Call:
    """One call of the helper, as the recorder sees it."""
    kind, _, syscall = exercise_rows()[name].partition(".")
    ret = next((ret for end, ret in ERRORS.items() if name.endswith(end)), 8 if kind == "eventfd" else 1)
    port = 40_000 if syscall == "sendto" and kind == "other" else 0
    seen_as = "inet" if port else kind
    return Call(syscall, at_ns, at_ns + 900, ret, 5, pid, pid, "python3", True, seen_as, port)


@cache
def exercise_rows() -> dict[str, str]:
    """What the helper calls -> its row, told by its name."""
    made = ledger(recorded(), "target_calls")[0].detail["calls"]
    return {name: f"{kind_of(name)}.{next(one for one in SYSCALLS if name.startswith(one))}" for name in made}


def kind_of(name: str) -> str:
    """On what the helper makes this call."""
    told = next((kind for kind in ("eventfd", "pipe", "unix") if kind in name), "")
    return told or ("unix" if name.startswith("recv") else "other")


# --- what tracers print ---


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


STATED = Stated(
    SLUG,
    {"recorded": recorded, **{f"seed {seed}": partial(planned, seed) for seed in range(2)}},
    tracer(),
    (
        Condition(
            "filtered to the container with everything in it",
            {
                "the whole machine": tracer(keep=lambda call: True),
                "the server's process": filtered(lambda seen, call: call.pid == server_of(seen)),
                "the server's main thread": filtered(lambda seen, call: call.tid == server_of(seen)),
                "the server's name": tracer(keep=lambda call: call.comm == "tritonserver"),
                "its own group": filtered(lambda seen, call: call.in_target and call.pid != helper(seen)),
                "whatever has its ports": tracer(
                    keep=lambda call: call.in_target or own(call) in ("http", "grpc")
                ),
            },
        ),
        Condition(
            "Exact counts of the eight calls for each kind",
            {
                "calls that fail are none": tracer(counted=lambda call: call.ret >= 0),
                "an end is no call": tracer(counted=lambda call: call.ret != 0),
                "only data counts": tracer(counted=data),
                "without EAGAIN": tracer(counted=lambda call: call.ret != -11),
                **{f"without {name}": without_call(name) for name in SYSCALLS},
                **{
                    f"without {kind}": without_kind(kind)
                    for kind in ("http", "grpc", "unix", "pipe", "eventfd")
                },
            },
        ),
        Condition(
            "A connection to a client? A pipe? An alarm bell between two threads? The number does not say.",
            {
                "readv and writev are HTTP": by_call("http", "readv", "writev"),
                "recvmsg and sendmsg are gRPC": by_call("grpc", "recvmsg", "sendmsg"),
                "recvmsg is gRPC": by_call("grpc", "recvmsg"),
                "sendmsg is gRPC": by_call("grpc", "sendmsg"),
                "recvfrom and sendto are a socket pair": by_call("unix", "recvfrom", "sendto"),
                "write is an eventfd": by_call("eventfd", "write"),
                "read is a pipe": by_call("pipe", "read"),
                "any anonymous file is an eventfd": with_helpers("read_epoll_refused", "eventfd.read"),
            },
        ),
        Condition(
            "An internet socket's own port is 8000 for HTTP and 8001 for gRPC.",
            {
                "any port is HTTP": kind_is(lambda call: "http" if call.fd_kind == "inet" else call.fd_kind),
                "both are HTTP": kind_is(lambda call: "http" if own(call) in ("http", "grpc") else own(call)),
                "8001, or else HTTP": kind_is(
                    lambda call: own(call) if call.port == 8001 or call.fd_kind != "inet" else "http"
                ),
                "8000, or else gRPC": kind_is(
                    lambda call: own(call) if call.port == 8000 or call.fd_kind != "inet" else "grpc"
                ),
                "the other way round": kind_is(
                    lambda call: {"http": "grpc", "grpc": "http"}.get(own(call), own(call))
                ),
                "either side's port": with_helpers("sendto_port_8000", "http.sendto"),
                "IPv6 is gRPC": with_helpers("sendto_ipv6", "grpc.sendto"),
            },
        ),
        Condition(
            "A call's result is the number of bytes. A negative number is an error, often `-11` (`EAGAIN`:"
            " nothing there yet). 0 from a connection means that the other side has closed it.",
            {
                "anything but 0": data_is(lambda call: call.ret != 0),
                "anything from 0": data_is(lambda call: call.ret >= 0),
                "every result": data_is(lambda call: True),
                "anything but 0 and EAGAIN": data_is(lambda call: call.ret not in (0, -11)),
                "anything but EAGAIN": data_is(lambda call: call.ret != -11),
                "more than one byte": data_is(lambda call: call.ret > 1),
                "a write always moves data": data_is(
                    lambda call: call.ret > 0 or call.syscall.startswith(("write", "send"))
                ),
                "0 ends connections only": data_is(
                    lambda call: call.ret > 0 or (call.ret == 0 and call.fd_kind != "inet")
                ),
                "only connections move data": data_is(lambda call: call.ret > 0 and call.fd_kind == "inet"),
            },
        ),
        Condition(
            "A connection is not a request: clients keep it open and send many.",
            {"connections": requests(lambda seen, told: connections(seen))},
        ),
        Condition(
            "On an HTTP connection one call returns data exactly once for each request.",
            {
                "every readv": requests(lambda seen, told: told["calls"]["http"]["readv"]),
                "wake-ups": requests(lambda seen, told: told["with_data"]["unix"]["recvfrom"]),
                "eventfds": requests(lambda seen, told: told["with_data"]["eventfd"]["write"]),
                "both protocols": requests(
                    lambda seen, told: told["requests"]["http"] + told["calls"]["grpc"]["sendmsg"]
                ),
            },
        ),
        Condition(
            "No number of calls is the number of requests. Say so: report `None`.",
            {
                "recvmsg": requests(lambda seen, told: told["with_data"]["grpc"]["recvmsg"], "grpc"),
                "sendmsg": requests(lambda seen, told: told["calls"]["grpc"]["sendmsg"], "grpc"),
                "none": requests(lambda seen, told: 0, "grpc"),
            },
        ),
        Condition(
            "Two decimals are enough. Keep the fraction: it is the ends of connections.",
            {
                "rounded": changed(
                    lambda seen, told: {
                        "per_request": {call: round(one) for call, one in told["per_request"].items()}
                    }
                ),
                "only calls with data": changed(
                    lambda seen, told: divided(seen, told, "with_data", told["requests"]["http"])
                ),
                "by connections": changed(lambda seen, told: divided(seen, told, "calls", connections(seen))),
            },
        ),
    ),
)
