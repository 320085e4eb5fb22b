"""Objects of the traced program, told from the calls of its functions that the recorder noted.

An object lives from the call that makes it to the next one that makes an object at the same address: an
allocator hands the same address out again and again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from grader.observation import FunctionCall, Observation
from grader.truth.calls import recording, window
from grader.truth.counts import Count
from grader.truth.enclosed_functions import noted_twice
from grader.truth.once import once_a_run


@dataclass(frozen=True)
class FunctionArgument:
    """Where a function's call carries the object's address: its argument, counted from 0."""

    symbol: str
    argument: int


@dataclass(frozen=True)
class Lifetime:
    """One object: when it was made, and the calls that were about it, in the order of time."""

    address: int
    made: FunctionCall
    calls: tuple[FunctionCall, ...]
    noted: tuple[tuple[int, int], ...]
    """When its making and each call were noted in front of the tracers and behind them, the earlier first."""

    def until_ns(self, number: int) -> int:
        """Nanoseconds from its making, which is number 0, to its `number`th call; 0 when there was none."""
        return self.calls[number - 1].at_ns - self.made.at_ns if 0 < number <= len(self.calls) else 0

    def bounds_ns(self, number: int) -> tuple[int, int]:
        """The least and the most that a tracer can have measured until its `number`th call."""
        made, called = self.noted[0], self.noted[number]
        return called[0] - made[1], called[1] - made[0]


@dataclass(frozen=True)
class Lifetimes:
    """Those made and used between READY and SIGINT, and the ones at the edges of the window."""

    inside: tuple[Lifetime, ...]
    edge: tuple[Lifetime, ...]

    def count(self, least: int = 0, most: int | None = None) -> Count:
        """How many there are with at least and at most so many calls."""
        numbers = ([len(one.calls) for one in part] for part in self._parts)
        return Count(
            *(sum(least <= calls <= (calls if most is None else most) for calls in part) for part in numbers)
        )

    def calls(self) -> Count:
        """All calls together."""
        return Count(*(sum(len(one.calls) for one in part) for part in self._parts))

    @property
    def _parts(self) -> tuple[tuple[Lifetime, ...], tuple[Lifetime, ...]]:
        return self.inside, self.edge


@once_a_run
def lifetimes(
    seen: Observation, made: FunctionArgument, called: FunctionArgument, *, everywhere: bool = False
) -> Lifetimes:
    """The target's objects (`everywhere`: of every process that runs its binary), by time of making.

    Calls about an object whose making was not recorded belong to none.
    """
    ready_ns, sigint_ns = window(seen)
    both = noted_twice(seen)
    living: dict[tuple[int, int], tuple[FunctionCall, list[FunctionCall]]] = {}
    whole: list[tuple[FunctionCall, list[FunctionCall]]] = []
    for call in recording(seen).functions:
        if not (everywhere or call.in_target):
            continue
        if call.symbol == made.symbol:
            begun: tuple[FunctionCall, list[FunctionCall]] = (call, [])
            living[call.pid, call.arguments[made.argument]] = begun
            whole.append(begun)
        elif call.symbol == called.symbol:
            found = living.get((call.pid, call.arguments[called.argument]))
            if found is not None:
                found[1].append(call)
    parts: dict[bool, list[Lifetime]] = defaultdict(list)
    for maker, calls in whole:
        last_ns = calls[-1].at_ns if calls else maker.at_ns
        noted = tuple(both.get(call, (call.at_ns, call.at_ns)) for call in (maker, *calls))
        one_life = Lifetime(maker.arguments[made.argument], maker, tuple(calls), noted)
        parts[ready_ns <= maker.at_ns and last_ns <= sigint_ns].append(one_life)
    return Lifetimes(tuple(parts[True]), tuple(parts[False]))
