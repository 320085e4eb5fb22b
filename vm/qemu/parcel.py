"""A file that a machine is born with: a read-only disk, read at a disk's speed instead of sent through ssh.

Every machine has the disk, so that a saved one fits; empty where nothing is brought.
"""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path

from vm.programs import run_program

SERIAL = "lab-parcel"
DEVICE = f"/dev/disk/by-id/virtio-{SERIAL}"
DISK_BYTES = 4 * 2**30
"""Sparse; the same for every machine."""
DISK = "parcel.qcow2"


@dataclass(frozen=True)
class Parcel:
    """A file that lies at the beginning of the disk; one that was gzipped lies there unpacked."""

    file: Path
    """As it was named on this side."""
    content_bytes: int


def empty(folder: Path) -> Path:
    """The disk of a machine that brings nothing. Raises HostSetupError."""
    return _disk(folder, [])


def packed(file: Path, folder: Path) -> tuple[Path, Parcel]:
    """The disk with `file` on it, made in `folder`. Raises HostSetupError."""
    content = file
    if file.suffix == ".gz":
        # Here it takes a second, in an emulated guest a quarter of a minute.
        content = folder / "parcel.raw"
        with gzip.open(file) as source, content.open("wb") as target:
            shutil.copyfileobj(source, target, 2**20)
    return _disk(folder, ["-b", str(content), "-F", "raw"]), Parcel(file, content.stat().st_size)


def _disk(folder: Path, below: list[str]) -> Path:
    path = folder / DISK
    path.unlink(missing_ok=True)
    argv = ["qemu-img", "create", "-q", "-f", "qcow2", *below, str(path), str(DISK_BYTES)]
    run_program(argv, "making the disk for what the machine brings along")
    return path
