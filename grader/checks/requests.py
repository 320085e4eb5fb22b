"""How many requests there were, told by calls: where they can tell it, and where they cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.checks.descriptor_rows import Rows, call_of
from grader.checks.making import failed, likeliest, named, passed, undecided
from grader.exercise import Check, Evidence
from grader.observation import Observation
from grader.truth.calls import ledger
from grader.truth.counts import Count, compare
from grader.verdict import Finding

ReadNumber = Callable[[Observation], "int | None"]
Candidate = tuple[str, int, str]
"""A number that a tracer may have taken for the requests: (cause, number, hint)."""


def sent(seen: Observation, protocol: str) -> int:
    """Requests to the target that were answered."""
    return len(ledger(seen, protocol, seen.target.name if seen.target else "", ok=True))


def requests_told_by_calls(
    read: Callable[[Observation], int],
    protocol: str,
    others: Callable[[Observation], Sequence[Candidate]],
    name: str,
    title: str,
) -> Check:
    """A check of the number of requests of a protocol where one call is one request.

    Causes: those of `others`.
    """

    def check(seen: Observation) -> Finding:
        expected, got = sent(seen, protocol), read(seen)
        cause, hint = "", ""
        if got != expected:
            cause, hint = likeliest([(one, why) for one, number, why in others(seen) if got == number])
        hint = hint or (
            f"in the rows {protocol}.* of `lab run`, which call returns data exactly once for each request?"
        )
        said = f"{protocol} requests"
        return compare(got, Count(expected), what=said, unit="requests", cause=cause, hint=hint)

    return named(name, title, check)


def requests_not_in_calls(read: ReadNumber, rows: Rows, protocol: str, name: str, title: str) -> Check:
    """A check that no number of calls is taken for the number of requests where requests share calls.

    None is right, and so is the true number, unless it happens to be a number of calls too: then another run
    decides. Cause: `calls_taken_for_requests`.
    """

    def check(seen: Observation) -> Finding:
        expected, got = sent(seen, protocol), read(seen)
        data = rows.truth(seen, returned_data=True)
        said = " and ".join(
            f"{data[row].inside} {call_of(row)}" for row in data if row.startswith(f"{protocol}.")
        )
        if got is None or (got == expected and not rows_with(seen, rows, expected, protocol)):
            return passed(f"{expected} were sent; the server moved them with {said}", expected=expected)
        if got == expected:
            return undecided(f"{expected} {protocol} requests were sent, and there were {said}")
        return failed(
            f"{expected} {protocol} requests were sent, your tracer says {got}; they came and went in {said}",
            cause="calls_taken_for_requests",
            hint="requests share a connection here: one call may bring several, or none. Report None",
            expected=expected,
            got=got,
            unit="requests",
        )

    def pooled(runs: Sequence[Observation]) -> Finding:
        findings = [check(seen) for seen in runs]
        # A run that tells speaks for the others: a fail before a pass, a pass before an open one.
        order = ("fail", "pass", "error")
        return min(findings, key=lambda finding: order.index(str(finding.outcome)))

    return named(name, title, check, pooled)


def rows_with(seen: Observation, rows: Rows, number: int, kind: str) -> list[str]:
    """Rows of one kind that hold this number."""
    tables = (rows.truth(seen), rows.truth(seen, returned_data=True))
    return [
        row
        for table in tables
        for row, count in table.items()
        if row.startswith(f"{kind}.") and count.admits(number)
    ]


def carried_by(rows: Rows, protocol: str, carriers: tuple[str, ...], never: str) -> Evidence:
    """For an exercise's EVIDENCE: each of these calls moved data once a request, as the ledger says, and no
    row of the kind `never` holds the same number by chance.
    """

    def check(seen: Observation) -> str | None:
        requests, data = sent(seen, protocol), rows.truth(seen, returned_data=True)
        for row in (f"{protocol}.{call}" for call in carriers):
            if not data.get(row, Count(0)).admits(requests):
                return (
                    f"{requests} {protocol} requests were sent, and the recorder saw {data.get(row, 0)} {row}"
                )
        alike = rows_with(seen, rows, requests, never)
        return f"there were as many {alike[0]} as requests, {requests}, by chance" if alike else None

    return check
