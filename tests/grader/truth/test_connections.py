"""Which thread read which connection, from the recorder's calls."""

from __future__ import annotations

from collections.abc import Sequence

from grader.observation import RecordedCall
from grader.truth.connections import Connection, connections, undisturbed


def reads(tid: int, fd: int, start_ns: int, returned: Sequence[int]) -> list[RecordedCall]:
    """One thread's reads of one descriptor, a call every 10 ns."""
    starts = [start_ns + 10 * number for number in range(len(returned))]
    return [
        RecordedCall("readv", at_ns, at_ns + 5, ret, fd, tid, 1, "server", True)
        for at_ns, ret in zip(starts, returned, strict=True)
    ]


def shape(found: Sequence[Connection]) -> list[tuple[int, int]]:
    return [(one.tid, len(one.requests)) for one in found]


def test_a_connection_ends_where_nothing_was_read_and_its_number_is_used_again() -> None:
    found = connections(reads(7, 40, 0, [185, 186, 0, 185, 0]))
    assert shape(found) == [(7, 2), (7, 1)]
    assert undisturbed(found) == found


def test_connections_of_two_threads_at_a_time_are_undisturbed() -> None:
    found = connections(reads(8, 41, 3, [185] * 4 + [0]) + reads(7, 40, 0, [185] * 3 + [0]))
    assert shape(found) == [(7, 3), (8, 4)]
    assert undisturbed(found) == found


def test_two_connections_that_share_a_thread_at_a_time_disturb_each_other() -> None:
    shared = reads(7, 40, 0, [185] * 3 + [0]) + reads(7, 41, 3, [185] * 4 + [0])
    apart = reads(8, 42, 0, [185, 0])
    assert shape(undisturbed(connections(shared + apart))) == [(8, 1)]


def test_a_connection_that_another_thread_goes_on_with_falls_apart() -> None:
    found = connections(reads(7, 40, 0, [185] * 3) + reads(8, 40, 30, [185] * 2 + [0]))
    assert shape(found) == [(7, 3), (8, 2)]


def test_a_read_that_failed_is_no_request() -> None:
    assert shape(connections(reads(7, 40, 0, [185, -11, 185, 0]))) == [(7, 2)]


def test_a_descriptor_that_never_brought_data_is_no_connection() -> None:
    assert connections(reads(7, 40, 0, [-11, 0])) == []
