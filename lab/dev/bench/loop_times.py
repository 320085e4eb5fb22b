"""The attendee's loop against that of another commit: a whole check, from saving to knowing, a C error."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.exercise import Exercise
from lab.dev.bench.sides import Side, against
from lab.dev.bench.spread import Spread
from lab.dev.bench.watched import Watched
from lab.dev.entries import entries

C_FILE, PYTHON_FILE = "tracer.bpf.c", "tracer.py"
C_ERROR = b"\nstatic int broken(void) { return 0 }\n"


@dataclass
class LoopTimes:
    """Seconds of one side, by what was measured."""

    name: str
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def note(self, what: str, seconds: float) -> None:
        """One more measurement."""
        self.seconds.setdefault(what, []).append(seconds)


def loop_times(
    exercises: Sequence[Exercise], commit: str, times: int, progress: Callable[[str], None]
) -> list[str]:
    """Side after side in a random order, `times` rounds; lines for people, with the ratios of the medians.

    Both use the solutions' files. Each side starts its own lab host, from cold the first time.
    """
    with against(commit) as sides, tempfile.TemporaryDirectory(prefix="ebpf-lab-loop-") as folder:
        found = {side.name: LoopTimes(side.name) for side in sides}
        for number in range(1, times + 1):
            for side in random.sample(sides, 2):
                place = Path(folder) / side.checkout.name / str(number)
                side.run("up")
                for exercise in exercises:
                    one_round(side, exercise, place / exercise.slug, found[side.name])
                side.run("down")  # one machine at a time
                progress(f"round {number} of {times}, {side.name}: {latest(found[side.name])}")
        here, there = (found[side.name] for side in sides)
    return [line for what in here.seconds for line in compared(what, here, there)]


def one_round(side: Side, exercise: Exercise, place: Path, times: LoopTimes) -> None:
    """With its lab host up: a check by itself, then a watch with a save and a save with a C error."""
    files = next(one for one in entries(exercise) if one.kind == "solution").files
    tracer = place / "tracer"
    tracer.mkdir(parents=True)
    for name, content in files.items():
        (tracer / name).write_bytes(content)
    workspace = str(place / "checked")
    begun_s = time.monotonic()
    side.run("check", str(exercise.number), "--tracer", str(tracer), "--workspace", workspace)
    times.note(f"{exercise.slug}, whole check", time.monotonic() - begun_s)
    with Watched(side, exercise.number, exercise.slug, place / "watched", place / "log") as watched:
        watched.start(files)
        saved = {**files, PYTHON_FILE: files[PYTHON_FILE] + b"\n# saved again\n"}
        times.note(f"{exercise.slug}, save to verdict", watched.save_s(saved))
        if C_FILE in files:
            times.note(
                f"{exercise.slug}, C error to its message", watched.save_s({C_FILE: files[C_FILE] + C_ERROR})
            )


def compared(what: str, here: LoopTimes, there: LoopTimes) -> list[str]:
    """Both spreads and the ratio of their medians."""
    ours, theirs = Spread.of(here.seconds[what]), Spread.of(there.seconds[what])
    return [
        f"{what}: {ours.text('s', 1)}; {there.name}: {theirs.text('s', 1)}",
        f"  ratio: {ours.middle / theirs.middle:.2f}",
    ]


def latest(times: LoopTimes) -> str:
    """The last measurement of each kind."""
    return ", ".join(f"{what} {seconds[-1]:.1f} s" for what, seconds in times.seconds.items())
