"""`lab watch` in a workspace of its own: how long from a save to the verdict."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from lab.dev.bench.sides import Side
from vocabulary.errors import Unusable

LOOK_EVERY_S = 0.05
THINKING_S = 20.0
"""Between a verdict and the next save: what a person takes at least to read the one and make the other."""


class Watched:
    """One exercise of one side, watched. A context manager: leaving it ends the watch."""

    def __init__(self, side: Side, number: int, slug: str, workspace: Path, log: Path) -> None:
        self._side, self._number, self._log = side, number, log
        self._workspace = workspace
        self._files = workspace / slug
        self._verdicts = workspace / ".lab" / "verdicts" / slug

    def __enter__(self) -> Self:
        self._side.run("start", str(self._number), "--no-host", "--workspace", str(self._workspace))
        return self

    def start(self, files: Mapping[str, bytes]) -> None:
        """Begin to watch with these files; returns after the first verdict."""
        self._write(files)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._side.command("watch", str(self._number), "--workspace", str(self._workspace)),
                env=self._side.environment(),
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._wait_for_verdict(0)

    def save_s(self, files: Mapping[str, bytes]) -> float:
        """Save these files, and the seconds until their verdict was there."""
        time.sleep(THINKING_S)
        before = self._count()
        begun_s = time.monotonic()
        self._write(files)
        self._wait_for_verdict(before)
        return time.monotonic() - begun_s

    def __exit__(self, *exc: object) -> None:
        process = getattr(self, "_process", None)
        if process is not None:
            # Not Ctrl-C's signal: whoever was started in the background ignores that, and so do its children.
            process.terminate()
            process.wait()

    def _write(self, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            (self._files / name).write_bytes(content)

    def _count(self) -> int:
        return len(list(self._verdicts.glob("*.json")))

    def _wait_for_verdict(self, before: int) -> None:
        while self._count() <= before:
            if self._process.poll() is not None:
                said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise Unusable(
                    f"the watch of {self._side.name} ended: {said[-1] if said else 'without a word'}",
                    "lab doctor",
                )
            time.sleep(LOOK_EVERY_S)
