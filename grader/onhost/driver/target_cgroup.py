"""Putting a process of ours into the target's cgroup, and getting it out again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


@contextmanager
def inside(cgroup_path: str, pid: int, child: str = "") -> Iterator[None]:
    """While open, process `pid` belongs to the cgroup at `cgroup_path`, or to `child` made below it."""
    folder = Path(cgroup_path)
    if ROOT not in folder.parents:
        folder = ROOT / cgroup_path.lstrip("/")
    if child:
        folder = folder / child
        folder.mkdir(exist_ok=True)
    (folder / "cgroup.procs").write_text(str(pid))
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            (ROOT / "cgroup.procs").write_text(str(pid))
        if child:
            with contextlib.suppress(OSError):
                folder.rmdir()
