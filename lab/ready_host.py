"""What every lab host of ours carries before the first check: the grader's programs and warm workloads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from grader import host_files
from grader.exercise_folder import read_settings
from grader.host import Host
from lab import checkout
from lab.jail_ahead import leave_jail_ahead
from workloads.discover import PreparableWorkload, load_workload

Progress = Callable[[str], None]


def workloads_of_exercises() -> dict[str, PreparableWorkload]:
    """Every workload that an exercise names, by name."""
    settings = [read_settings(checkout.EXERCISES / slug / "exercise.toml") for slug in checkout.slugs()]
    names = sorted({str(one["workload"]) for one in settings})
    return {name: load_workload(name) for name in names}


def digest() -> str:
    """Names what `prepare` does: another digest is another template."""
    inputs = [
        host_files.digest(),
        *(f"{name} {one.digest()}" for name, one in workloads_of_exercises().items()),
    ]
    return hashlib.sha256("\n".join(inputs).encode()).hexdigest()


def prepare(host: Host, progress: Progress) -> None:
    """Make a machine ready: the template is taken of it afterwards.

    One template carries all workloads, so going from one exercise to another costs nothing.
    """
    progress("installing the recorder and the session")
    host_files.install(host)
    for name, workload in workloads_of_exercises().items():
        progress(f"bringing up {name}")
        workload.prepare(host, progress)
    leave_jail_ahead(host, progress)
