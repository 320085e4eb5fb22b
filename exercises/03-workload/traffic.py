"""Exercise 3: what is sent, what the recorder must note of it, and whether a run can be used."""

from __future__ import annotations

import random
from collections import Counter

from grader.checks.call_table.by_kind import ByKind
from grader.checks.call_table.table import CALLS
from grader.checks.requests import carried_by
from grader.exercise import HostCpus, Numbers, Recorder
from grader.mistakes.filters import helpers
from grader.observation import Observation
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import calls, ledger
from grader.truth.counts import Count

TABLE = ByKind(
    syscalls=("read", "write", "readv", "writev", "recvfrom", "sendto", "recvmsg", "sendmsg"),
    # As the server's own container sees them: the same in the other container.
    ports={8000: "http", 8001: "grpc"},
    graded=("http", "grpc", "unix", "pipe", "eventfd"),
)
REQUEST, ANSWER = "readv", "writev"
"""The calls that carry HTTP here: one of each per request."""

RECORDER = Recorder(syscalls=TABLE.syscalls, whole_host=True, fds=True)

PRIMES = {"http": (31, 37, 41, 43, 47), "grpc": (11, 13, 17, 19, 23, 29)}
"""Requests on one connection. More over HTTP, so that the wake-ups that gRPC makes are never as many."""
HELPERS_CALLS = {
    **dict.fromkeys(("read_eventfd", "read_eventfd_failing"), "eventfd.read"),
    **dict.fromkeys(("write_eventfd", "write_eventfd_refused"), "eventfd.write"),
    **dict.fromkeys(("read_pipe", "read_pipe_failing", "read_pipe_ended"), "pipe.read"),
    **dict.fromkeys(("write_pipe", "write_pipe_refused"), "pipe.write"),
    "readv_pipe": "pipe.readv",
    "writev_pipe": "pipe.writev",
    "read_unix": "unix.read",
    "write_unix": "unix.write",
    **dict.fromkeys(("recvfrom", "recvfrom_failing"), "unix.recvfrom"),
    "sendto_unix_refused": "unix.sendto",
    **dict.fromkeys(("recvmsg", "recvmsg_unix_failing"), "unix.recvmsg"),
    "sendmsg_unix": "unix.sendmsg",
    **dict.fromkeys(("read", "read_epoll_refused"), "other.read"),
    **dict.fromkeys(("sendto", "sendto_port_8000", "sendto_ipv6"), "other.sendto"),
}
"""What the helper calls -> the row where it belongs. Calls come on several kinds, with several errors."""
WITHOUT_DATA = ("_failing", "_refused", "_ended")
"""How the names end of calls that return an error, or nothing."""
FEW = (7, 11, 13, 17, 19)
"""For eventfds, whose rows must not reach the number of HTTP requests."""
MANY = (23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)
SHORT_CONNECTIONS = (5, 7)


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """HTTP on connections that carry many requests and on some that carry one; gRPC with several requests on
    one connection at a time; both at once; the same server in another container all along.
    """
    few, many = rng.sample(FEW, len(FEW)), rng.sample(MANY, len(MANY))
    helper = {name: (few if row.startswith("eventfd") else many).pop() for name, row in HELPERS_CALLS.items()}
    # Spread out: a busy emulated machine loses the model's processes when all come at once.
    short = [[{"gap_ms": 40 * number, "sleep_ms": 1}] for number in range(rng.choice(SHORT_CONNECTIONS))]
    return TrafficPlan(
        canary=step("http", [[{"gap_ms": 0, "sleep_ms": 2}]]),
        phases=(
            (
                step("http", [lane(rng, "http") for _ in range(3)]),
                step("http", [lane(rng, "http")], who="decoy"),
                Step("target_calls", {"calls": helper}),
            ),
            # Alone at first: two CPUs that bring a map's new key at the same moment may lose one count.
            (step("grpc", [lane(rng, "grpc", 3)], channels=1),),
            (
                # More connections at a time than HTTP ever had: one has a number that was never HTTP's.
                step("grpc", [lane(rng, "grpc") for _ in range(5)], channels=4),
                step("grpc", [lane(rng, "grpc")], who="decoy", channels=1),
            ),
            (
                step("http", [*short, lane(rng, "http")]),
                step("grpc", [lane(rng, "grpc"), lane(rng, "grpc")], channels=1),
            ),
        ),
    )


def lane(rng: random.Random, protocol: str, requests: int = 0) -> list[dict[str, int]]:
    """One chain of so many requests (a prime number when not said), none of them waiting long."""
    return [
        {"gap_ms": rng.randint(0, 4), "sleep_ms": rng.randint(1, 4)}
        for _ in range(requests or rng.choice(PRIMES[protocol]))
    ]


def step(protocol: str, lanes: list[list[dict[str, int]]], who: str = "target", **more: int) -> Step:
    """Requests over one protocol to one of the two containers."""
    return Step(protocol, {"who": who, "lanes": lanes, **more})


# --- may this run be used? ---


def helper_was_seen(seen: Observation) -> str | None:
    """The recorder knows what the helper's descriptors stand for and what moved data, as the ledger does."""
    pids = helpers(seen)
    for said, returned_data in (("calls", False), ("calls with data", True)):
        wanted: Counter[str] = Counter()
        for name, number in made(seen).items():
            if not (returned_data and name.endswith(WITHOUT_DATA)):
                wanted[HELPERS_CALLS[name]] += number
        recorded = calls(seen, *TABLE.syscalls, returned_data=returned_data)
        found = recorded.where(lambda call: call.pid in pids).count_by(TABLE.row)
        for row, number in wanted.items():
            if not found.get(row, Count(0)).admits(number):
                return f"a helper made {number} {said} of {row}, and the recorder saw {found.get(row, 0)}"
    return None


def made(seen: Observation) -> Counter[str]:
    """What the helper called, and how often."""
    found: Counter[str] = Counter()
    for unit in ledger(seen, "target_calls"):
        found.update(unit.detail["calls"])
    return found


EVIDENCE = (carried_by(TABLE, "http", (REQUEST, ANSWER), never="eventfd"), helper_was_seen)

# --- for the mistakes ---


def with_helpers(seen: Observation, **rows: str) -> Numbers:
    """The table of a tracer that counts these calls of the helper under a row where they do not belong."""
    found = Counter(map(TABLE.row, calls(seen, *TABLE.syscalls).inside))
    for name, row in rows.items():
        found[row] += made(seen)[name]
    return TABLE.numbers(CALLS, found)
