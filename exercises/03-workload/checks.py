"""Exercise 3: what is sent, and what must be true of a tracer that tells which calls a request makes."""

from __future__ import annotations

import random
from collections import Counter

from grader.checks import (
    Place,
    attached,
    clean_exit,
    failed,
    loaded,
    needs,
    passed,
    ran,
    ready,
    report_readable,
)
from grader.checks.call_results import result_misconceptions
from grader.checks.descriptor_rows import Rows, call_of
from grader.checks.making import likeliest
from grader.checks.maps import losses
from grader.checks.own_tracing import own_tracing
from grader.checks.quotients import Quotient, quotients
from grader.checks.requests import (
    Candidate,
    carried_by,
    requests_not_in_calls,
    requests_told_by_calls,
    sent,
)
from grader.checks.rows import attached_twice, calls_per_row
from grader.exercise import Check, Expected, HostCpus, Numbers, Recorder
from grader.observation import Observation, RecordedCall
from grader.report.fields import Fields, report_fields
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import calls, ledger
from grader.truth.counts import Count, compare_table
from grader.verdict import Finding

ROWS = Rows(
    syscalls=("read", "write", "readv", "writev", "recvfrom", "sendto", "recvmsg", "sendmsg"),
    # As the server's own container sees them: the same in the other container.
    ports={8000: "http", 8001: "grpc"},
    graded=("http", "grpc", "unix", "pipe", "eventfd"),
)
ENTER, EXIT = (Place("tracepoint", name, also=("raw_tracepoint",)) for name in ("sys_enter", "sys_exit"))
REQUEST, ANSWER = "readv", "writev"
"""The calls that carry HTTP here: one of each for a request."""

RECORDER = Recorder(syscalls=ROWS.syscalls, whole_host=True, fds=True)

# --- traffic ---

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


# --- truth ---


def connections(seen: Observation) -> int:
    """HTTP connections to the target."""
    return len(ledger(seen, "http_close", seen.target.name if seen.target else ""))


def due(seen: Observation) -> dict[Place, Count]:
    """How often each program had to run at least, up to the last answer over HTTP.

    The run counts are read a moment before SIGINT.
    """
    until = max((call.exit_ns for call in calls(seen, ANSWER).inside), default=0)
    number = sum(call.exit_ns <= until for call in calls(seen, *ROWS.syscalls).inside)
    return {ENTER: Count(number), EXIT: Count(number)}


# --- report ---


def read_requests(report: Fields) -> tuple[int, int | None]:
    """(HTTP requests, gRPC requests or None where the tracer does not say)."""
    requests = report.fields("requests")
    return requests.count("http"), None if requests.get("grpc") is None else requests.count("grpc")


def read_report(report: Fields) -> object:
    """All of it but the quotients, which a tracer that has seen no request cannot have."""
    return ROWS.read(report, "calls"), ROWS.read(report, "with_data"), read_requests(report)


# --- checks ---


def counted_in_the_kernel(seen: Observation) -> Finding:
    """your numbers come from your programs, through maps"""
    mine = {one.program_id for one in seen.kernel.attachments if ENTER.is_at(one) or EXIT.is_at(one)}
    if any(program.map_ids for program in seen.kernel.programs if program.id in mine):
        return passed("your programs use maps")
    return failed(
        "your programs use no map, so your numbers come from somewhere else",
        cause="no_map",
        hint="in tracer.bpf.c they count into the maps `calls` and `with_data`; tracer.py only reads those",
    )


@needs("calls_per_kind")
def calls_with_data(seen: Observation) -> Finding:
    """a call moved data when its return value is above 0"""
    expected, got = ROWS.truth(seen, returned_data=True), ROWS.read(report_fields(seen), "with_data")
    if twice := attached_twice(seen, (ENTER, EXIT), expected, got):
        return compare_table(got, expected, unit="calls", cause=twice[0], hint=twice[1])
    cause, hint = "", "see where tracer.bpf.c adds to `with_data` (TODO 3): below 0 is an error, 0 an end"
    if fitting := losses(seen, expected, got):
        cause, hint = likeliest(fitting)
    return compare_table(got, expected, unit="calls", cause=cause, hint=hint)


def other_numbers(seen: Observation) -> list[Candidate]:
    """What a tracer may have taken for the number of HTTP requests."""
    tables = [ROWS.read(report_fields(seen), field) for field in ("calls", "with_data")]
    http, grpc = sent(seen, "http"), sent(seen, "grpc")
    connected = "that is the number of connections, and one carries many requests (TODO 5)"
    ended = f"that is every {REQUEST}, also those that return 0: which table leaves them out? (TODO 5)"
    together = "that is HTTP and gRPC together: where does tracer.py tell them apart? (TODO 5)"
    return [
        ("connections_counted", connections(seen), connected),
        ("ends_counted", tables[0].get(f"http.{REQUEST}", -1), ended),
        ("all_protocols_counted", http + grpc, together),
        *(
            ("wake_ups_counted", number, f"that is {row}, which wakes a thread: take a row of http (TODO 5)")
            for table in tables
            for row, number in table.items()
            if row.startswith(("unix.", "eventfd."))
        ),
    ]


def http_quotient(seen: Observation) -> Quotient:
    """Calls for one HTTP request, and what else one may divide by."""
    rows, http, grpc = ROWS.truth(seen), sent(seen, "http"), sent(seen, "grpc")
    data = ROWS.truth(seen, returned_data=True)
    return Quotient(
        calls={call: rows[f"http.{call}"] for call in (REQUEST, ANSWER)},
        requests=http,
        other_divisors={
            "the number of connections": connections(seen),
            "HTTP and gRPC requests together": http + grpc,
            "the number of gRPC requests": grpc,
        },
        with_data={call: data[f"http.{call}"] for call in (REQUEST, ANSWER)},
    )


@needs("calls_per_kind")
def one_request(seen: Observation) -> Finding:
    """what the server did for one request in this run: shown, never graded"""
    pid = seen.target.main_pid if seen.target else 0
    own = calls(seen, *ROWS.syscalls, returned_data=True).where(lambda call: call.pid == pid)
    found, said = own.count_by(ROWS.row), []
    for protocol in ROWS.ports.values():
        requests = sent(seen, protocol)
        parts = [
            f"{count.inside / requests:.2f} {call_of(row)}"
            for row, count in sorted(found.items())
            if row.startswith(f"{protocol}.") and requests
        ]
        said.append(f"{protocol}: {', '.join(parts)}")
    return passed(f"calls with data for one request: {'; '.join(said)}")


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    own_tracing,
    attached(
        ENTER,
        EXIT,
        name="programs_on_both_tracepoints",
        title="raw_syscalls:sys_enter and raw_syscalls:sys_exit have a program of yours",
    ),
    clean_exit,
    report_readable(read_report),
    counted_in_the_kernel,
    ran(ENTER, EXIT, truth=due),
    calls_per_row(
        ROWS,
        "calls",
        ENTER,
        EXIT,
        overwritten=lambda seen: overwritten(seen),
        name="calls_per_kind",
        title="every call of the container is counted once, under what its descriptor stands for",
    ),
    calls_with_data,
    needs("calls_with_data")(
        requests_told_by_calls(
            lambda seen: read_requests(report_fields(seen))[0],
            "http",
            other_numbers,
            name="http_requests",
            title="the number of HTTP requests is right",
        )
    ),
    needs("calls_with_data")(
        requests_not_in_calls(
            lambda seen: read_requests(report_fields(seen))[1],
            ROWS,
            "grpc",
            name="grpc_requests",
            title="no number of calls is taken for the number of gRPC requests",
        )
    ),
    needs("http_requests")(
        quotients(http_quotient, "per_request", "per_request", "calls for one HTTP request are right")
    ),
    one_request,
)


# --- evidence ---


def helper_was_seen(seen: Observation) -> str | None:
    """The recorder knows what the helper's descriptors stand for and what moved data, as the ledger does."""
    pids = helpers(seen)
    for said, returned_data in (("calls", False), ("calls with data", True)):
        wanted: Counter[str] = Counter()
        for name, number in made(seen).items():
            if not (returned_data and name.endswith(WITHOUT_DATA)):
                wanted[HELPERS_CALLS[name]] += number
        recorded = calls(seen, *ROWS.syscalls, returned_data=returned_data)
        found = recorded.where(lambda call: call.pid in pids).count_by(ROWS.row)
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


def helpers(seen: Observation) -> set[int]:
    """Processes of ours in a group below the container's."""
    return {int(unit.detail.get("pid", -1)) for unit in ledger(seen, "target_calls")}


EVIDENCE = (carried_by(ROWS, "http", (REQUEST, ANSWER), never="eventfd"), helper_was_seen)


# --- misconceptions ---


def protocols_mixed(seen: Observation) -> Numbers:
    """every internet socket is taken for HTTP, whatever its port

    look at kind_of() in tracer.py (TODO 4): what names the protocol is the socket's own port
    """

    def name(call: RecordedCall) -> str:
        return f"http.{call.syscall}" if call.fd_kind == "inet" else ROWS.row(call)

    return ROWS.numbers(seen, "calls", name=name)


def both_ports_are_http(seen: Observation) -> Numbers:
    """both ports are taken for HTTP

    look at kind_of() in tracer.py (TODO 4): each of the two ports has a protocol of its own
    """

    def name(call: RecordedCall) -> str:
        return f"http.{call.syscall}" if ROWS.kind(call) in PRIMES else ROWS.row(call)

    return ROWS.numbers(seen, "calls", name=name)


def other_ports_are_http(seen: Observation) -> Numbers:
    """every port that is not gRPC's is taken for HTTP

    look at kind_of() in tracer.py (TODO 4): a socket may have neither of the two ports
    """
    return with_other_ports(seen, "http")


def other_ports_are_grpc(seen: Observation) -> Numbers:
    """every port that is not HTTP's is taken for gRPC

    look at kind_of() in tracer.py (TODO 4): a socket may have neither of the two ports
    """
    return with_other_ports(seen, "grpc")


def with_other_ports(seen: Observation, protocol: str) -> Numbers:
    """Internet sockets with another port are counted under this protocol."""

    def name(call: RecordedCall) -> str:
        other = call.fd_kind == "inet" and call.port not in ROWS.ports
        return f"{protocol}.{call.syscall}" if other else ROWS.row(call)

    return ROWS.numbers(seen, "calls", name=name)


def kind_remembered(seen: Observation) -> Numbers:
    """what a descriptor stands for is asked once and remembered, and its number comes back for another one

    see when tracer.bpf.c or tracer.py asks what a descriptor stands for (TODO 2): at every call
    """
    first: dict[tuple[int, int], str] = {}

    def name(call: RecordedCall) -> str:
        # The calls come in the order in which they began.
        return f"{first.setdefault((call.pid, call.fd), ROWS.kind(call))}.{call.syscall}"

    return ROWS.numbers(seen, "calls", name=name)


def starts_overwritten(seen: Observation) -> Numbers:
    """starts are kept by process, so that its threads overwrite each other's

    look at the key of `started` in tracer.bpf.c: all 64 bits of bpf_get_current_pid_tgid() are a thread's
    """
    return ROWS.table("calls", keyed_by_process(seen))


def keyed_by_process(seen: Observation) -> Counter[str]:
    """Row -> calls whose return found a start, when there is one for each process."""
    recorded = calls(seen, *ROWS.syscalls).inside
    begun: dict[int, str] = {}
    found: Counter[str] = Counter()
    moments = [(call.entry_ns, True, call) for call in recorded]
    moments += [(call.exit_ns, False, call) for call in recorded]
    for _, begins, call in sorted(moments, key=lambda moment: moment[:2]):
        if begins:
            begun[call.pid] = ROWS.row(call)
        elif call.pid in begun:
            found[begun.pop(call.pid)] += 1
    return found


def overwritten(seen: Observation) -> dict[str, int]:
    """The graded rows of these."""
    return {row: number for row, number in keyed_by_process(seen).items() if ROWS.is_graded(row)}


def part_of_the_container(seen: Observation) -> Numbers:
    """the filter knows the server's process or its own group only, and misses a helper in a group below

    look at in_target() in tracer.bpf.c (TODO 1): a group below the container's belongs to the container too
    """
    below = helpers(seen)
    return ROWS.numbers(seen, "calls", keep=lambda call: call.pid not in below)


def kind_by_call(seen: Observation) -> Numbers:
    """the kind is told by the call's name, not by its descriptor

    a call comes on more than one kind of descriptor: ask look_at_fd() in tracer.bpf.c (TODO 2) each time
    """
    usual = {
        **dict.fromkeys(("readv", "writev"), "http"),
        **dict.fromkeys(("recvmsg", "sendmsg"), "grpc"),
        **dict.fromkeys(("recvfrom", "sendto"), "unix"),
    }

    def name(call: RecordedCall) -> str:
        return f"{usual.get(call.syscall, ROWS.kind(call))}.{call.syscall}"

    return ROWS.numbers(seen, "calls", name=name)


def anonymous_as_eventfd(seen: Observation) -> Numbers:
    """every anonymous file is taken for an eventfd, an epoll descriptor too

    compare the whole name that the kernel gives it in tracer.bpf.c (TODO 2): epoll's has one too
    """
    return with_helpers(seen, read_epoll_refused="eventfd.read")


def family_as_protocol(seen: Observation) -> Numbers:
    """every socket of the family INET6 is taken for gRPC, whatever its port

    look at kind_of() in tracer.py (TODO 4): what names the protocol is the socket's own port
    """
    return with_helpers(seen, sendto_ipv6="grpc.sendto")


def either_sides_port(seen: Observation) -> Numbers:
    """the other side's port counts as much as the socket's own

    tracer.bpf.c must take the socket's own port alone (TODO 2): the other side's is a client's, or another
    server's
    """
    return with_helpers(seen, sendto_port_8000="http.sendto")


def other_sides_port(seen: Observation) -> Numbers:
    """the port is the other side's, not the socket's own

    tracer.bpf.c must take the socket's own port (TODO 2): the other side's is a client's, or another server's
    """
    numbers = dict(either_sides_port(seen))
    for row in numbers:
        if row.split(".")[1] in ROWS.ports.values() and row != "calls.http.sendto":
            numbers[row] = 0
    return numbers


def with_helpers(seen: Observation, **rows: str) -> Numbers:
    """The table of a tracer that counts these calls of the helper under a row where they do not belong."""
    found = Counter(map(ROWS.row, calls(seen, *ROWS.syscalls).inside))
    for name, row in rows.items():
        found[row] += made(seen)[name]
    return ROWS.table("calls", found)


MISCONCEPTIONS = {
    "protocols_mixed": protocols_mixed,
    "other_ports_are_http": other_ports_are_http,
    "other_ports_are_grpc": other_ports_are_grpc,
    "kind_remembered": kind_remembered,
    "both_ports_are_http": both_ports_are_http,
    "starts_overwritten": starts_overwritten,
    "part_of_the_container": part_of_the_container,
    "kind_by_call": kind_by_call,
    "anonymous_as_eventfd": anonymous_as_eventfd,
    "family_as_protocol": family_as_protocol,
    "either_sides_port": either_sides_port,
    "other_sides_port": other_sides_port,
    **result_misconceptions(ROWS),
}


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    numbers: dict[str, Count | int] = {}
    for field, data in (("calls", False), ("with_data", True)):
        rows = ROWS.truth(seen, returned_data=data)
        numbers |= {f"{field}.{row}": count for row, count in rows.items() if count.inside}
    return numbers | {f"requests.{protocol}": sent(seen, protocol) for protocol in ROWS.ports.values()}
