# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Fills every folder that it may write."""

import contextlib
from pathlib import Path

from attempts import attempt, end_with


def fill(folder):
    """A gigabyte in it."""
    with Path(folder, "filler").open("wb") as file:
        for _ in range(1024):
            file.write(bytes(2**20))


for folder in (
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/dev/mqueue",
    "/dev/hugepages",
    "/var/log",
    "/run",
    "/opt/lab",
):
    attempt(f"a gigabyte in {folder}", lambda: fill(folder))
    with contextlib.suppress(OSError):
        Path(folder, "filler").unlink()
end_with({})
