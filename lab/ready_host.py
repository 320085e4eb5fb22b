"""What every lab host of ours carries before the first check: the grader's programs and warm workloads."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable
from pathlib import Path

from grader.host import HostToPrepare
from grader.observing import host_files
from lab import checkout
from lab.jail_ahead import leave_jail_ahead
from vm.preparation import Stage
from vm.side_by_side import side_by_side
from workloads.discover import PreparableWorkload, load_workload

Progress = Callable[[str], None]


def workloads_of_exercises() -> dict[str, PreparableWorkload]:
    """Every workload that an exercise names, by name."""
    return {name: load_workload(name) for name in checkout.workloads_named()}


def digest() -> str:
    """Names what `prepare` does: another digest is another template."""
    inputs = [
        host_files.digest(),
        *(f"{name} {one.digest()}" for name, one in workloads_of_exercises().items()),
    ]
    return hashlib.sha256("\n".join(inputs).encode()).hexdigest()


def build(progress: Progress, stage: Stage) -> Path | None:
    """Make on this side what the workloads will need; the largest file, for the machine to be born with."""
    files: list[Path] = []
    for name, workload in workloads_of_exercises().items():
        with stage(f"build {name}"):
            files += workload.build(platform.machine(), progress)
    return max(files, key=lambda file: file.stat().st_size, default=None)


def prepare(host: HostToPrepare, progress: Progress, stage: Stage) -> None:
    """Make a machine ready: the template is taken of it afterwards.

    One template carries all workloads, so going from one exercise to another costs nothing. The recorder and
    the workloads do not need each other; what is there already is left as it is.
    """

    def recorder() -> None:
        progress("installing the recorder and the session")
        with stage("recorder"):
            host_files.install(host)

    def workloads() -> None:
        for name, workload in workloads_of_exercises().items():
            with stage(name):
                workload.prepare(host, progress)

    side_by_side(recorder, workloads)
    with stage("jail"):
        leave_jail_ahead(host, progress)
