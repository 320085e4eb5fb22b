"""How often programs had to run: what `ran` compares the kernel's count with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.observation import Observation
from grader.place import Place
from grader.truth.calls import calls
from grader.truth.counts import Count

Due = Callable[[Observation], Mapping[Place, Count]]


def until_answered(answer: str, seen_at: Mapping[Place, Sequence[str]]) -> Due:
    """At each place the system calls that are seen there, up to the last `answer`.

    The run counts are read a moment before SIGINT; waits that end in between are not in them.
    """

    def due(seen: Observation) -> dict[Place, Count]:
        until = max((call.exit_ns for call in calls(seen, answer).inside), default=0)
        return {
            place: Count(sum(call.exit_ns <= until for call in calls(seen, *syscalls).inside))
            for place, syscalls in seen_at.items()
        }

    return due
