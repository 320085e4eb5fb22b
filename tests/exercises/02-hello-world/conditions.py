"""Exercise 2: callers as they are planned with several seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from grader.observation import Observation
from tests.exercises.condition import Condition, Stated, Tracer, printing
from tests.exercises.simulated import callers_run, exercise, programs

SLUG = "02-hello-world"
Counts = dict[str, int]


def planned(seed: int) -> Observation:
    """A run as it is planned, through a probe where it belongs."""
    seen = callers_run(seed)
    kernel = programs({("kprobe", "execve"): len(seen.recordings[0].calls) + 5})
    return printing({"counts": {}}, seen, kernel)


def planted(seen: Observation) -> set[str]:
    """Names of the lab's callers that call execve, from what `lab run` shows."""
    summary = exercise(SLUG).summary
    return {key.removeprefix("counts.") for key in (summary(seen) if summary else {})}


def called(seen: Observation, *results: bool) -> Counter[str]:
    """How often the callers called it, with success or without."""
    names = planted(seen)
    calls = seen.recordings[0].calls
    return Counter(
        one.comm
        for one in calls
        if one.comm in names and one.syscall == "execve" and (one.ret == 0) in results
    )


def forked(seen: Observation) -> Counter[str]:
    """How often each of the lab's callers forked, those too that only fork."""
    who = {unit.who for unit in seen.ledger if unit.kind == "exec_caller"}
    return Counter(one.comm for one in seen.recordings[0].tasks if one.kind == "fork" and one.comm in who)


def counted(counts: Callable[[Observation], Counter[str] | Counts]) -> Tracer:
    """A tracer that prints these."""
    return lambda seen: printing({"counts": dict(counts(seen))}, seen)


def right(seen: Observation) -> Counter[str]:
    """Every call of every caller."""
    return called(seen, True, False)


def one_less(seen: Observation, *, of_the_most: bool) -> Counts:
    """One caller's number is off by 1."""
    order = right(seen).most_common()
    name = order[0 if of_the_most else -1][0]
    return right(seen) | {name: right(seen)[name] - 1}


def cut(seen: Observation, length: int) -> Counts:
    """By the beginnings of the names."""
    found: Counter[str] = Counter()
    for name, number in right(seen).items():
        found[name[:length]] += number
    return found


STATED = Stated(
    SLUG,
    {f"seed {seed}": partial(planned, seed) for seed in range(8)},
    counted(right),
    (
        Condition(
            "`execve` of a file that does not exist fails, and it was called all the same.",
            {
                "failed calls are none": counted(lambda seen: called(seen, True)),
                "only failed calls": counted(lambda seen: called(seen, False)),
                "a failed call counts twice": counted(lambda seen: right(seen) + called(seen, False)),
            },
        ),
        Condition(
            "A program that only forks never calls `execve`. It must not be in your report.",
            {
                "forks too": counted(lambda seen: right(seen) + forked(seen)),
                "forks": counted(forked),
                "callers that only fork": counted(
                    lambda seen: forked(seen) | right(seen) if set(forked(seen)) - set(right(seen)) else {}
                ),
            },
        ),
        Condition(
            "For each of them your count must be exact.",
            {
                "one call less of the busiest": counted(partial(one_less, of_the_most=True)),
                "one call less of the laziest": counted(partial(one_less, of_the_most=False)),
                "everything twice": counted(lambda seen: right(seen) + right(seen)),
                "only one caller": counted(lambda seen: dict(right(seen).most_common(1))),
            },
        ),
        Condition(
            "(`canary` is one of them: it goes first, to show that your probe is alive.)",
            {"without it": counted(lambda seen: right(seen) - Counter({"canary": right(seen)["canary"]}))},
        ),
        Condition(
            'the old program is still there, so "what is my name?" answers with the **caller\'s** name',
            {
                "the program's name": counted(
                    lambda seen: Counter({"true": called(seen, True).total()}) + called(seen, False)
                ),
            },
        ),
        Condition(
            "what you keep a name in is too short",
            {f"{length} characters": counted(partial(cut, length=length)) for length in (1, 4, 8, 11, 14)},
        ),
    ),
)
