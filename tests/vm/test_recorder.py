"""The resident recorder and the driver on a real kernel: exact, by two mechanisms that agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from grader.host import Host
from grader.observation import RecordedCall, Recording
from grader.observing.recording import decode
from grader.observing.session import OrderFailed, Session
from grader.onhost.contract.driver_orders import ExecCaller, ParkThreads, TargetCalls, UnparkThreads
from grader.onhost.contract.host_orders import Hello
from grader.onhost.contract.order import Nothing, Order
from grader.onhost.contract.recorder_orders import (
    ProgramCost,
    RecordedTarget,
    Recorder,
    RecorderOn,
    RecorderRead,
)
from tests.vm.conftest import Tracers, cgroup_of_ours

pytestmark = pytest.mark.lab_host

SYSCALLS = ("read", "readv", "writev", "recvfrom", "sendto", "epoll_wait", "execve")


@pytest.fixture
def target(lab_host: Host) -> Iterator[RecordedTarget]:
    """A cgroup of ours, as `recorder_on` is told of a target."""
    with cgroup_of_ours(lab_host) as cgroup:
        yield cgroup


def recorded(host: Host, session: Session) -> tuple[Recording, ...]:
    file = session.order(RecorderRead())
    return decode(host.read_file(file.path, 2**27), file.machine)


def without_times(calls: tuple[RecordedCall, ...]) -> Counter[tuple[object, ...]]:
    """The two mechanisms' clocks are read at different moments; all else must be equal."""
    return Counter((one.syscall, one.ret, one.fd, one.tid, one.comm, one.in_target) for one in calls)


def test_both_mechanisms_record_exactly_the_calls_that_were_made(
    lab_host: Host, session: Session, target: RecordedTarget
) -> None:
    session.order(RecorderOn(Recorder(SYSCALLS), target))
    wanted = {"readv": 211, "writev": 53, "recvfrom": 101, "sendto": 67, "epoll_wait": 31, "read": 7}
    assert session.order(TargetCalls(wanted, comm="storm")).calls == wanted
    recordings = recorded(lab_host, session)
    assert [one.mechanism for one in recordings] == ["raw_tracepoint", "fentry"]
    for recording in recordings:
        assert recording.lost == 0
        assert Counter(one.syscall.replace("pwait", "wait") for one in recording.calls) == wanted
        assert {(one.comm, one.in_target, one.ret) for one in recording.calls} == {("storm", True, 1)}
        assert all(0 < one.entry_ns <= one.exit_ns for one in recording.calls)
    assert without_times(recordings[0].calls) == without_times(recordings[1].calls)


def test_calls_of_a_function_in_user_space_are_recorded_while_the_recorder_is_on(
    lab_host: Host, session: Session
) -> None:
    binary = lab_host.run(["readlink", "-f", "/usr/bin/python3"]).stdout.strip()
    start = ["python3", "-S", "-c", ""]
    wish = Recorder((), whole_host=True, functions=("Py_BytesMain",))
    lab_host.run(start)
    session.order(RecorderOn(wish, RecordedTarget(binary_path=binary)))
    for _ in range(3):
        lab_host.run(start)
    raw, fentry = recorded(lab_host, session)
    assert [(one.symbol, one.arguments[0], one.in_target) for one in raw.functions] == [
        ("Py_BytesMain", len(start), False)
    ] * 3
    assert (fentry.functions, raw.lost, list(raw.offsets)) == ((), 0, ["Py_BytesMain"])


def test_a_function_that_is_not_there_is_refused_by_name(session: Session) -> None:
    wish = RecorderOn(
        Recorder((), functions=("Py_NoSuchThing",)), RecordedTarget(binary_path="/usr/bin/python3")
    )
    with pytest.raises(OrderFailed, match="no function Py_NoSuchThing"):
        session.order(wish)


def test_both_mechanisms_know_what_descriptors_stand_for_when_they_are_asked(
    lab_host: Host, session: Session, target: RecordedTarget
) -> None:
    wanted = {"write_eventfd": 7, "write_pipe": 11, "recvfrom": 13, "sendto": 17, "read": 19}
    wanted |= {"readv_pipe": 23, "sendmsg_unix": 29, "read_epoll_refused": 31, "sendto_ipv6": 37}
    told = {"write eventfd": 7, "write pipe": 11, "recvfrom unix": 13, "sendto inet": 17 + 37}
    told |= {"readv pipe": 23, "sendmsg unix": 29, "read other": 19 + 31}
    syscalls = ("read", "write", "readv", "recvfrom", "sendto", "sendmsg")
    session.order(RecorderOn(Recorder(syscalls, fds=True), target))
    session.order(TargetCalls(wanted))
    for recording in recorded(lab_host, session):
        assert Counter(f"{one.syscall} {one.fd_kind}" for one in recording.calls) == told
        assert all((one.port > 0) == (one.fd_kind == "inet") for one in recording.calls)
    session.order(RecorderOn(Recorder(syscalls), target))
    session.order(TargetCalls(wanted))
    for recording in recorded(lab_host, session):
        assert {one.fd_kind for one in recording.calls} == {""}


def test_a_large_number_of_calls_is_recorded_without_loss(
    lab_host: Host, session: Session, target: RecordedTarget
) -> None:
    session.order(RecorderOn(Recorder(SYSCALLS), target))
    session.order(TargetCalls({"writev": 50_021}, timeout_s=300))
    assert [(len(one.calls), one.lost) for one in recorded(lab_host, session)] == [(50_021, 0)] * 2


def test_what_has_no_room_is_counted_as_lost(
    lab_host: Host, session: Session, target: RecordedTarget
) -> None:
    session.order(RecorderOn(Recorder(("writev",)), target))
    # A record takes 72 bytes of 16 MiB: there is room for 233,016.
    session.order(TargetCalls({"writev": 240_000}, timeout_s=500))
    for recording in recorded(lab_host, session):
        assert len(recording.calls) + recording.lost == 240_000
        assert recording.lost > 0


def test_parked_threads_wait_in_epoll_until_they_are_woken(
    lab_host: Host, session: Session, target: RecordedTarget
) -> None:
    session.order(RecorderOn(Recorder(("epoll_wait",)), target))
    assert session.order(ParkThreads(14)).threads == 14
    session.order(UnparkThreads())
    for recording in recorded(lab_host, session):
        assert [one.ret for one in recording.calls] == [1] * 14
        assert len({one.tid for one in recording.calls}) == 14


def test_calls_that_straddle_an_edge_are_told(
    lab_host: Host, session: Session, target: RecordedTarget
) -> None:
    session.order(RecorderOn(Recorder(("epoll_wait",)), target))
    session.order(ParkThreads(3))
    for recording in recorded(lab_host, session):
        assert [(one.entry_ns > 0, one.exit_ns) for one in recording.calls] == [(True, 0)] * 3
    session.order(RecorderOn(Recorder(("epoll_wait",)), target))
    session.order(UnparkThreads())
    for recording in recorded(lab_host, session):
        assert [(one.entry_ns, one.exit_ns > 0) for one in recording.calls] == [(0, True)] * 3


def test_execs_and_forks_are_recorded_by_the_callers_name(lab_host: Host, session: Session) -> None:
    session.order(RecorderOn(Recorder(("execve",), whole_host=True, tasks=True)))
    session.order(ExecCaller("alpha", execs=23, fail_execs=5, forks=7))
    raw, fentry = recorded(lab_host, session)
    for recording in (raw, fentry):
        returned = Counter(one.ret for one in recording.calls if one.comm == "alpha")
        assert returned == {0: 23, -2: 5}
    # A program that cannot be started was tried in a child too.
    forks = [one for one in raw.tasks if (one.kind, one.comm) == ("fork", "alpha")]
    assert len(forks) == 23 + 5 + 7
    assert len([one for one in raw.tasks if (one.kind, one.comm) == ("exec", "true")]) >= 23


def test_the_kernel_tells_what_the_recorders_programs_cost_since_they_were_switched_on(
    session: Session, target: RecordedTarget
) -> None:
    session.order(RecorderOn(Recorder(("readv",)), target))
    session.order(TargetCalls({"readv": 211}))
    cost = session.order(RecorderRead()).cost
    assert cost["raw_enter"].runs > cost["entered_readv"].runs >= 211
    assert all(one.run_ns > 0 for one in cost.values())
    session.order(RecorderOn(Recorder(("readv",)), target))
    cost = session.order(RecorderRead()).cost
    assert cost.get("entered_readv", ProgramCost(0, 0)).runs < 211


def test_nothing_is_recorded_from_outside_the_target(
    lab_host: Host, session: Session, target: RecordedTarget
) -> None:
    session.order(RecorderOn(Recorder(SYSCALLS), target))
    session.order(ExecCaller("alpha", execs=3))
    assert [one.calls for one in recorded(lab_host, session)] == [(), ()]


class NoSuchOrder(Order[Nothing], name="no_such_order"):
    """The host does not know it."""


def test_an_order_that_cannot_be_carried_out_says_why(session: Session) -> None:
    with pytest.raises(OrderFailed, match="do not know the system call nosuchcall"):
        session.order(RecorderOn(Recorder(("nosuchcall",))))
    with pytest.raises(OrderFailed, match="unknown order"):
        session.order(NoSuchOrder())


def test_what_a_killed_session_left_is_gone_with_the_next(lab_host: Host) -> None:
    from grader.observing.session import open_session

    script = "print('READY', flush=True)\nimport time\ntime.sleep(999)\n"
    with open_session(lab_host) as first:
        tracers = Tracers(lab_host, first)
        tracers.ready(tracers.start(script))
        lab_host.run(["pkill", "-9", "-f", "-o", "onhost.session"])
    left = "ls -d /sys/fs/cgroup/system.slice/lab-tracer-* /run/lab/sessions/* 2>/dev/null"
    with open_session(lab_host) as second:
        second.order(Hello())
    found = lab_host.run(["sh", "-c", left], check=False).stdout
    waiting = lab_host.run(["ls", "/run/lab/spares"], check=False).stdout.split()
    assert [line for line in found.splitlines() if not any(name in line for name in waiting)] == []
