"""What the container is made of, and the digests that name it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from workloads.errors import WorkloadError

FOLDER = Path(__file__).parent
MODEL_FOLDER = FOLDER / "model"
STRIP_SCRIPT = FOLDER / "strip_root.sh"


@dataclass(frozen=True)
class WheelPin:
    """The one file of the package index that is accepted."""

    name: str
    version: str
    platform: str
    """Platform tag, as pip's `--platform` takes it."""
    sha256: str


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what is in the root file system for one machine."""

    layout: int
    suite: str
    packages: tuple[str, ...]
    architecture: str
    """Debian's name for the machine, e.g. `amd64`."""
    wheel: WheelPin

    @property
    def base_digest(self) -> str:
        """Names the Debian part of the root: 16 hexadecimal digits."""
        return _digest([self.suite, self.packages, self.architecture, STRIP_SCRIPT.read_text()])

    @property
    def root_digest(self) -> str:
        """Names the whole root: 16 hexadecimal digits."""
        return _digest([self.layout, self.base_digest, asdict(self.wheel)])


def recipe_for(machine: str) -> Recipe:
    """The recipe for a machine as `uname -m` names it. Raises WorkloadError where no wheel is pinned."""
    table = tomllib.loads((FOLDER / "root.toml").read_text())
    wheel = table["wheel"]
    machines = sorted(name for name, value in wheel.items() if isinstance(value, dict))
    if machine not in machines:
        raise WorkloadError(
            f"no Triton server is known for {machine} machines (only for {', '.join(machines)})",
            "lab up --host ssh://user@machine",
        )
    pin = wheel[machine]
    return Recipe(
        layout=table["layout"],
        suite=table["suite"],
        packages=tuple(table["packages"]),
        architecture=pin["debian"],
        wheel=WheelPin(wheel["name"], wheel["version"], pin["platform"], pin["sha256"]),
    )


def folder_digest(folder: Path, patterns: tuple[str, ...]) -> str:
    """Digest of the files below `folder` that match, names and contents: 16 hexadecimal digits."""
    files = sorted({path for pattern in patterns for path in folder.rglob(pattern) if path.is_file()})
    return _digest([[str(path.relative_to(folder)), path.read_text()] for path in files])


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
