"""The matrix over exercises on a lab host: what is known, what is left, what is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.host import Host
from grader.observation import Observation
from grader.observe import observe
from grader.written import observation_file
from lab import checkout
from lab.dev.entries import Entry, entries
from lab.dev.matrix import Row, junk_rows, run_matrix
from lab.dev.record import Record, matrix_record
from lab.dev.tally import Tally, one
from lab.hosts import open_host
from lab.terminal import say
from vm.errors import HostUnavailable
from workloads.discover import load_workload


def whole_matrix(
    slugs: Sequence[str], until: float | None = None, *, again: bool = False, kept: bool = True
) -> list[Row]:
    """Least recently run exercises first, until the time is up (seconds of the monotonic clock).

    Without `kept`, what others found with these sources is found out again.
    """
    rows: list[Row] = []
    exercises = {slug: checkout.exercise(slug) for slug in slugs}
    # All are read before the first runs: a tracer that cannot be read is known at once.
    tracers = {slug: entries(exercise) for slug, exercise in exercises.items()}
    records = {slug: matrix_record(slug) for slug in slugs}
    for slug in sorted(slugs, key=lambda slug: records[slug].last_run()):
        if until is not None and time.monotonic() > until:
            say(f"no time left for {slug}")
            continue
        record = records[slug] if kept else replace(records[slug], kept=None)
        rows += matrix(exercises[slug], tracers[slug], record, until=until, again=again)
    return rows


def matrix(
    exercise: Exercise,
    wanted: Sequence[Entry],
    record: Record | None,
    until: float | None = None,
    again: bool = False,
) -> list[Row]:
    """Rows of these tracers, those from the record included; junk reports where the solution passes."""
    known = record.rows() if record and not again else {}
    keys = [(one.title, Attempt.of(one.files).digest) for one in wanted]
    rows = [known[key] for key in keys if key in known]
    if rows:
        say(f"{exercise.slug}: {len(rows)} of {len(wanted)} are known from an earlier run")
    left = [one for one, key in zip(wanted, keys, strict=True) if key not in known]
    if left:
        rows += on_a_host(lambda host: run_rows(exercise, left, host, record, until))
    return rows


def on_a_host(work: Callable[[Host], list[Row]]) -> list[Row]:
    """The work on the lab host; once more from its beginning when the host is lost on the way.

    An emulated machine's kernel gives up now and then, and that says nothing about a tracer.
    """
    try:
        with open_host("dev", say) as host:
            return work(host)
    except HostUnavailable as error:
        say(f"{error}: once more")
    with open_host("dev", say) as host:
        return work(host)


def run_rows(
    exercise: Exercise,
    left: Sequence[Entry],
    host: Host,
    record: Record | None,
    until: float | None = None,
    with_junk: bool = True,
    together: bool = False,
) -> list[Row]:
    """Run these on the host; each row is said and recorded as soon as it is known."""
    workload = load_workload(exercise.workload)
    rows: list[Row] = []

    def one_run(attempts: Sequence[Attempt], seed: int) -> list[Observation]:
        # Asked before every run: a server that died in one must not spoil the next.
        target = workload.up(host, say)
        return observe(exercise, attempts, host, target, workload, seed, say)

    results = run_matrix(
        exercise,
        left,
        one_run,
        say,
        lambda: until is not None and time.monotonic() > until,
        together,
    )
    for result in results:
        found = [result.row]
        if with_junk and result.row.title == "solution" and result.row.good:
            found += junk_rows(exercise, result.seen)
            if record:
                keep_observation(exercise, result.seen)
        for row in found:
            say(f"{'ok    ' if row.good else 'WRONG '} {row.exercise} {row.title}: {row.trouble or row.came}")
            if record:
                record.add(row)
        rows += found
    return rows


def keep_observation(exercise: Exercise, seen: Observation) -> None:
    """Write the solution's passing run where tests find it, unless one is there."""
    path = checkout.SOLUTIONS / exercise.slug / "observation.json.gz"
    if not path.exists():
        observation_file.save(seen, path)
        say(f"kept the solution's run as {path}")


def tally(rows: Sequence[Row]) -> Tally:
    """Each row passed or failed."""
    return sum((one(f"{row.exercise} {row.title}: {row.trouble}", row.good) for row in rows), Tally())


def table(rows: Sequence[Row]) -> str:
    """What was expected and what came, a line for each tracer; junk reports in one line when all is well."""
    quiet = [row for row in rows if row.title.startswith("junk/") and row.good]
    cells = [("exercise", "tracer", "expected", "came", "")]
    for row in rows:
        if row not in quiet:
            cells.append((row.exercise, row.title, row.expected, row.came, "ok" if row.good else "WRONG"))
    if quiet:
        cells.append(("", f"{len(quiet)} junk reports", "fail", "fail", "ok"))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )
