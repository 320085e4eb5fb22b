"""What was found so far, one JSON line each, so that an interrupted run goes on where it was.

A record names the state of the sources it is of. One that is complete can be kept with them: whoever has the
same sources need not find it out again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from lab.atomic_file import write_atomically
from lab.checkout import ROOT
from lab.dev.deciding import deciding, files_below
from lab.dev.matrix import Row
from lab.failures import APP

KEPT = ROOT / "docs" / "records"
"""Where records are kept with the sources, in a folder for each kind."""


@dataclass(frozen=True)
class Record:
    """The results of one exercise in one state of the sources."""

    path: Path
    """Of this user."""
    kept: Path | None = None
    """The one that came with these sources, if any did."""

    def rows(self) -> dict[tuple[str, str], Row]:
        """(title, attempt) -> the last row; this user's own count more than kept ones."""
        return {**_read(self.kept), **_read(self.path)} if self.kept else _read(self.path)

    def keep(self) -> Path:
        """Put all rows with the sources, in place of those of other sources; where they are now."""
        assert self.kept is not None
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(asdict(row)) for row in self.rows().values()]
        write_atomically(self.kept, "\n".join([*lines, ""]).encode())
        for older in set(self.kept.parent.glob(f"{self.kept.name.partition('.')[0]}.*")) - {self.kept}:
            older.unlink()
        return self.kept

    def add(self, row: Row) -> None:
        """Append one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")

    def last_run(self) -> float:
        """When something was added last, in seconds since the epoch; 0 for never."""
        newest = sorted(self.path.parent.glob(f"{self.path.name.partition('.')[0]}.*"))
        return max((path.stat().st_mtime for path in newest), default=0.0)


def matrix_record(slug: str) -> Record:
    """The matrix of an exercise as its sources are now; other sources have another."""
    return record_of("matrix", slug)


def record_of(kind: str, slug: str, *more: str, root: Path = ROOT) -> Record:
    """A record of this kind, which depends on what decides (`deciding.py`) and on these further folders.

    Tracers are none of these: each row is that of an attempt, so one that changed is run again and no other.
    """
    files = [*deciding(slug, root), *(path for folder in more for path in files_below(root / folder))]
    name = f"{slug}.{digest_of(files, root)}.jsonl"
    return Record(platformdirs.user_state_path(APP) / kind / name, KEPT / kind / name)


def _read(path: Path) -> dict[tuple[str, str], Row]:
    """A line that an interruption cut off is left out."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
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


def digest_of(files: Iterable[Path], root: Path) -> str:
    """Names the content of these files below `root`: the first 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
