"""From nothing to the first verdict: `bin/lab demo` with empty caches, this checkout and another commit."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.demo import WORKSPACE
from lab.dev.bench.downloads import Downloads
from lab.dev.bench.sides import Side, against
from vocabulary.errors import Unusable

LOOK_EVERY_S = 0.5
VERDICTS = f"{WORKSPACE}/.lab/verdicts/*/*.json"
"""Where the demo keeps them: the same place in every version."""


@dataclass(frozen=True)
class FirstRun:
    """What one first run took, in seconds."""

    name: str
    verdict_s: float
    """From the command to the first verdict."""
    downloading_s: float
    """The part of it in which something was downloaded."""
    downloaded_bytes: int

    @property
    def work_s(self) -> float:
        """What is left of it without the network."""
        return self.verdict_s - self.downloading_s

    def line(self) -> str:
        """For people."""
        return (
            f"{self.name:14} first verdict after {self.verdict_s:.0f} s, {self.downloading_s:.0f} s of them"
            f" downloading {self.downloaded_bytes / 1e6:.0f} MB; without downloads {self.work_s:.0f} s"
        )


def first_runs(commit: str, progress: Callable[[str], None]) -> list[str]:
    """One after the other, from nothing each; lines for people, the ratio last."""
    with against(commit) as sides:
        runs = []
        for side in sides:
            runs.append(first_run(side, progress))
            progress(runs[-1].line())
            side.run("down")
    here, there = runs
    return [
        *(run.line() for run in runs),
        f"first verdict, {here.name} / {there.name}, without downloads:"
        f" {here.work_s / there.work_s:.2f} (aim: at most 0.5)",
    ]


def first_run(side: Side, progress: Callable[[str], None]) -> FirstRun:
    """The demo to its end, in a folder of its own. Raises Unusable when it ends without a verdict."""
    progress(f"{side.name}: lab demo, from nothing")
    with tempfile.TemporaryDirectory(prefix="ebpf-lab-first-run-") as folder, Downloads() as downloads:
        begun_s = time.monotonic()
        process = subprocess.Popen(
            side.command("demo"), cwd=folder, env=side.environment(), stdout=subprocess.DEVNULL
        )
        try:
            while not any(Path(folder).glob(VERDICTS)):
                if process.poll() is not None:
                    raise Unusable(
                        f"the demo of {side.name} ended with {process.returncode} before a verdict",
                        "lab doctor",
                    )
                time.sleep(LOOK_EVERY_S)
            verdict_s = time.monotonic() - begun_s
            found = FirstRun(side.name, verdict_s, downloads.seconds, downloads.total_bytes)
            process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    return found
