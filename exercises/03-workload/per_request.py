"""Requests and calls per request: what the report says, what is right, and what may be taken for it."""

from __future__ import annotations

from grader.checks.call_table.by_kind import call_of, kind_of
from grader.checks.call_table.table import CALLS, WITH_DATA
from grader.checks.quotients import Quotient
from grader.checks.requests import Candidate, sent
from grader.found import Found, passed, why
from grader.mistakes.filters import main_pid
from grader.observation import Observation
from grader.report.fields import Fields, report_fields
from grader.truth.calls import calls, sent_to_target

from .traffic import ANSWER, REQUEST, TABLE


def read_requests(report: Fields) -> tuple[int, int | None]:
    """(HTTP requests, gRPC requests or None where the tracer does not say)."""
    requests = report.fields("requests")
    return requests.count("http"), None if requests.get("grpc") is None else requests.count("grpc")


def http_requests(seen: Observation) -> int:
    """As the tracer says."""
    return read_requests(report_fields(seen))[0]


def grpc_requests(seen: Observation) -> int | None:
    """The same."""
    return read_requests(report_fields(seen))[1]


def connections(seen: Observation) -> int:
    """HTTP connections to the target."""
    return len(sent_to_target(seen, "http_close"))


def other_numbers(seen: Observation) -> list[Candidate]:
    """What a tracer may have taken for the number of HTTP requests."""
    tables = [TABLE.read(report_fields(seen), column) for column in (CALLS, WITH_DATA)]
    return [
        (connections(seen), why("connections_counted")),
        (tables[0].get(f"http.{REQUEST}", -1), why("ends_counted", call=REQUEST)),
        (sent(seen, "http") + sent(seen, "grpc"), why("all_protocols_counted")),
        *(
            (number, why("wake_ups_counted", row=row))
            for table in tables
            for row, number in table.items()
            if kind_of(row) in ("unix", "eventfd")
        ),
    ]


def http_quotient(seen: Observation) -> Quotient:
    """Calls per HTTP request, and what else one may divide by."""
    rows, data = TABLE.truth(seen), TABLE.truth(seen, WITH_DATA)
    http, grpc = sent(seen, "http"), sent(seen, "grpc")
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


def one_request(seen: Observation) -> Found:
    """The server's own calls with data, per request of each protocol."""
    pid = main_pid(seen)
    own = calls(seen, *TABLE.syscalls, returned_data=True).where(lambda call: call.pid == pid)
    found, said = own.count_by(TABLE.row), []
    for protocol in TABLE.ports.values():
        requests = sent(seen, protocol)
        parts = [
            f"{count.inside / requests:.2f} {call_of(row)}"
            for row, count in sorted(found.items())
            if kind_of(row) == protocol and requests
        ]
        said.append(f"{protocol}: {', '.join(parts)}")
    return passed(f"calls with data per request: {'; '.join(said)}")
