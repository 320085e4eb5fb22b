"""Whether the tracer's programs ran as often as the truth demands, by the kernel's own run counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.checks.due import Due
from grader.exercise import Check
from grader.found import Found, failed, passed, why
from grader.observation import Observation, ProgramFacts
from grader.place import Place, place_of
from grader.sentences import said_in
from grader.truth.calls import calls
from grader.truth.counts import Count, times


def ran(
    *places: Place,
    due: Due | None = None,
    everywhere: bool = False,
    what: str = "calls",
    name: str = "ran",
    title: str = "your programs ran for every call",
) -> Check:
    """A check that every program at these places ran at least as often as the target made those calls.

    The truth is the recorder's count of the system call in each place (`everywhere`: on the whole host),
    unless `due` gives it (`what` names them in a sentence). A program also runs for other containers'
    calls, so more is right.
    """
    at_returns = any(place.is_return for place in places)

    def run(seen: Observation) -> Found:
        known = (
            due(seen)
            if due
            else {place: calls(seen, place.where, everywhere=everywhere).count for place in places}
        )
        rows = [row for row in runs(seen, known, what) if row.due.inside]
        short = [row for row in rows if row.program.run_count < row.due.inside]
        # Entries first: a return that is missing because the entry never ran is no lost return.
        short.sort(key=lambda row: row.only_returns)
        if short:
            return too_few(short[0], at_returns=at_returns)
        said = "; ".join(row.sentence() for row in rows)
        return passed(
            said,
            expected={row.label: row.due.inside for row in rows},
            got={row.label: row.program.run_count for row in rows},
            unit="runs",
        )

    causes = said_in("ran", "ran_at_returns") if at_returns else said_in("ran")
    return Check(name, title, run, causes, gate=True)


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


def too_few(row: Runs, *, at_returns: bool) -> Found:
    """A program that missed calls, and why. `at_returns`: the exercise attaches to returns too."""
    number = row.due.inside - row.program.run_count
    return failed(
        why(
            cause_of(row, at_returns=at_returns),
            label=row.label,
            ran=row.program.run_count,
            due=row.due,
            what=row.what,
            missed=number,
        ),
        expected=row.due.inside,
        got=row.program.run_count,
        tolerance=row.due.edge,
        unit="runs",
    )


def cause_of(row: Runs, *, at_returns: bool) -> str:
    """Which mistake made it miss calls."""
    if at_returns and row.only_returns:
        return "return_probes_exhausted"
    if row.program.run_count == 0:
        return "never_ran"
    return "recursion_misses" if row.program.recursion_misses else "missed_calls"
