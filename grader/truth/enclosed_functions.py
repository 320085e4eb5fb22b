"""Calls of functions as both of the recorder's programs noted them: one behind the tracers, one in front.

Programs at one place run one after another, the newest first, in the thread that came by; it may lose its CPU
between two of them, and on a busy machine does. What a tracer between the two measures lies between theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from grader.observation import FunctionCall, Observation
from grader.truth.calls import window
from grader.truth.once import once_a_run

Noted = dict[FunctionCall, tuple[int, int]]
"""A call of the first recorder -> the earlier and the later of the two times (CLOCK_MONOTONIC)."""


@once_a_run
def noted_twice(seen: Observation) -> Noted:
    """Those that both noted: of each thread the last ones, because the second begins later.

    A thread about which they disagree is left out.
    """
    if len(seen.recordings) < 2:
        return {}
    first, second = (by_thread(one.functions) for one in seen.recordings[:2])
    noted: Noted = {}
    for tid, later in second.items():
        earlier = first.get(tid, [])[-len(later) :]
        if [what(call) for call in earlier] == [what(call) for call in later]:
            for one, two in zip(earlier, later, strict=True):
                noted[one] = min(one.at_ns, two.at_ns), max(one.at_ns, two.at_ns)
    return noted


def noted_once(seen: Observation) -> list[FunctionCall]:
    """Those of the window that only one of them noted: such a run is no evidence."""
    both, (ready_ns, sigint_ns) = noted_twice(seen), window(seen)
    first = seen.recordings[0].functions if seen.recordings else ()
    return [call for call in first if ready_ns <= call.at_ns <= sigint_ns and call not in both]


def what(call: FunctionCall) -> tuple[str, tuple[int, ...]]:
    """All of a call but its time."""
    return call.symbol, call.arguments


def by_thread(functions: Sequence[FunctionCall]) -> dict[int, list[FunctionCall]]:
    """In the order of time."""
    threads: dict[int, list[FunctionCall]] = defaultdict(list)
    for call in functions:
        threads[call.tid].append(call)
    return threads
