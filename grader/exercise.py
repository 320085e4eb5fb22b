"""An exercise as the grader sees it: what to send, what to record, what must be true."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.observation import Observation
from grader.onhost.contract.recorder_orders import Recorder as Recorder
from grader.traffic import TrafficPlan
from grader.truth.counts import Count
from grader.truth.durations import Pair, Planted, Plateau
from grader.verdict import Finding

Check = Callable[[Observation], Finding]
"""A pure function. Its name is the check's name, its docstring's first line what the learner reads."""

Evidence = Callable[[Observation], "str | None"]
"""A pure function: why this run cannot be used as evidence, or None when it can."""

Numbers = Mapping[str, float]

Expected = Mapping[str, "float | Count"]
"""What a right report says, keyed like its own numbers; a Count where more than one answer is right."""

Misconception = Callable[[Observation], Numbers]
"""A pure function from the recorder's events to the numbers that a tracer with this mistake would print."""


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
    misconceptions: Mapping[str, Misconception] = field(default_factory=dict)
    """Cause -> numbers; the key is the finding's `cause`."""
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


HostCpus = int
