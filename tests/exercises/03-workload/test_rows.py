"""Exercise 3, judged from a real run: each mistake that changes rows is named."""

from __future__ import annotations

from typing import Any

import pytest

from grader.observation import RecordedCall
from grader.truth.calls import calls
from grader.verdict import Outcome
from tests.exercises.simulated import POINTS_SOMEWHERE

from .recorded_run import (
    HELPER,
    PORTS,
    RUN,
    SERVER,
    Name,
    failed_check,
    failure,
    fewer,
    in_target,
    kind,
    report,
    table,
    verdict,
)


def ports_without_filter(call: RecordedCall) -> bool:
    return call.in_target or kind(call) in PORTS.values()


def ipv4_only(call: RecordedCall) -> str:
    return "other" if kind(call) == "grpc" else kind(call)


def no_port(call: RecordedCall) -> str:
    return "other" if call.fd_kind == "inet" else call.fd_kind


def without_pipes(call: RecordedCall) -> str:
    return "other" if kind(call) == "pipe" else kind(call)


def all_inet_is_http(call: RecordedCall) -> str:
    return "http" if call.fd_kind == "inet" else call.fd_kind


def both_ports(call: RecordedCall) -> str:
    return "http" if kind(call) in PORTS.values() else kind(call)


def http_or_else_grpc(call: RecordedCall) -> str:
    return ("http" if call.port == 8000 else "grpc") if call.fd_kind == "inet" else call.fd_kind


def grpc_or_else_http(call: RecordedCall) -> str:
    return ("grpc" if call.port == 8001 else "http") if call.fd_kind == "inet" else call.fd_kind


def sockets_only(call: RecordedCall) -> str:
    return "other" if kind(call) in ("pipe", "eventfd") else kind(call)


def http_unknown(call: RecordedCall) -> str:
    return "other" if kind(call) == "http" else kind(call)


def added_at_each_look() -> dict[str, dict[str, int]]:
    """Values of a map that grows, added again every half second."""
    looks = [*range(RUN.tracer.ready_ns, RUN.tracer.sigint_ns, 500_000_000), RUN.tracer.sigint_ns]
    found: dict[str, dict[str, int]] = {}
    for call in calls(RUN).inside:
        row = found.setdefault(kind(call), {})
        row[call.syscall] = row.get(call.syscall, 0) + sum(at_ns >= call.exit_ns for at_ns in looks)
    return found


def remembered() -> Name:
    """A descriptor keeps the name that it had when it was seen first."""
    known: dict[tuple[int, int], str] = {}
    return lambda call: known.setdefault((call.pid, call.fd), kind(call))


def noted_by_process() -> dict[str, dict[str, int]]:
    """Each entry replaces its process's note, each return takes what it finds."""
    recorded = calls(RUN).inside
    moments = [(call.entry_ns, call) for call in recorded] + [(call.exit_ns, call) for call in recorded]
    notes: dict[int, RecordedCall] = {}
    counted: set[RecordedCall] = set()
    for at_ns, call in sorted(moments, key=lambda moment: moment[0]):
        if at_ns == call.entry_ns:
            notes[call.pid] = call
        elif call.pid in notes:
            counted.add(notes.pop(call.pid))
    return table(lambda call: call in counted)


def counted_again() -> dict[str, dict[str, int]]:
    """After each writev a thread asks for events and waits: two more returns that find the note."""
    found = table(in_target)
    found["http"]["writev"] *= 3
    return found


def with_other_tracers() -> dict[str, dict[str, int]]:
    """The whole machine's calls, and those of other tracers, which the recorder leaves out."""
    found = table(lambda call: True)
    found["eventfd"]["write"] += 2_000
    return found


def test_threads_of_a_process_are_in_calls_at_the_same_time_and_connections_share_numbers() -> None:
    def total(found: dict[str, dict[str, int]]) -> int:
        return sum(sum(row.values()) for row in found.values())

    right = table(in_target)
    assert total(noted_by_process()) < 0.98 * total(right)
    assert table(in_target, remembered()) != right


ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "nobody passes": (report(lambda call: False), "nothing_counted"),
    "no kind is known": (report(name=lambda call: "other"), "kinds_not_told_apart"),
    "the whole machine": (report(lambda call: True), "no_filter"),
    "the whole machine and other tracers": (report() | {"calls": with_other_tracers()}, "no_filter"),
    "the port is the filter": (report(ports_without_filter), "decoy_counted"),
    "the server's process": (report(lambda call: call.pid == SERVER), "part_of_the_container"),
    "without the helper": (report(lambda one: one.in_target and one.pid != HELPER), "part_of_the_container"),
    "no gRPC socket is known": (report(name=ipv4_only), "kind_missed"),
    "the client's port": (report(name=no_port), "port_unknown"),
    "no pipe is known": (report(name=without_pipes), "kind_missed"),
    "no socket of HTTP is known": (report(name=http_unknown), "kind_missed"),
    "sockets are all that is known": (report(name=sockets_only), "kind_missed"),
    "every other port is HTTP": (report(name=grpc_or_else_http), "other_ports_are_http"),
    "every other port is gRPC": (report(name=http_or_else_grpc), "other_ports_are_grpc"),
    "both ports are HTTP": (report(name=both_ports), "both_ports_are_http"),
    "errors are left out": (report(lambda one: one.in_target and one.ret >= 0), "errors_left_out"),
    "ends are left out": (report(lambda one: one.in_target and one.ret != 0), "ends_left_out"),
    "only calls with data": (report(lambda one: one.in_target and one.ret > 0), "only_data_counted"),
    "the protocols are not told apart": (report(name=all_inet_is_http), "protocols_mixed"),
    "read and write only": (
        report(lambda one: one.in_target and one.syscall in ("read", "write")),
        "calls_left_out",
    ),
    "everything thrice": (report(times=3), "count_multiple"),
    "the machine's first process": (report(lambda call: call.pid == 1), "nothing_counted"),
    "what a descriptor is, once and for all": (report(name=remembered()), "kind_remembered"),
    "a note for each process": (report() | {"calls": noted_by_process()}, "starts_overwritten"),
    "every later return again": (report() | {"calls": counted_again()}, "stale_start"),
    "a row loses two": (report() | {"calls": fewer({"http.readv": 2})}, "lost_updates"),
}


def test_ports_that_tracer_py_does_not_know_are_looked_for_there_first() -> None:
    found = failed_check(report(name=no_port))
    assert found.hint.index("kind_of() in tracer.py (TODO 4)") < found.hint.index("tracer.bpf.c")


def test_a_call_that_is_counted_on_another_kind_was_not_left_out() -> None:
    document = report(name=http_unknown)
    del document["calls"]["other"]
    hint = failed_check(document).hint
    assert "never count" not in hint and "no socket of yours is http" in hint


def test_values_that_are_added_again_may_be_old_starts_too() -> None:
    found = failed_check(report() | {"calls": added_at_each_look()})
    assert found.cause == "stale_start"
    assert "each time it looks" in found.hint and "delete" in found.hint


@pytest.mark.parametrize("mistake", ROWS)
def test_a_wrong_row_is_named(mistake: str) -> None:
    document, cause = ROWS[mistake]
    assert failure(document) == ("calls_per_kind", cause)


@pytest.mark.parametrize(("missing", "place"), [("grpc", "family"), ("pipe", "look_at_fd()")])
def test_a_kind_that_was_missed_is_looked_for_where_it_is_told(missing: str, place: str) -> None:
    lost = report(name=lambda call: "other" if kind(call) == missing else kind(call))
    told = next(one for one in verdict(lost).checks if one.outcome is Outcome.FAIL)
    assert told.cause == "kind_missed"
    assert place in told.hint


@pytest.mark.parametrize("mistake", ROWS)
def test_every_hint_says_where_to_look(mistake: str) -> None:
    told = next(one for one in verdict(ROWS[mistake][0]).checks if one.outcome is Outcome.FAIL)
    assert POINTS_SOMEWHERE.search(told.hint), told.hint
