"""Workloads are found by their folder; nothing here knows one by name.

A workload is a package `workloads/NAME/` with a module `workload.py` that has a function `workload()`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from grader.host import Host
from grader.target import Target
from grader.traffic import Workload
from workloads.errors import WorkloadError

FOLDER = Path(__file__).parent

Progress = Callable[[str], None]
"""Told what is being done, one line at a time."""


class PreparableWorkload(Workload, Protocol):
    """What a folder here offers beside `grader.traffic.Workload`: what templates and caches need."""

    def digest(self) -> str:
        """Hexadecimal digest of everything in this workload that influences a lab host it runs on."""

    def build(self, machine: str, progress: Progress) -> tuple[Path, ...]:
        """Make in the user's cache what a host of this machine (`uname -m`) will need. Needs no host."""

    def prepare(self, host: Host, progress: Progress) -> None:
        """Bring it up and warm it, so that a template taken of the host now starts fast."""


@runtime_checkable
class Restartable(Protocol):
    """A workload with a server that can be started again."""

    def restart(self, host: Host, progress: Progress) -> Target:
        """A new server, whatever state the old one is in."""


@runtime_checkable
class Removable(Protocol):
    """A workload that leaves something on a host that is not the lab's own."""

    def remove(self, host: Host) -> None:
        """Take it away; harmless when nothing is there."""


def workload_names() -> list[str]:
    """Names of all workloads, sorted."""
    return sorted(path.parent.name for path in FOLDER.glob("*/workload.py"))


def load_workload(name: str) -> PreparableWorkload:
    """The workload in folder `name`. Raises WorkloadError for a name that has no folder."""
    names = workload_names()
    if name not in names:
        near = get_close_matches(name, names, n=1)
        nearest = f"; did you mean {near[0]}?" if near else ""
        raise WorkloadError(f"workload {name!r} does not exist (there are: {', '.join(names)}){nearest}")
    module = importlib.import_module(f"workloads.{name}.workload")
    return cast(PreparableWorkload, module.workload())
