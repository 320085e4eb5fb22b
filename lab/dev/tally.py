"""How many things passed and failed, over all stages of a test run."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from lab.terminal import answer


@dataclass(frozen=True)
class Tally:
    """Passed and failed; adding two sums them up."""

    passed: int = 0
    failed: tuple[str, ...] = ()
    """What failed, in words."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed)

    def print_closing(self) -> None:
        """What failed, line by line, and the closing line."""
        for name in self.failed:
            answer.print(f"FAILED {name}", markup=False)
        answer.print(f"{self.passed} passed, {len(self.failed)} failed", markup=False)


def one(name: str, good: bool) -> Tally:
    """A single thing that passed or failed."""
    return Tally(1) if good else Tally(0, (name,))


def of_junit(path: Path, exit_code: int) -> Tally:
    """What pytest wrote with --junitxml. A run that broke before it wrote anything is one failure."""
    try:
        cases = list(ET.parse(path).iter("testcase"))
    except (OSError, ET.ParseError):
        return one(f"pytest ended with exit code {exit_code} and wrote no results", False)
    failed = tuple(
        f"{case.get('classname')}.{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    )
    skipped = sum(case.find("skipped") is not None for case in cases)
    tally = Tally(len(cases) - len(failed) - skipped, failed)
    # Exit code 5 says that nothing was collected: an empty test run proves nothing.
    return (
        tally if failed or exit_code == 0 else tally + one(f"pytest ended with exit code {exit_code}", False)
    )
