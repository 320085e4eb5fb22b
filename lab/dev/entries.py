"""The matrix of an exercise: each tracer in its folders, and what must come out of it."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.exercise import Exercise
from grader.verdict import Outcome, Verdict
from lab.checkout import SOLUTIONS
from lab.dev.rejected.tracers import rejected_tracers
from vocabulary.errors import Unusable

_ALONE = re.compile(rb"^# alone: \S", re.MULTILINE)
"""A line of tracer.py: it takes something of which the host has only one, so it shares no traffic run."""
IGNORED = frozenset({"__pycache__"})


@dataclass(frozen=True)
class Expected:
    """What must come out. A pass has neither check nor cause; a starter's fail may have any."""

    outcome: Outcome
    check: str = ""
    cause: str = ""

    def shortfall(self, verdict: Verdict) -> str:
        """What is wrong with the verdict, in words; empty when it is as expected."""
        failed = [
            (finding.name, finding.cause) for finding in verdict.checks if finding.outcome == Outcome.FAIL
        ]
        said = f"{verdict.outcome}" + "".join(f", {name} ({cause or 'no cause'})" for name, cause in failed)
        if verdict.outcome != self.outcome:
            return f"expected {self.outcome}, came {said}"
        if self.check and (self.check, self.cause) not in failed:
            return f"expected {self.check} ({self.cause}), came {said}"
        if self.outcome == Outcome.FAIL and not all(cause for _, cause in failed):
            return f"a failed check names no cause: {said}"
        return ""

    def __str__(self) -> str:
        return f"{self.outcome}" + (f" {self.check} {self.cause}" if self.check else "")


@dataclass(frozen=True)
class Entry:
    """One tracer of the matrix."""

    kind: str
    """`starter`, `solution`, `variant` or `rejected`."""
    name: str
    """Of the folder or edit list; empty for starter and solution."""
    files: Mapping[str, bytes] = field(repr=False)
    expected: Expected

    @property
    def alone(self) -> bool:
        """Whether it shares no traffic run with others."""
        return bool(_ALONE.search(self.files.get("tracer.py", b"")))

    @property
    def title(self) -> str:
        """`rejected/no-filter`, `solution`."""
        return f"{self.kind}/{self.name}" if self.name else self.kind


def entries(exercise: Exercise, solutions: Path = SOLUTIONS) -> tuple[Entry, ...]:
    """Starter, solution, variants, rejected, in this order. Raises Unusable for a wrong folder."""
    folder = solutions / exercise.slug
    solution = _files(folder, exercise.starter_files, {})
    starter = _files(exercise.folder, exercise.starter_files, {})
    found = [
        Entry("starter", "", starter, Expected(Outcome.FAIL)),
        Entry("solution", "", solution, Expected(Outcome.PASS)),
    ]
    for variant in _folders(folder / "variants"):
        files = _files(variant, exercise.starter_files, solution)
        found.append(Entry("variant", variant.name, files, Expected(Outcome.PASS)))
    for one in rejected_tracers(exercise, solutions):
        expected = Expected(Outcome.FAIL, one.first.check, one.first.cause)
        found.append(Entry("rejected", one.name, one.files, expected))
    return tuple(found)


def sample(all_entries: Sequence[Entry], seed: int, rejected: int = 3) -> tuple[Entry, ...]:
    """Starter, solution, one variant and some rejected ones, chosen by the seed."""
    chooser = random.Random(seed)
    by_kind = {kind: [one for one in all_entries if one.kind == kind] for kind in ("variant", "rejected")}
    chosen = [one for one in all_entries if one.kind in ("starter", "solution")]
    chosen += chooser.sample(by_kind["variant"], min(1, len(by_kind["variant"])))
    chosen += chooser.sample(by_kind["rejected"], min(rejected, len(by_kind["rejected"])))
    return tuple(chosen)


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return sorted(entry for entry in parent.iterdir() if entry.is_dir() and entry.name not in IGNORED)


def _files(folder: Path, names: Sequence[str], otherwise: Mapping[str, bytes]) -> dict[str, bytes]:
    files = dict(otherwise)
    for name in names:
        if (folder / name).is_file():
            files[name] = (folder / name).read_bytes()
    missing = [name for name in names if name not in files]
    if missing:
        raise Unusable(f"{folder} lacks {', '.join(missing)}", f"ls {folder}")
    return files
