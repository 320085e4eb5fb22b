"""In place of systemd-run and the kernel's cgroups: runs the service as plain processes of ours.

fake_systemd.py CGROUPS SYSTEMD-RUN-ARGUMENTS: the unit's folder below CGROUPS holds cgroup.procs; writing to
its cgroup.kill ends all of them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

FAILS = "FAKE_SYSTEMD_FAILS"
"""Set to a line: it starts nothing and says this, as systemd-run does."""


def main(cgroups: Path, words: list[str]) -> int:
    if os.environ.get(FAILS):
        print(os.environ[FAILS], file=sys.stderr)
        return 1
    unit = next(word.partition("=")[2] for word in words if word.startswith("--unit="))
    binds = next(word for word in words if word.startswith("--property=BindReadOnlyPaths="))
    files = binds.partition("Paths=")[2].split(":")[0]
    settings = [word.partition("=")[2] for word in words if word.startswith("--setenv=")]
    folder = cgroups / unit
    folder.mkdir(parents=True)
    service = subprocess.Popen(
        words[words.index("/bin/sh") :],
        cwd=files,
        env=dict(setting.split("=", 1) for setting in settings) | {"PATH": os.environ["PATH"]},
        start_new_session=True,
    )
    while service.poll() is None:
        procs = folder / "cgroup.procs.new"
        procs.write_text("".join(f"{pid}\n" for pid in family(service.pid)))
        procs.rename(folder / "cgroup.procs")
        if (folder / "cgroup.kill").exists():
            os.killpg(service.pid, 9)
        time.sleep(0.02)
    # With its process 1 a process namespace ends, and all that is in it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(service.pid, 9)
    while folder.exists():  # somebody may still be writing to cgroup.kill
        shutil.rmtree(folder, ignore_errors=True)
    return service.returncode


def family(pid: int) -> list[int]:
    """A process and what it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
