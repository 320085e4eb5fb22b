"""Disks that are thrown away: a qcow2 file that holds only what differs from the one below it."""

from __future__ import annotations

from pathlib import Path

from vm.programs import run_program


def put_over(path: Path, below: Path, below_format: str) -> None:
    """Tell an overlay that came from elsewhere where the disk below it is. Raises HostSetupError."""
    run_program(
        ["qemu-img", "rebase", "-u", "-f", "qcow2", "-b", str(below), "-F", below_format, str(path)],
        "fitting a disk overlay",
    )


def new_overlay(path: Path, below: Path, below_format: str) -> None:
    """Create `path` over `below` (`raw` or `qcow2`), replacing what was there. Raises HostSetupError."""
    path.unlink(missing_ok=True)
    run_program(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-b", str(below), "-F", below_format, str(path)],
        "making a disk overlay",
    )
