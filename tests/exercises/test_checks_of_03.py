"""Exercise 3, judged from a real run: only what is right passes, and each mistake is named by its check."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from grader.judge import judge
from grader.observation import KernelFacts, MapFacts, Observation, RecordedCall, Report
from grader.truth.calls import FOREVER, calls, ledger
from grader.verdict import Finding, Outcome, Verdict
from grader.written.observation_file import load
from tests.exercises.simulated import POINTS_SOMEWHERE, ROOT, exercise

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


def test_the_run_has_what_the_tests_tell_apart() -> None:
    assert CONNECTIONS >= 10 and 0 < HTTP != GRPC > 0 and RUN.tracer.sigint_ns < FOREVER


def test_a_right_report_passes() -> None:
    told = verdict(report())
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


def test_the_true_number_of_grpc_requests_passes_too() -> None:
    assert verdict(report(requests={"http": HTTP, "grpc": GRPC})).outcome is Outcome.PASS


def test_calls_that_are_not_asked_for_do_no_harm() -> None:
    document = report()
    document["calls"]["http"]["ioctl"] = 7
    document["calls"]["other"] = {"read": 3}
    assert verdict(document).outcome is Outcome.PASS


def test_two_decimals_are_enough() -> None:
    document = report()
    document["per_request"] = {call: round(number, 2) for call, number in document["per_request"].items()}
    assert verdict(document).outcome is Outcome.PASS


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


def moved_bytes() -> dict[str, dict[str, int]]:
    """What the calls returned, added up."""
    found: dict[str, dict[str, int]] = {}
    for call in calls(RUN, returned_data=True).inside:
        row = found.setdefault(kind(call), {})
        row[call.syscall] = row.get(call.syscall, 0) + call.ret
    return found


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


def fewer(missing: Mapping[str, int], *, data: bool = False) -> dict[str, dict[str, int]]:
    """The right table (`data`: of the calls with data), with some calls missing in some rows."""
    found = table(lambda call: in_target(call) and (call.ret > 0 or not data))
    for row, number in missing.items():
        name, _, syscall = row.partition(".")
        found[name][syscall] -= number
    return found


def test_threads_of_a_process_are_in_calls_at_the_same_time_and_connections_share_numbers() -> None:
    def total(found: dict[str, dict[str, int]]) -> int:
        return sum(sum(row.values()) for row in found.values())

    right = table(in_target)
    assert total(noted_by_process()) < 0.98 * total(right)
    assert table(in_target, remembered()) != right


MAPS = {
    "map_full": MapFacts(25, "calls", "hash", 6, 6),
    "one_cpu": MapFacts(25, "calls", "percpu_hash", 1024, 12),
    "events_lost": MapFacts(25, "events", "ringbuf", 4096, None),
}
HALF = {"http.readv": 90, "http.writev": 90, "grpc.recvmsg": 60, "grpc.sendmsg": 60, "unix.sendto": 90}


@pytest.mark.parametrize("cause", MAPS)
def test_what_the_kernel_knows_of_the_maps_tells_why_rows_are_too_low(cause: str) -> None:
    low = fewer(HALF)
    if cause == "map_full":
        del low["eventfd"]
    kernel = dataclasses.replace(RUN.kernel, maps=(MAPS[cause],))
    seen = dataclasses.replace(RUN, report=Report(report() | {"calls": low}, bytes=9), kernel=kernel)
    told = judge(exercise(SLUG), seen)
    assert [(one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL] == [
        ("calls_per_kind", cause)
    ]


def test_a_few_calls_that_several_mistakes_may_lose_are_told_with_all_of_them() -> None:
    told = verdict(report() | {"calls": fewer({"http.readv": 2})})
    (failed,) = (one for one in told.checks if one.outcome is Outcome.FAIL)
    assert "more than one mistake" in failed.hint
    assert "atomic_increment" in failed.hint and "all 64 bits" in failed.hint


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


def failed_check(document: Mapping[str, Any], kernel: KernelFacts = RUN.kernel) -> Finding:
    """The first check that fails."""
    seen = dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=kernel)
    return next(one for one in judge(exercise(SLUG), seen).checks if one.outcome is Outcome.FAIL)


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


@pytest.mark.parametrize(
    ("data", "maps", "cause"),
    [
        (fewer({"http.readv": 1}, data=True), (), "lost_updates"),
        (fewer(HALF, data=True), (MapFacts(25, "with_data", "percpu_hash", 1024, 12),), "one_cpu"),
        (moved_bytes(), (), "bytes_for_calls"),
        ({}, (), "count_zero"),
    ],
)
def test_what_is_wrong_with_data_alone_is_named(
    data: dict[str, dict[str, int]], maps: tuple[MapFacts, ...], cause: str
) -> None:
    kernel = dataclasses.replace(RUN.kernel, maps=maps or RUN.kernel.maps)
    found = failed_check(report() | {"with_data": data}, kernel)
    assert (found.name, found.cause) == ("calls_with_data", cause)


def test_a_map_of_one_entry_for_each_cpu_is_scratch_space() -> None:
    scratch = MapFacts(25, "scratch", "percpu_array", 1)
    buffer = MapFacts(26, "events", "ringbuf", 4096)
    kernel = dataclasses.replace(RUN.kernel, maps=(scratch, buffer))
    found = failed_check(report() | {"calls": fewer(HALF)}, kernel)
    assert found.cause == "events_lost"


@pytest.mark.parametrize("mistake", ROWS)
def test_a_wrong_row_is_named(mistake: str) -> None:
    document, cause = ROWS[mistake]
    assert failure(document) == ("calls_per_kind", cause)


def test_programs_that_are_attached_twice_are_named() -> None:
    kernel = dataclasses.replace(RUN.kernel, attachments=RUN.kernel.attachments * 2)
    seen = dataclasses.replace(RUN, report=Report(report(times=2), bytes=9), kernel=kernel)
    told = judge(exercise(SLUG), seen)
    assert [(one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL] == [
        ("calls_per_kind", "attached_twice")
    ]


def told_twice(document: Mapping[str, Any], place: str) -> tuple[str, str, str]:
    """(check, cause, hint) for a tracer with two programs at this tracepoint."""
    again = tuple(one for one in RUN.kernel.attachments if one.where == place)
    kernel = dataclasses.replace(RUN.kernel, attachments=RUN.kernel.attachments + again)
    seen = dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=kernel)
    return next(
        (one.name, one.cause, one.hint)
        for one in judge(exercise(SLUG), seen).checks
        if one.outcome is Outcome.FAIL
    )


def test_two_programs_at_one_tracepoint_are_named_with_the_tracepoint() -> None:
    # Both count at the entry: only `calls` is doubled.
    check, cause, hint = told_twice(report(calls=table(in_target, times=2)), "sys_enter")
    assert (check, cause) == ("calls_per_kind", "attached_twice")
    assert "sys_enter" in hint and "return" not in hint
    # Both count at the exit what moved data: only `with_data` is doubled.
    data = table(lambda call: call.in_target and call.ret > 0, times=2)
    check, cause, hint = told_twice(report(with_data=data), "sys_exit")
    assert (check, cause) == ("calls_with_data", "attached_twice")
    assert "sys_exit" in hint


def test_two_programs_at_one_tracepoint_are_pointed_out_beside_another_mistake() -> None:
    _, cause, hint = told_twice(report(lambda call: True, times=2), "sys_enter")
    assert cause == "count_too_high"
    assert "2 of your programs are at sys_enter" in hint


def test_one_program_that_counts_several_times_is_told_so() -> None:
    told = next(one for one in verdict(report(times=3)).checks if one.outcome is Outcome.FAIL)
    assert "each is 3 times the real one" in told.hint


@pytest.mark.parametrize(("missing", "place"), [("grpc", "family"), ("pipe", "look_at_fd()")])
def test_a_kind_that_was_missed_is_looked_for_where_it_is_told(missing: str, place: str) -> None:
    lost = report(name=lambda call: "other" if kind(call) == missing else kind(call))
    told = next(one for one in verdict(lost).checks if one.outcome is Outcome.FAIL)
    assert told.cause == "kind_missed"
    assert place in told.hint


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (lambda call: call.ret != 0, "errors_counted_as_data"),
        (lambda call: True, "every_return_is_data"),
        (lambda call: call.ret >= 0, "ends_counted_as_data"),
    ],
)
def test_what_is_taken_for_data_is_named(data: Keep, cause: str) -> None:
    assert failure(report(data=data)) == ("calls_with_data", cause)


DATA = table(lambda call: call.in_target and call.ret > 0)
REQUESTS = {
    "connections_counted": CONNECTIONS,
    "ends_counted": table(in_target)["http"]["readv"],
    "wake_ups_counted": DATA["unix"]["recvfrom"],
    "all_protocols_counted": HTTP + GRPC,
    "count_zero": 0,
}


@pytest.mark.parametrize("cause", REQUESTS)
def test_what_was_taken_for_http_requests_is_named(cause: str) -> None:
    document = report(requests={"http": REQUESTS[cause], "grpc": None})
    assert failure(document) == ("http_requests", cause)


def test_a_number_of_wake_ups_is_told_with_the_row_it_stands_in() -> None:
    document = report(requests={"http": DATA["unix"]["recvfrom"], "grpc": None})
    assert any("unix.recvfrom" in one.hint for one in verdict(document).checks)


@pytest.mark.parametrize("call", ["recvmsg", "sendmsg"])
def test_calls_that_are_taken_for_grpc_requests_are_named(call: str) -> None:
    document = report(requests={"http": HTTP, "grpc": DATA["grpc"][call]})
    assert failure(document) == ("grpc_requests", "calls_taken_for_requests")


def quotients(divisor: float, digits: int = 9) -> dict[str, float]:
    """Calls for one request, as this divisor gives them."""
    rows = table(in_target)["http"]
    return {call: round(rows[call] / divisor, digits) for call in ("readv", "writev")}


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        (quotients(CONNECTIONS), "wrong_divisor"),
        (quotients(HTTP + GRPC), "wrong_divisor"),
        (quotients(GRPC), "wrong_divisor"),
        (quotients(HTTP, 0), "rounded"),
        ({"readv": 0.0, "writev": 0.0}, "nothing_divided"),
        ({"readv": 1.0}, "report_field"),
    ],
)
def test_a_wrong_quotient_is_named(wrong: dict[str, float], cause: str) -> None:
    assert failure(report(per_request=wrong)) == ("per_request", cause)


def test_quotients_of_calls_with_data_look_rounded_and_both_are_said() -> None:
    told = verdict(report(per_request={"readv": 1.0, "writev": 1.0}))
    failed = next(one for one in told.checks if one.outcome is Outcome.FAIL)
    assert (failed.name, failed.cause) == ("per_request", "rounded")
    assert "rounded numbers" in failed.hint and "divide all calls" in failed.hint
    told = verdict(report(per_request={"readv": 1.001, "writev": 1.001}))
    failed = next(one for one in told.checks if one.outcome is Outcome.FAIL)
    assert (failed.name, failed.cause) == ("per_request", "data_divided")


def test_an_unknown_kind_is_a_wrong_field() -> None:
    document = report()
    document["calls"]["tcp"] = {"readv": 1}
    assert failure(document) == ("report_readable", "report_field")


def without(keep: Callable[[RecordedCall], bool]) -> Observation:
    """The run as if both recorders had missed some calls."""
    fewer = tuple(dataclasses.replace(one, calls=tuple(filter(keep, one.calls))) for one in RUN.recordings)
    return dataclasses.replace(RUN, recordings=fewer, report=Report(report(), bytes=9))


@pytest.mark.parametrize(
    ("missed", "said"),
    [
        (lambda call: call.in_target and kind(call) == "http" and call.ret == 0, ""),
        (lambda call: call.in_target and kind(call) == "http" and call.syscall == "writev", "http.writev"),
        (lambda call: call.pid == HELPER and call.fd_kind == "pipe", "pipe.read"),
    ],
)
def test_a_recorder_that_missed_what_the_ledger_knows_is_no_evidence(missed: Keep, said: str) -> None:
    told = judge(exercise(SLUG), without(lambda call: not missed(call)))
    if said:
        assert told.outcome is Outcome.ERROR and said in told.checks[0].message
    else:
        assert told.outcome is Outcome.FAIL  # the ledger does not know ends: then the tracer has too many


@pytest.mark.parametrize("mistake", ROWS)
def test_every_hint_says_where_to_look(mistake: str) -> None:
    told = next(one for one in verdict(ROWS[mistake][0]).checks if one.outcome is Outcome.FAIL)
    assert POINTS_SOMEWHERE.search(told.hint), told.hint


def at_places_of(*kinds: str) -> KernelFacts:
    """The same programs at the same names, as another kind of place each."""
    attachments = [
        dataclasses.replace(one, kind=kind) for one, kind in zip(RUN.kernel.attachments, kinds, strict=True)
    ]
    return dataclasses.replace(RUN.kernel, attachments=tuple(attachments))


@pytest.mark.parametrize("kinds", [("raw_tracepoint", "raw_tracepoint"), ("tracepoint", "raw_tracepoint")])
def test_raw_tracepoints_of_the_same_names_are_as_good(kinds: tuple[str, str]) -> None:
    seen = dataclasses.replace(RUN, report=Report(report(), bytes=9), kernel=at_places_of(*kinds))
    told = judge(exercise(SLUG), seen)
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


def test_a_kprobe_of_the_same_name_is_not() -> None:
    seen = dataclasses.replace(RUN, report=Report(report(), bytes=9), kernel=at_places_of("kprobe", "kprobe"))
    found = next(one for one in judge(exercise(SLUG), seen).checks if one.outcome is Outcome.FAIL)
    assert (found.name, found.cause) == ("programs_on_both_tracepoints", "wrong_kind")
