"""A campaign: traffic with a new seed again and again, past right and wrong tracers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from lab import checkout
from lab.dev.entries import Entry, entries
from lab.dev.matrix_session import run_rows
from lab.dev.soak.load import HOGS, hogs, one_cpu
from lab.dev.soak.runs import SoakRun, add_run, current_commit, load_runs, path_of, soak_run
from lab.hosts import open_host
from lab.terminal import say

EACH_PER_RUN = 1


def soak(slug: str, runs: int, *, stress: bool = False, single: bool = False) -> list[SoakRun]:
    """Until there are so many runs of this commit under this load, earlier calls' included; all of them."""
    commit = current_commit()
    path = path_of(commit)
    exercise = checkout.exercise(slug)
    all_entries = entries(exercise)
    made = partial(soak_run, commit, slug, stress=stress, one_cpu=single)

    def mine() -> list[SoakRun]:
        wanted = (slug, stress, single)
        return [run for run in load_runs(path) if (run.exercise, run.stress, run.one_cpu) == wanted]

    with ExitStack() as stack:
        host = stack.enter_context(open_host("dev", say))
        stack.enter_context(hogs(HOGS if stress else 0))
        if single:
            stack.enter_context(one_cpu(host))
        for number in range(len(mine()), runs):
            rows = run_rows(exercise, share_a_run(all_entries, number), host, None, with_junk=False)
            add_run(path, made(rows))
            say(f"{slug}: run {number + 1} of {runs}")
    return mine()


def share_a_run(all_entries: Sequence[Entry], number: int) -> list[Entry]:
    """A right one and a wrong one, each in turn; wrong ones that share no run are left to the matrix.

    Few, so that a campaign has many traffic runs: its bound rests on their number.
    """
    right = [entry for entry in all_entries if entry.kind in ("solution", "variant")]
    wrong = [entry for entry in all_entries if entry.kind == "rejected" and not entry.alone]
    return [*in_turn(right, number), *in_turn(wrong, number)]


def in_turn(some: Sequence[Entry], number: int) -> list[Entry]:
    """The next ones of these in the run of this number."""
    first = number * EACH_PER_RUN
    return [some[(first + step) % len(some)] for step in range(min(len(some), EACH_PER_RUN))]
