"""The attacks in tests/attacks: each a tracer that cheats or destroys, and what must come of it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from grader.exercise import Exercise
from grader.observation import Observation
from grader.verdict import Outcome
from lab.checkout import ROOT, SOLUTIONS
from lab.dev.entries import IGNORED, Entry, Expected
from lab.dev.matrix import TRACERS_PER_RUN
from vocabulary.errors import Unusable

FOLDER = ROOT / "tests" / "attacks"
SHARED_FILE = "attempts.py"
"""Beside every attack's tracer: what they are written with."""

USUAL_EXERCISE = "2"
"""Its traffic takes seconds."""

_HEAD = re.compile(r"#\s*(expect|tries|exercise):\s*(.+?)\s*$")
_ATTEMPT = re.compile(r"^attack: (.*): (done|refused) \(", re.MULTILINE)


@dataclass(frozen=True)
class Attack:
    """One attack."""

    entry: Entry
    exercise: str
    """Which exercise it attacks: its number, name or folder."""
    all_refused: bool
    """Whether the jail must refuse everything it tries."""
    is_open: bool
    """Known to pass; docs/trust.md says so."""

    @property
    def name(self) -> str:
        """Its folder's name."""
        return self.entry.name

    def shortfall(self, seen: Observation) -> str:
        """What the jail should have refused and did not; empty when all is well."""
        if not self.all_refused:
            return ""
        came = _ATTEMPT.findall(seen.tracer.stdout_tail)
        done = [what for what, how in came if how == "done"]
        if done:
            return f"not refused: {', '.join(done)}"
        return "" if came else "it says of nothing that it tried it"


def attacks(names: Sequence[str] = (), folder: Path = FOLDER) -> tuple[Attack, ...]:
    """All attacks, or those named, in the order of their names. Raises Unusable for one that is not there."""
    there = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name not in IGNORED)
    unknown = [name for name in names if name not in there]
    if unknown:
        raise Unusable(f"there is no attack {unknown[0]}", f"ls {folder}")
    return tuple(read_attack(folder / name) for name in there if not names or name in names)


def read_attack(folder: Path) -> Attack:
    """One folder. Raises Unusable when the first lines of its tracer.py do not say what is expected."""
    path = folder / "tracer.py"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = [_HEAD.match(line) for line in text.splitlines()[:4]]
    head = {one[1]: one[2] for one in found if one}
    words = head.get("expect", "").split()
    is_open = words == ["open"]
    if not is_open and len(words) != 2:
        raise Unusable(f"{path} does not begin with '# expect: <check> <cause>'", f"less {path}")
    expected = Expected(Outcome.PASS) if is_open else Expected(Outcome.FAIL, *words)
    files = {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not IGNORED.intersection(file.parts)
    }
    files.setdefault(SHARED_FILE, (folder.parent / SHARED_FILE).read_bytes())
    return Attack(
        Entry("attack", folder.name, files, expected),
        exercise=head.get("exercise", USUAL_EXERCISE),
        all_refused=head.get("tries") == "refused",
        is_open=is_open,
    )


def runs_of(some: Sequence[Attack]) -> Iterator[tuple[Attack, ...]]:
    """Which attacks share a traffic run: those that would disturb others have one for themselves."""
    for alone, group in groupby(sorted(some, key=is_alone), key=is_alone):
        left = list(group)
        size = 1 if alone else TRACERS_PER_RUN
        for start in range(0, len(left), size):
            yield tuple(left[start : start + size])


def sample(all_attacks: Sequence[Attack], seed: int) -> tuple[Attack, ...]:
    """As many as share one traffic run, chosen by the seed."""
    quick = [one for one in all_attacks if one.exercise == USUAL_EXERCISE and not is_alone(one)]
    return tuple(random.Random(seed).sample(quick, min(TRACERS_PER_RUN, len(quick))))


def is_alone(attack: Attack) -> bool:
    """Whether it would disturb tracers that share its run."""
    return attack.entry.alone


def honest(exercise: Exercise, solutions: Path = SOLUTIONS) -> Entry:
    """The exercise's solution: it must pass after every attack."""
    files: Mapping[str, bytes] = {
        name: (solutions / exercise.slug / name).read_bytes() for name in exercise.starter_files
    }
    return Entry("honest check", "", files, Expected(Outcome.PASS))
