"""Exercise 3: what must be true of a tracer that tells which calls a request makes."""

from __future__ import annotations

from grader.checks import (
    attached,
    clean_exit,
    loaded,
    own_tracing,
    ran,
    ready,
    report_readable,
    through_maps,
)
from grader.checks.call_table.column import column_right
from grader.checks.call_table.explain import attached_twice, by_a_factor, kept_by_process, lost, otherwise
from grader.checks.call_table.explain_kinds import (
    counted_again,
    no_room,
    no_row_filled,
    of_others,
    rows_missed,
    two_programs,
)
from grader.checks.call_table.table import CALLS, WITH_DATA
from grader.checks.due import until_answered
from grader.checks.quotients import quotients
from grader.checks.requests import requests_not_in_calls, requests_told_by_calls, sent
from grader.exercise import Check, Expected
from grader.observation import Observation
from grader.place import Place
from grader.report.fields import Fields
from grader.sentences import unsaid
from grader.truth.counts import Count

from .per_request import (
    grpc_requests,
    http_quotient,
    http_requests,
    one_request,
    other_numbers,
    read_requests,
)
from .traffic import ANSWER, TABLE

ENTER, EXIT = (Place("tracepoint", name, also=("raw_tracepoint",)) for name in ("sys_enter", "sys_exit"))


def read_report(report: Fields) -> object:
    """All of it but the quotients, which a tracer that has seen no request cannot have."""
    return TABLE.read(report, CALLS), TABLE.read(report, WITH_DATA), read_requests(report)


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
    through_maps(ENTER, EXIT, title="your numbers come from your programs, through maps"),
    ran(ENTER, EXIT, due=until_answered(ANSWER, dict.fromkeys((ENTER, EXIT), TABLE.syscalls))),
    column_right(
        TABLE,
        CALLS,
        no_row_filled(TABLE),
        attached_twice((ENTER,), (EXIT,)),
        of_others(TABLE),
        counted_again(TABLE, ENTER, EXIT),
        no_room,
        rows_missed(TABLE),
        kept_by_process(TABLE),
        two_programs(ENTER, EXIT),
        by_a_factor,
        otherwise("rows_wrong"),
        name="calls_per_kind",
        title="every call of the container is counted once, under what its descriptor stands for",
    ),
    column_right(
        TABLE,
        WITH_DATA,
        attached_twice((ENTER,), (EXIT,)),
        lost(),
        otherwise("data_wrong"),
        name="calls_with_data",
        title="a call moved data when its return value is above 0",
    ).needing("calls_per_kind"),
    requests_told_by_calls(
        http_requests,
        "http",
        other_numbers,
        unsaid("connections_counted", "ends_counted", "all_protocols_counted", "wake_ups_counted"),
        name="http_requests",
        title="the number of HTTP requests is right",
    ).needing("calls_with_data"),
    requests_not_in_calls(
        grpc_requests,
        TABLE,
        "grpc",
        name="grpc_requests",
        title="no number of calls is reported as the number of gRPC requests",
    ).needing("calls_with_data"),
    quotients(http_quotient, "per_request", "per_request", "calls per HTTP request are right").needing(
        "http_requests"
    ),
    Check(
        "one_request",
        "what the server did per request in this run: shown, never graded",
        one_request,
        needs=("calls_per_kind",),
    ),
)


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    numbers: dict[str, Count | int] = {}
    for column in (CALLS, WITH_DATA):
        rows = TABLE.truth(seen, column)
        numbers |= {TABLE.path(column, row): count for row, count in rows.items() if count.inside}
    return numbers | {f"requests.{protocol}": sent(seen, protocol) for protocol in TABLE.ports.values()}
