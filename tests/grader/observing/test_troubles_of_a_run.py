"""What goes wrong on the host's side of a run, and what it is called."""

from __future__ import annotations

import pytest

from grader.observation import Report
from grader.onhost.contract.host_orders import Hello, HostNotes, Quiet
from grader.onhost.contract.messages import Failed
from grader.onhost.contract.recorder_orders import RecorderOff, RecorderOn, RecorderRead
from grader.onhost.contract.tracer_orders import StopTracer
from grader.trouble import Kind, Trouble
from tests.grader.observing.fake_host import FakeHost, LostError
from tests.grader.observing.one_run import FakeWorkload, seen


def test_an_order_that_is_refused_is_our_trouble_and_the_rest_still_happens() -> None:
    host = FakeHost({Quiet: lambda _: Failed(0, "no")})
    (one,) = seen(host, FakeWorkload())
    assert one.troubles == (Trouble("quiet: no"),)
    assert RecorderOff in host.orders and isinstance(one.report, Report)


@pytest.mark.parametrize("kind", [Kind.BROKEN, Kind.BUSY])
def test_the_host_says_what_kind_of_trouble_it_is(kind: Kind) -> None:
    refusal = Failed(0, "/server has no function handle", kind=kind)
    (one,) = seen(FakeHost({RecorderOn: lambda _: refusal}), FakeWorkload())
    assert one.troubles == (Trouble("recorder_on: /server has no function handle", kind),)


def test_of_a_recorder_that_cannot_be_switched_on_nothing_else_is_told_than_why() -> None:
    """A real session knows no tracer that was never started, and a recorder that was never on is another."""
    refusal = Failed(0, "/server has no function handle", kind=Kind.BROKEN)
    another = Failed(0, "the recorder was started again", disturbed=True)
    host = FakeHost(
        {
            Hello: lambda _: HostNotes(("an old systemd",)),
            RecorderOn: lambda _: refusal,
            StopTracer: lambda _: Failed(0, "'t0'"),
            RecorderRead: lambda _: another,
        }
    )
    (one,) = seen(host, FakeWorkload())
    assert one.troubles == (Trouble("recorder_on: /server has no function handle", Kind.BROKEN),)
    assert one.tracer.ended_by != "interference"


def test_a_session_that_ends_is_our_trouble_with_what_it_said() -> None:
    host = FakeHost({RecorderRead: None})
    (one,) = seen(host, FakeWorkload())
    assert one.troubles == (Trouble("the session on the lab host ended: it fell over"),)


def test_what_is_disturbed_is_interference_only_where_the_jail_cannot_exclude_it() -> None:
    gone = Failed(0, "the recorder ended", disturbed=True)
    (ours,) = seen(FakeHost({RecorderRead: lambda _: gone}), FakeWorkload())
    assert ours.tracer.ended_by == "sigint"
    assert ours.troubles == (Trouble("recorder_read: the recorder ended"),)
    open_jail = FakeHost({RecorderRead: lambda _: gone, Hello: lambda _: HostNotes(("shared",))})
    (theirs,) = seen(open_jail, FakeWorkload())
    assert (theirs.tracer.ended_by, theirs.troubles) == ("interference", ())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a workload's own")])
def test_what_a_step_raises_passes_after_everything_was_stopped(error: BaseException) -> None:
    host, workload = FakeHost(), FakeWorkload(error)
    with pytest.raises(type(error)):
        seen(host, workload, 1, "exec", "bad")
    assert workload.closed and host.ended


def test_a_lost_host_passes_as_it_is() -> None:
    host = FakeHost({Quiet: None}, lost=True)
    with pytest.raises(LostError):
        seen(host, FakeWorkload())
    assert host.ended
