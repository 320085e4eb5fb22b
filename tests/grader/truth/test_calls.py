"""Ground truth: the window, its edges, and two recorders that must agree."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from grader.observation import Observation, RecordedCall, RecordedTask, Recording
from grader.truth.calls import calls, ledger, ledger_sum, pair_nearest, reconcile, tasks
from grader.truth.counts import Count
from tests.grader.runs import MS, call, other_recorder, right_run, tracer_run


def seeing(*recorded: RecordedCall) -> Observation:
    return right_run(
        recordings=(Recording("raw_tracepoint", recorded), Recording("fentry", other_recorder(recorded)))
    )


def test_only_whole_calls_between_ready_and_sigint_count_for_certain() -> None:
    seen = seeing(
        call(at_ms=999, took_ms=2),  # straddles READY
        call(at_ms=500, took_ms=2),  # before it
        call(at_ms=1_000, took_ms=1),  # begins with it
        call(at_ms=99_999, took_ms=1),  # ends with SIGINT
        call(at_ms=99_999.5, took_ms=1),  # straddles SIGINT
        call(at_ms=100_001),  # after it
        call(entry_ns=0),  # began before the recorder
        call(exit_ns=0),  # had not ended
    )
    assert calls(seen, "readv").count == Count(2, 6)


def test_calls_of_others_and_other_system_calls_are_left_out() -> None:
    seen = seeing(call(), call(in_target=False), call("writev"))
    assert calls(seen, "readv").count == Count(1)
    assert calls(seen, "readv", everywhere=True).count == Count(2)
    assert calls(seen).count == Count(2)


def test_returned_data_means_a_value_above_zero() -> None:
    seen = seeing(call(ret=5), call(ret=0), call(ret=-11), call(ret=0, exit_ns=0))
    assert calls(seen, "readv", returned_data=True).count == Count(1, 1)


def test_counts_by_name_keep_inside_and_edge_apart() -> None:
    seen = seeing(call(comm="a"), call(comm="b"), call(comm="b", exit_ns=0))
    assert calls(seen).count_by(lambda one: one.comm) == {"a": Count(1), "b": Count(1, 1)}


def test_a_tracer_that_never_ended_has_an_open_window() -> None:
    seen = dataclasses.replace(seeing(call(at_ms=10_000_000)), tracer=tracer_run(sigint_ns=0))
    assert calls(seen, "readv").count == Count(1)


def test_tasks_are_counted_by_name_in_the_window() -> None:
    noted = (
        RecordedTask("fork", 2_000 * MS, 1, "a"),
        RecordedTask("fork", 1, 1, "a"),
        RecordedTask("exec", 2_000 * MS, 1, "true"),
    )
    seen = right_run(recordings=(Recording("raw_tracepoint", (), noted),))
    assert tasks(seen, "fork") == {"a": Count(1, 1)}
    assert tasks(seen, "exec") == {"true": Count(1)}


def test_the_ledger_adds_up() -> None:
    seen = right_run()
    assert ledger_sum(ledger(seen, "http", "triton", ok=True), "bytes") == 211 * 311
    assert ledger(seen, "http", "other") == []


def test_the_recorders_agree_call_by_call_on_a_right_run() -> None:
    both = reconcile(right_run())
    assert not both.only_first and not both.only_second and not both.different
    assert set(both.noise_ns()) == {4_000}
    assert len(both.noise_ns("readv")) == 211


def test_a_call_that_one_recorder_missed_is_named() -> None:
    recorded = (call(at_ms=2_000), call(at_ms=3_000))
    seen = right_run(recordings=(Recording("a", recorded), Recording("b", other_recorder(recorded[:1]))))
    both = reconcile(seen)
    assert both.only_first == (recorded[1],)
    assert both.only_second == ()


def test_a_call_at_the_edge_for_one_recorder_only_is_no_disagreement() -> None:
    # The outer recorder sees it end 1 us after SIGINT, the inner one 1 us before.
    recorded = (call(at_ms=99_999, exit_ns=100_000 * MS + 1_000),)
    both = reconcile(seeing(*recorded))
    assert both.only_first == () and both.only_second == ()


def test_another_return_value_is_a_difference() -> None:
    one = call(ret=5)
    seen = right_run(recordings=(Recording("a", (one,)), Recording("b", (dataclasses.replace(one, ret=6),))))
    assert reconcile(seen).different == ((one, dataclasses.replace(one, ret=6)),)


times = st.lists(st.integers(0, 1000), max_size=30).map(sorted)


@given(times, times, st.integers(0, 50))
def test_nearest_pairs_are_one_to_one_and_near(ones: list[int], twos: list[int], gap: int) -> None:
    pairs = pair_nearest(ones, twos, gap)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert all(abs(ones[a] - twos[b]) <= gap for a, b in pairs)


@given(times, st.integers(0, 5))
def test_a_list_pairs_with_itself_shifted(ones: list[int], shift: int) -> None:
    assert len(pair_nearest(ones, [one + shift for one in ones], 10)) == len(ones)
