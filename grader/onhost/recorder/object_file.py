"""The object file of our eBPF programs: made by this host's own clang once, and found again by its name.

Its name is a digest of the sources, clang's flags and the kernel.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from pathlib import Path

from ..contract import c_layout, record
from ..contract.syscall_numbers import FUNCTION_PREFIXES, numbers
from . import noted_refusal
from .cannot_start import CannotStart

FOLDER = Path(__file__).parent / "bpf"
SOURCE = FOLDER / "programs.bpf.c"
CLANG = "clang"
TARGETS = {"x86_64": "x86", "aarch64": "arm64"}


def flags(machine: str) -> list[str]:
    """Of clang, for a CPU as `uname -m` says it."""
    return [
        *("-O2", "-g", "-Wall", "-target", "bpf"),
        f"-D__TARGET_ARCH_{TARGETS[machine]}",
        # Where Debian keeps the C library's headers that differ by CPU; elsewhere it does no harm.
        f"-I/usr/include/{machine}-linux-gnu",
        f'-DSYSCALL_PREFIX="{FUNCTION_PREFIXES[machine]}"',
        *c_layout.flags({f"NR_{name}": str(number) for name, number in numbers(machine).items()}),
        *c_layout.flags({**record.DEFINES, **noted_refusal.DEFINES}),
    ]


def compiled(kept: Path) -> Path:
    """The object file in the folder `kept`, compiled first where it is not there. Others there are removed.

    Raises CannotStart where there is no clang, or it finds fault with the sources.
    """
    wanted = flags(platform.machine())
    path = kept / f"{_digest(wanted)}.o"
    if path.exists():
        return path
    for older in kept.glob("*.o*"):
        older.unlink(missing_ok=True)
    unfinished = path.with_suffix(".o-unfinished")
    try:
        done = subprocess.run(
            [CLANG, *wanted, "-c", str(SOURCE), "-o", str(unfinished)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise CannotStart(
            f"there is no {CLANG} on this machine", "apt-get install clang libbpf-dev"
        ) from None
    if done.returncode != 0:
        wrong = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
        said = wrong[0] if wrong else f"it ended with {done.returncode}"
        raise CannotStart(
            f"{CLANG} could not compile the recorder's programs: {said}",
            "apt-get install --reinstall clang libbpf-dev linux-libc-dev",
        )
    unfinished.replace(path)
    return path


def kernel_release() -> str:
    """As `uname -r` says it."""
    return os.uname().release


def _digest(wanted: list[str]) -> str:
    digest = hashlib.sha256("\0".join([kernel_release(), *wanted]).encode())
    for source in sorted(FOLDER.glob("*.bpf.[ch]")):
        digest.update(f"\0{source.name}\0".encode() + source.read_bytes())
    return digest.hexdigest()[:32]
