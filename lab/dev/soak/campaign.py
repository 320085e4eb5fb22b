"""A campaign: traffic with a new seed again and again, past right and wrong tracers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from lab import checkout
from lab.dev.entries import Entry, entries
from lab.dev.matrix_session import run_rows
from lab.dev.soak.load import hogs, one_cpu
from lab.dev.soak.runs import SoakRun, add_run, current_commit, load_runs, path_of, soak_run
from lab.hosts import open_host
from lab.terminal import say
from vocabulary.errors import Unusable

EACH_PER_RUN = 1


def soak(
    slug: str, runs: int, *, hog_count: int = 0, single: bool = False, heavy: bool = False
) -> list[SoakRun]:
    """Until there are so many runs of this commit under this load, earlier calls' included; all of them."""
    commit = current_commit()
    path = path_of(commit)
    exercise = checkout.exercise(slug)
    all_entries = entries(exercise)
    made = partial(soak_run, commit, slug, hogs=hog_count, one_cpu=single, heavy=heavy)
    like = made([])

    def mine() -> list[SoakRun]:
        return [run for run in load_runs(path) if (run.exercise, run.load) == (slug, like.load)]

    with ExitStack() as stack:
        host = stack.enter_context(open_host("dev", say))
        stack.enter_context(hogs(hog_count))
        if single:
            stack.enter_context(one_cpu(host))
        for number in range(len(mine()), runs):
            some = share_a_run(all_entries, number, heavy)
            rows = run_rows(exercise, some, host, None, with_junk=False, together=True)
            add_run(path, made(rows))
            say(f"{slug}: run {number + 1} of {runs}")
    return mine()


def share_a_run(all_entries: Sequence[Entry], number: int, heavy: bool = False) -> list[Entry]:
    """A right one (`heavy`: one that takes long to load) and a wrong one, each in turn.

    Wrong ones that share no run are left to the matrix. Few, so that a campaign has many traffic runs: its
    bound rests on their number. Raises Unusable where no right tracer is heavy.
    """
    right = [entry for entry in all_entries if entry.kind in ("solution", "variant")]
    if heavy:
        # A right tracer has its run alone only because others would wait for it.
        right = [entry for entry in right if entry.alone]
        if not right:
            raise Unusable(
                "this exercise has no right tracer that takes long to load", "lab dev soak 4 --heavy"
            )
    wrong = [entry for entry in all_entries if entry.kind == "rejected" and not entry.alone]
    return [*in_turn(right, number), *in_turn(wrong, number)]


def in_turn(some: Sequence[Entry], number: int) -> list[Entry]:
    """The next ones of these in the run of this number."""
    first = number * EACH_PER_RUN
    return [some[(first + step) % len(some)] for step in range(min(len(some), EACH_PER_RUN))]
