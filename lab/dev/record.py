"""What the matrix found so far, one JSON line each, so that an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from lab.checkout import ROOT
from lab.dev.matrix import Row
from lab.failures import APP

DECIDING = ("vocabulary", "grader", "workloads")
"""Folders on which every result depends, beside the exercise's own two."""


@dataclass(frozen=True)
class Record:
    """The results of one exercise in one state of the sources."""

    path: Path

    def rows(self) -> dict[tuple[str, str], Row]:
        """(title, attempt) -> the last row; a line cut off by an interruption is left out."""
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return {}
        found = {}
        for line in lines:
            try:
                row = Row(**json.loads(line))
            except (ValueError, TypeError):
                continue
            found[row.title, row.attempt] = row
        return found

    def add(self, row: Row) -> None:
        """Append one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")

    def last_run(self) -> float:
        """When something was added last, in seconds since the epoch; 0 for never."""
        newest = sorted(self.path.parent.glob(f"{self.path.name.partition('.')[0]}.*"))
        return max((path.stat().st_mtime for path in newest), default=0.0)


def record_of(slug: str, folder: Path | None = None) -> Record:
    """The record of an exercise as its sources are now; other sources have another."""
    folder = folder or platformdirs.user_state_path(APP) / "matrix"
    sources = (*DECIDING, f"exercises/{slug}", f"solutions/{slug}")
    return Record(folder / f"{slug}.{digest_of(sources, ROOT)}.jsonl")


def digest_of(folders: Iterable[str], root: Path) -> str:
    """Names the content of these folders below `root`: the first 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            # A recorded observation is what the matrix makes, not what it depends on.
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".gz":
                content = path.read_bytes()
                digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
