"""An exercise as the grader sees it: what to send, what to record, what must be true."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.found import Found
from grader.observation import Observation
from grader.onhost.contract.recorder_orders import Recorder as Recorder
from grader.sentences import Sentence
from grader.traffic import TrafficPlan
from grader.truth.counts import Count
from grader.truth.durations import Pair, Planted, Plateau

Pooled = Callable[[Sequence[Observation]], Found]

Evidence = Callable[[Observation], "str | None"]
"""A pure function: why this run cannot be used as evidence, or None when it can."""

Numbers = Mapping[str, float]

Expected = Mapping[str, "float | Count"]
"""What a right report says, keyed like its own numbers; a Count where more than one answer is right."""


@dataclass(frozen=True)
class Check:
    """One thing that must be true of a tracer. A value: a line in an exercise's list."""

    name: str
    """Stable: `calls_per_syscall`."""
    title: str
    """One sentence for the learner: what must be true."""
    run: Callable[[Observation], Found]
    """Pure: the same observation gives the same answer."""
    causes: Mapping[str, Sentence] = field(default_factory=dict)
    """All that it may say when it fails: a cause, or a finer case of one -> the words, unless the exercise
    has words of its own."""
    gate: bool = False
    """When it fails, everything after it is skipped."""
    needs: tuple[str, ...] = ()
    """Checks before it without which it has nothing to look at: when one did not pass, this one is
    skipped."""
    pooled: Pooled | None = None
    """The same over two runs, for a check that one run may leave undecided."""
    before_traffic: bool = False
    """It looks at nothing but the tracer's files and what the kernel says at READY. When it fails then, no
    traffic could change that, and none is sent."""

    def needing(self, *names: str) -> Check:
        """The same check, skipped when one of the named checks did not pass."""
        return replace(self, needs=names)


@dataclass(frozen=True)
class Misconception:
    """A named wrong idea: what such a tracer would print."""

    cause: str
    sentence: str
    """What such a tracer does: `a fork is counted like a call of execve`."""
    where_to_look: str
    numbers: Callable[[Observation], Numbers]
    """Pure: from the recorder's events to the numbers that a tracer with this mistake would print."""
    likelier_than: Mapping[str, str] = field(default_factory=dict)
    """Causes that give way to this one where both would print the same -> why it is the likelier one."""


@dataclass(frozen=True)
class Exercise:
    """Frozen; made from one exercise folder by `grader.exercise_folder.load`."""

    folder: Path
    number: int
    slug: str
    """Folder name with its number, `04-kprobes`."""
    title: str
    goal: str
    minutes: int
    workload: str
    """Name of the folder in `workloads/`."""
    starter_files: tuple[str, ...]
    """Names of the files the attendee edits."""
    plan: Callable[[random.Random, HostCpus], TrafficPlan]
    recorder: Recorder
    checks: tuple[Check, ...]
    evidence: tuple[Evidence, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    """The likelier ones first."""
    words: Mapping[str, Mapping[str, Sentence]] = field(default_factory=dict)
    """Name of a check, or "" for all of them -> cause -> what this exercise says of it."""
    summary: Callable[[Observation], Expected] | None = None
    """The numbers `lab run` and `lab show` put beside the report's."""
    hints: tuple[str, ...] = ()
    pairs: Callable[[Observation], Mapping[str, Sequence[Pair]]] | None = None
    """The durations that `lab show` draws, by what they are of; None: those of the recorded system calls.

    May raise ReportProblem for a report that cannot be read."""
    graded: Mapping[str, Sequence[Plateau]] = field(default_factory=dict)
    """Which of these durations decide; the others are only shown."""
    planted_durations: Callable[[Observation], Sequence[Planted]] | None = None
    """What the ledger says of the durations in `pairs`, as far as the two can be told to belong together."""
    demo: bool = False
    """Whether `lab demo` shows this one."""
    needs: tuple[str, ...] = ()
    """What its tracers may do beyond the ordinary jail: keys of `grader.onhost.jail.options.NEEDS`."""

    def says(self, check: Check, name: str) -> Sentence:
        """What is said when this check finds this cause. Raises LookupError for one that it does not
        declare.
        """
        own = self.words.get(check.name, {}).get(name) or self.words.get("", {}).get(name)
        return check.causes[name].in_words_of(own)


HostCpus = int
