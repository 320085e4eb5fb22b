"""Ground truth of one run: views over what the recorders and the ledger noted.

A call counts when its entry and its return lie between READY and SIGINT (`Calls.inside`). For every other
call that the recorder saw (it straddles an edge, or fell between attaching and READY, or between SIGINT and
detaching) either answer is right (`Calls.edge`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.observation import Observation, RecordedCall, Recording
from grader.traffic import LedgerEntry
from grader.truth.counts import Count
from grader.truth.once import once_a_run

FOREVER = 2**63
NOISE_GAP_NS = 250_000_000
"""Two recorders' entry times of one call differ by microseconds, more only on a starved machine."""


@dataclass(frozen=True)
class Calls:
    """Calls of one recorder, split by the window; each part in the order of entry."""

    inside: tuple[RecordedCall, ...]
    edge: tuple[RecordedCall, ...]

    def where(self, keep: Callable[[RecordedCall], bool]) -> Calls:
        """Only the calls for which `keep` is true."""
        return Calls(tuple(filter(keep, self.inside)), tuple(filter(keep, self.edge)))

    def of(self, *syscalls: str) -> Calls:
        """Only these system calls."""
        return self.where(lambda call: call.syscall in syscalls)

    @property
    def count(self) -> Count:
        """How many: exactly the ones inside, give or take the edge."""
        return Count(len(self.inside), len(self.edge))

    def count_by(self, key: Callable[[RecordedCall], str]) -> dict[str, Count]:
        """How many per key, e.g. per system call or per thread name."""
        inside = Counter(map(key, self.inside))
        edge = Counter(map(key, self.edge))
        return {name: Count(inside[name], edge[name]) for name in inside | edge}


def window(seen: Observation) -> tuple[int, int]:
    """(READY, SIGINT) on the lab host's monotonic clock; open where the tracer never got so far."""
    return seen.tracer.ready_ns, seen.tracer.sigint_ns or FOREVER


def recording(seen: Observation, mechanism: str = "") -> Recording:
    """The recorder of this mechanism; the first one when none is named. An empty one when it is missing."""
    for candidate in seen.recordings:
        if not mechanism or candidate.mechanism == mechanism:
            return candidate
    return Recording(mechanism or "none", ())


@once_a_run
def calls(
    seen: Observation,
    *syscalls: str,
    everywhere: bool = False,
    returned_data: bool = False,
    mechanism: str = "",
) -> Calls:
    """The target's calls (with `everywhere`: the whole host's), of these system calls or of all that were
    recorded.

    With `returned_data` only calls whose return value was above 0; edge calls that had not ended may yet
    have.
    """
    ready_ns, sigint_ns = window(seen)
    inside: list[RecordedCall] = []
    edge: list[RecordedCall] = []
    for call in recording(seen, mechanism).calls:
        if syscalls and call.syscall not in syscalls:
            continue
        if not (everywhere or call.in_target):
            continue
        if returned_data and call.ret <= 0 and call.exit_ns:
            continue
        whole = ready_ns <= call.entry_ns and call.entry_ns > 0 and 0 < call.exit_ns <= sigint_ns
        (inside if whole else edge).append(call)
    return Calls(tuple(sorted(inside, key=entry)), tuple(sorted(edge, key=entry)))


def tasks(seen: Observation, kind: str, mechanism: str = "") -> dict[str, Count]:
    """Forks (`fork`) or program starts (`exec`) per name: in the window, and at its edges."""
    ready_ns, sigint_ns = window(seen)
    inside: Counter[str] = Counter()
    edge: Counter[str] = Counter()
    for task in recording(seen, mechanism).tasks:
        if task.kind == kind:
            (inside if ready_ns <= task.at_ns <= sigint_ns else edge)[task.comm] += 1
    return {name: Count(inside[name], edge[name]) for name in inside | edge}


def ledger(seen: Observation, kind: str, who: str = "", ok: bool | None = None) -> list[LedgerEntry]:
    """Ledger entries of one kind, to one receiver when named, answered as planned or not when asked."""
    return [
        unit
        for unit in seen.ledger
        if unit.kind == kind and (not who or unit.who == who) and (ok is None or unit.ok == ok)
    ]


def sent_to_target(seen: Observation, kind: str, ok: bool | None = None) -> list[LedgerEntry]:
    """What the ledger says was sent to the target of this run."""
    return ledger(seen, kind, seen.target.name if seen.target else "", ok)


def ledger_sum(entries: Iterable[LedgerEntry], detail: str) -> int:
    """The total of one whole number that each entry's detail holds."""
    return sum(int(unit.detail[detail]) for unit in entries)


@dataclass(frozen=True)
class Reconciled:
    """The two recorders' calls, one to one."""

    pairs: tuple[tuple[RecordedCall, RecordedCall], ...]
    only_first: tuple[RecordedCall, ...]
    only_second: tuple[RecordedCall, ...]

    @property
    def different(self) -> tuple[tuple[RecordedCall, RecordedCall], ...]:
        """Pairs that do not agree on what the call was."""
        return tuple(
            (one, two)
            for one, two in self.pairs
            if (one.ret, one.pid, one.in_target) != (two.ret, two.pid, two.in_target)
        )

    def other_ns(self) -> dict[RecordedCall, int]:
        """The second recorder's duration of each call of the first."""
        return {one: two.duration_ns for one, two in self.pairs}

    def noise_ns(self, *syscalls: str) -> list[int]:
        """How far the two durations of each call lie apart, of these system calls or of all."""
        return [
            abs(one.duration_ns - two.duration_ns)
            for one, two in self.pairs
            if not syscalls or one.syscall in syscalls
        ]


@once_a_run
def reconcile(seen: Observation) -> Reconciled:
    """Pair every call inside the window with the other recorder's.

    Needs two recordings, else all is unpaired.
    """
    if len(seen.recordings) < 2:
        return Reconciled((), calls(seen, everywhere=True).inside, ())
    first, second = (calls(seen, everywhere=True, mechanism=one.mechanism) for one in seen.recordings[:2])
    pairs, only_first, only_second = pair_calls(first.inside, second.inside)
    # A call at the window's edge may lie inside for one recorder and outside for the other.
    more, only_first, _ = pair_calls(only_first, second.edge)
    turned, only_second, _ = pair_calls(only_second, first.edge)
    whole = [(a, b) for a, b in (*pairs, *more, *((b, a) for a, b in turned)) if a.entry_ns and b.entry_ns]
    return Reconciled(
        tuple((a, b) for a, b in whole if a.exit_ns and b.exit_ns), tuple(only_first), tuple(only_second)
    )


def pair_calls(
    ones: Sequence[RecordedCall], twos: Sequence[RecordedCall]
) -> tuple[list[tuple[RecordedCall, RecordedCall]], list[RecordedCall], list[RecordedCall]]:
    """Pair calls of the same thread and system call by nearest entry; returns (pairs, rest of ones, rest of
    twos).
    """
    by_thread: dict[tuple[int, str], list[RecordedCall]] = defaultdict(list)
    for call in twos:
        by_thread[call.tid, call.syscall].append(call)
    thread_ones: dict[tuple[int, str], list[RecordedCall]] = defaultdict(list)
    for call in ones:
        thread_ones[call.tid, call.syscall].append(call)
    pairs: list[tuple[RecordedCall, RecordedCall]] = []
    left_ones: list[RecordedCall] = []
    left_twos: list[RecordedCall] = []
    for thread in thread_ones.keys() | by_thread.keys():
        mine = sorted(thread_ones.get(thread, ()), key=entry)
        other = sorted(by_thread.get(thread, ()), key=entry)
        chosen = pair_nearest(
            [call.entry_ns for call in mine], [call.entry_ns for call in other], NOISE_GAP_NS
        )
        pairs += [(mine[a], other[b]) for a, b in chosen]
        used_mine, used_other = {a for a, _ in chosen}, {b for _, b in chosen}
        left_ones += [call for index, call in enumerate(mine) if index not in used_mine]
        left_twos += [call for index, call in enumerate(other) if index not in used_other]
    pairs.sort(key=lambda pair: pair[0].entry_ns)
    return pairs, sorted(left_ones, key=entry), sorted(left_twos, key=entry)


def pair_nearest(ones: Sequence[int], twos: Sequence[int], gap: int) -> list[tuple[int, int]]:
    """Pair two ascending lists of times one to one, nearest first, never further apart than `gap`: index
    pairs.
    """
    if len(ones) == len(twos) and all(abs(a - b) <= gap for a, b in zip(ones, twos, strict=True)):
        # The usual case: both saw the same calls, and the order within a thread is the same for both.
        return [(index, index) for index in range(len(ones))]
    candidates: list[tuple[int, int, int]] = []
    for index, at in enumerate(ones):
        middle = bisect_left(twos, at)
        for other in range(max(0, middle - 3), min(len(twos), middle + 3)):
            distance = abs(twos[other] - at)
            if distance <= gap:
                candidates.append((distance, index, other))
    taken_ones: set[int] = set()
    taken_twos: set[int] = set()
    chosen: list[tuple[int, int]] = []
    for _, index, other in sorted(candidates):
        if index not in taken_ones and other not in taken_twos:
            taken_ones.add(index)
            taken_twos.add(other)
            chosen.append((index, other))
    return sorted(chosen)


def entry(call: RecordedCall) -> int:
    """Sort key: when the call began."""
    return call.entry_ns
