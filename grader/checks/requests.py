"""How many requests there were, told by calls: where they can tell it, and where they cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.checks.call_table.by_kind import ByKind, call_of, kind_of
from grader.checks.call_table.table import CALLS, WITH_DATA
from grader.exercise import Check, Evidence
from grader.found import Found, Why, failed, passed, undecided, why
from grader.observation import Observation
from grader.sentences import Sentence, said_in
from grader.truth.calls import sent_to_target
from grader.truth.counts import Count, compare

ReadNumber = Callable[[Observation], "int | None"]
Candidate = tuple[int, Why]
"""A number that a tracer may have taken for the requests, and what that mistake is called."""


def sent(seen: Observation, protocol: str) -> int:
    """Requests to the target that were answered."""
    return len(sent_to_target(seen, protocol, ok=True))


def requests_told_by_calls(
    read: Callable[[Observation], int],
    protocol: str,
    others: Callable[[Observation], Sequence[Candidate]],
    causes: Mapping[str, Sentence],
    name: str,
    title: str,
) -> Check:
    """A check of the number of requests of a protocol where one call is one request.

    `causes`: what `others` may say.
    """

    def run(seen: Observation) -> Found:
        expected, got = sent(seen, protocol), read(seen)
        whys = [one for number, one in others(seen) if got == number]
        otherwise = [why("no_number_fits", protocol=protocol)]
        return compare(
            got, Count(expected), what=f"{protocol} requests", unit="requests", whys=whys or otherwise
        )

    return Check(name, title, run, {**said_in("requests"), **causes})


def requests_not_in_calls(read: ReadNumber, table: ByKind, protocol: str, name: str, title: str) -> Check:
    """A check that no number of calls is taken for the number of requests where requests share calls.

    None is right, and so is the true number, unless it happens to be a number of calls too: then another run
    decides.
    """

    def run(seen: Observation) -> Found:
        expected, got = sent(seen, protocol), read(seen)
        rows = table.truth(seen, WITH_DATA)
        said = " and ".join(f"{rows[row].inside} {call_of(row)}" for row in rows if kind_of(row) == protocol)
        if got is None or (got == expected and not rows_with(seen, table, expected, protocol)):
            return passed(f"{expected} were sent; the server moved them with {said}", expected=expected)
        if got == expected:
            return undecided(f"{expected} {protocol} requests were sent, and there were {said}")
        taken = why("calls_taken_for_requests", sent=expected, protocol=protocol, got=got, calls=said)
        return failed(taken, expected=expected, got=got, unit="requests")

    def pooled(runs: Sequence[Observation]) -> Found:
        found = [run(seen) for seen in runs]
        # A run that tells speaks for the others: a fail before a pass, a pass before an open one.
        order = ("fail", "pass", "error")
        return min(found, key=lambda one: order.index(str(one.outcome)))

    return Check(name, title, run, said_in("requests_not_in_calls"), pooled=pooled)


def rows_with(seen: Observation, table: ByKind, number: int, kind: str) -> list[str]:
    """Rows of one kind that hold this number."""
    return [
        row
        for column in (CALLS, WITH_DATA)
        for row, count in table.truth(seen, column).items()
        if kind_of(row) == kind and count.admits(number)
    ]


def carried_by(table: ByKind, protocol: str, carriers: tuple[str, ...], never: str) -> Evidence:
    """For an exercise's EVIDENCE: each of these calls moved data once a request, as the ledger says, and no
    row of the kind `never` holds the same number by chance.
    """

    def check(seen: Observation) -> str | None:
        requests, rows = sent(seen, protocol), table.truth(seen, WITH_DATA)
        for row in (f"{protocol}.{call}" for call in carriers):
            if not rows.get(row, Count(0)).admits(requests):
                return (
                    f"{requests} {protocol} requests were sent, and the recorder saw {rows.get(row, 0)} {row}"
                )
        alike = rows_with(seen, table, requests, never)
        return f"there were as many {alike[0]} as requests, {requests}, by chance" if alike else None

    return check
