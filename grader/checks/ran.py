"""Whether the tracer's programs ran as often as the truth demands, by the kernel's own run counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.checks.attached import Place, place_of
from grader.checks.making import failed, gate, named, passed
from grader.exercise import Check
from grader.observation import Observation, ProgramFacts
from grader.truth.calls import calls
from grader.truth.counts import Count, times
from grader.verdict import Finding

Truth = Callable[[Observation], Mapping[Place, Count]]


def ran(
    *places: Place,
    truth: Truth | None = None,
    everywhere: bool = False,
    what: str = "calls",
    name: str = "ran",
    title: str = "your programs ran for every call",
) -> Check:
    """A check that every program at these places ran at least as often as the target made those calls.

    The truth is the recorder's count of the system call in each place (`everywhere`: on the whole host),
    unless `truth` gives it (`what` names them in a sentence). A program also runs for other containers'
    calls, so more is right. Causes:
    `never_ran`, `return_probes_exhausted`, `recursion_misses`, `missed_calls`.
    """

    explain = missed_at_returns if any(place.is_return for place in places) else missed

    def check(seen: Observation) -> Finding:
        known = (
            truth(seen)
            if truth
            else {place: calls(seen, place.where, everywhere=everywhere).count for place in places}
        )
        rows = [row for row in runs(seen, known, what) if row.due.inside]
        short = [row for row in rows if row.program.run_count < row.due.inside]
        # Entries first: a return that is missing because the entry never ran is no lost return.
        short.sort(key=lambda row: row.only_returns)
        if short:
            return explain(short[0])
        said = "; ".join(row.sentence() for row in rows)
        return passed(
            said,
            expected={row.label: row.due.inside for row in rows},
            got={row.label: row.program.run_count for row in rows},
            unit="runs",
        )

    return named(name, title, gate(check))


@dataclass(frozen=True)
class Runs:
    """One program, and how often it was due."""

    program: ProgramFacts
    places: tuple[Place, ...]
    due: Count
    what: str = "calls"

    @property
    def only_returns(self) -> bool:
        """Whether it is attached to returns alone."""
        return all(place.is_return for place in self.places)

    @property
    def label(self) -> str:
        """The program and where it is attached."""
        return f"{self.program.name or self.program.id} ({', '.join(map(str, self.places))})"

    def sentence(self) -> str:
        """How often it ran, beside how often it was due."""
        factor = times(self.program.run_count, self.due)
        exactly = f", exactly {factor} times as often" if factor else ""
        return f"{self.label} ran {self.program.run_count} times for {self.due} {self.what}{exactly}"


def runs(seen: Observation, truth: Mapping[Place, Count], what: str = "calls") -> list[Runs]:
    """Each attached program with the sum of what was due at its places."""
    rows = []
    for program in seen.kernel.programs:
        mine = [one for one in seen.kernel.attachments if one.program_id == program.id]
        due = sum((truth[place] for one in mine for place in truth if place.is_at(one)), Count(0))
        if mine:
            rows.append(Runs(program, tuple(map(place_of, mine)), due, what))
    return rows


def missed_at_returns(row: Runs) -> Finding:
    """A program that missed calls, where the exercise attaches to returns too."""
    if not row.only_returns:
        return missed(row)
    return too_few(
        row,
        cause="return_probes_exhausted",
        hint="each thread that waits inside the call holds one return probe: see maxactive in tracer.py",
    )


def missed(row: Runs) -> Finding:
    """A program that missed calls, and why."""
    cause, hint = "missed_calls", "in tracer.py, attach above ready(), and detach nothing before the stop"
    if row.program.run_count == 0:
        cause, hint = (
            "never_ran",
            "it was not there when the calls came: attach above ready(), detach nothing",
        )
    elif row.program.recursion_misses:
        cause, hint = "recursion_misses", "a program of yours interrupted itself: make it shorter"
    return too_few(row, cause, hint)


def too_few(row: Runs, cause: str, hint: str) -> Finding:
    """How many calls it missed."""
    number = row.due.inside - row.program.run_count
    return failed(
        f"{row.label} ran {row.program.run_count} times, but there were {row.due} {row.what}:"
        f" {number} missed",
        cause=cause,
        hint=hint,
        expected=row.due.inside,
        got=row.program.run_count,
        tolerance=row.due.edge,
        unit="runs",
    )


def lost_returns(seen: Observation) -> dict[str, tuple[int, int]]:
    """Functions whose return programs ran less often than their entry programs: name -> (entries, returns).

    Only functions with programs of their own at both sides; a few threads may be inside the call, so compare
    with the edge before blaming anything.
    """
    by_place: dict[tuple[str, str], int] = {}
    attachments = seen.kernel.attachments
    for program in seen.kernel.programs:
        mine = [place_of(one) for one in attachments if one.program_id == program.id]
        if len(mine) == 1:
            by_place[mine[0].kind, mine[0].where] = program.run_count
    lost = {}
    for (kind, where), entries in by_place.items():
        returns = by_place.get(("kretprobe", where))
        if kind == "kprobe" and returns is not None and returns < entries:
            lost[where] = (entries, returns)
    return lost
