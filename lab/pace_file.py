"""Where is kept how long waits took on this machine."""

from __future__ import annotations

import json
from pathlib import Path

from lab.atomic_file import write_atomically
from lab.pace import LeftS
from vm.folders import Folders

SCHEMA = 1


class PaceFile:
    """For each wait by its name: from each milestone to the end, as it was the last time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of_user(cls) -> PaceFile:
        """In the cache: without it nothing is lost but the estimates."""
        return cls(Folders.of_user().cache / "pace.json")

    def learned(self, wait: str) -> dict[str, float]:
        """Empty before the first time, and when the file cannot be read."""
        return self._all().get(wait, {})

    def learn(self, wait: str, left_s: LeftS) -> None:
        """Keep the newest time of each milestone. A disk that is full is no reason to stop."""
        everything = self._all()
        everything[wait] = everything.get(wait, {}) | dict(left_s)
        document = {"schema": SCHEMA, "left_s": everything}
        try:
            write_atomically(self._path, (json.dumps(document, indent=1) + "\n").encode())
        except OSError:
            return

    def _all(self) -> dict[str, dict[str, float]]:
        try:
            waits = json.loads(self._path.read_text(encoding="utf-8"))["left_s"]
            return {
                str(wait): {str(name): float(seconds) for name, seconds in left_s.items()}
                for wait, left_s in waits.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
