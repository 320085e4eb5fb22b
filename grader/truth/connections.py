"""Connections as the recorder saw a server read them: by which thread, how many requests, until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.observation import RecordedCall


@dataclass(frozen=True)
class Connection:
    """What one thread read from one connection."""

    tid: int
    requests: tuple[RecordedCall, ...]
    """The calls that read data, in their order."""
    end_ns: int
    """When the last of its calls returned: usually the one that read the end."""

    def meets(self, other: Connection) -> bool:
        """Whether both were there at the same time, for the same thread."""
        return (
            self.tid == other.tid
            and self.requests[0].entry_ns <= other.end_ns
            and other.requests[0].entry_ns <= self.end_ns
        )


def connections(reads: Iterable[RecordedCall]) -> list[Connection]:
    """The connections that these calls read, in the order in which they began.

    A descriptor's number is used again after its end: there the next connection begins. One that several
    threads read falls apart into as many.
    """
    under_way: dict[tuple[int, int], list[RecordedCall]] = {}
    whole: list[list[RecordedCall]] = []
    for call in sorted(reads, key=lambda one: one.entry_ns):
        place = call.tid, call.fd
        if place not in under_way:
            under_way[place] = []
            whole.append(under_way[place])
        under_way[place].append(call)
        if call.ret == 0:
            del under_way[place]
    return [
        Connection(calls[0].tid, tuple(one for one in calls if one.ret > 0), calls[-1].exit_ns)
        for calls in whole
        if any(one.ret > 0 for one in calls)
    ]


def undisturbed(found: Iterable[Connection]) -> list[Connection]:
    """Those that had their thread to themselves as long as they lasted."""
    every = list(found)
    return [one for one in every if not any(one.meets(other) for other in every if other is not one)]
