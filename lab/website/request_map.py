"""What a server does for one request, from a recorded run: real calls, real counts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from grader.observation import Observation, RecordedCall
from grader.truth.calls import calls, ledger
from lab.comparison.quantity import duration

ROW = 44
LANE = 130
TOP = 64


@dataclass(frozen=True)
class MapRow:
    """One system call in numbers."""

    syscall: str
    calls: int
    per_request: float
    with_data: int
    usual_bytes: int
    """The return value that came most often."""
    median: str


@dataclass(frozen=True)
class MapStep:
    """One call of the request that is drawn. Positions are SVG units."""

    syscall: str
    fd: int
    ret: int
    took: str
    x: int
    y: int
    waits: bool
    """Whether most of the request's time passed in it."""


@dataclass(frozen=True)
class RequestMap:
    """The whole map."""

    requests: int
    same: int
    """So many requests made exactly the calls that are drawn, in this order."""
    rows: tuple[MapRow, ...]
    steps: tuple[MapStep, ...]
    lanes: tuple[int, ...]
    """Where each thread's line is."""

    @property
    def height(self) -> int:
        """SVG units."""
        return TOP + ROW * len(self.steps) + 6

    def describe(self) -> str:
        """The picture in words."""
        said = (f"{one.syscall} on descriptor {one.fd} returns {one.ret}" for one in self.steps)
        return f"From top to bottom: {'; '.join(said)}."


def request_map(seen: Observation, first: str) -> RequestMap:
    """The map of the target's server process. A request begins with a call of `first` that returns data."""
    target = seen.target
    assert target is not None, "a map needs an exercise with a container"
    mine = [call for call in calls(seen).inside if call.pid == target.main_pid]
    requests = len(ledger(seen, "http", target.name, ok=True))
    groups = split_at(mine, first)
    shapes = Counter(tuple(call.syscall for call in group) for group in groups)
    shape, same = shapes.most_common(1)[0]
    alike = [group for group in groups if tuple(call.syscall for call in group) == shape]
    # The last call of a group is the wait for the next request; in front of the first call it reads better.
    chosen = len(alike) // 2
    group = alike[chosen]
    before = max((call for call in mine if call.entry_ns < group[0].entry_ns), key=lambda one: one.entry_ns)
    steps = [before, *group[:-1]] if group[-1].syscall == before.syscall else list(group)
    lanes = list(dict.fromkeys(call.tid for call in steps))
    return RequestMap(
        requests,
        same,
        tuple(rows(mine, requests)),
        tuple(drawn(steps, lanes)),
        tuple(map(lane_x, range(len(lanes)))),
    )


def split_at(mine: Sequence[RecordedCall], first: str) -> list[list[RecordedCall]]:
    """The calls from each one of `first` that returned data up to the next."""
    starts = [at for at, call in enumerate(mine) if call.syscall == first and call.ret > 0]
    return [list(mine[begin:end]) for begin, end in itertools.pairwise(starts)]


def rows(mine: Sequence[RecordedCall], requests: int) -> list[MapRow]:
    """One row for each system call, the rarest first."""
    found = []
    for name, count in Counter(call.syscall for call in mine).most_common()[::-1]:
        some = [call for call in mine if call.syscall == name]
        usual = Counter(call.ret for call in some).most_common(1)[0][0]
        middle = median(call.duration_ns for call in some)
        data = sum(call.ret > 0 for call in some)
        found.append(MapRow(name, count, count / requests, data, usual, duration(middle)))
    return found


def drawn(steps: Sequence[RecordedCall], lanes: Sequence[int]) -> list[MapStep]:
    """The calls with their places in the picture."""
    longest = max(call.duration_ns for call in steps)
    return [
        MapStep(
            call.syscall,
            call.fd,
            call.ret,
            duration(call.duration_ns),
            lane_x(lanes.index(call.tid)),
            TOP + ROW * number,
            call.duration_ns > longest / 10,
        )
        for number, call in enumerate(steps)
    ]


def lane_x(lane: int) -> int:
    """Where a thread's line is."""
    return 40 + LANE * 2 * lane
