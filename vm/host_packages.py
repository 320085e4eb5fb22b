"""Installs packages on a machine that becomes a lab host."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from vm.command import CommandFailed
from vm.errors import HostSetupError
from vm.machine_facts import Provisionable
from vm.provision_record import Done, write_record

Progress = Callable[[str], None]

QUIET_S = 900.0
"""The longest silence of apt: unpacking one large package on an emulated machine takes minutes."""
APT = "env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"


def install(host: Provisionable, missing: Sequence[str], done: Done, progress: Progress) -> Done:
    """Install `missing` and return `done` with every package that came. Takes minutes, emulated.

    Raises HostSetupError with what apt said.
    """
    progress("asking the machine's package sources what is new")
    try:
        # A package of an interrupted installation would refuse every other one.
        host.run(["sh", "-c", "dpkg --configure -a"], timeout_s=1800)
        host.run(["sh", "-c", f"{APT} update"], timeout_s=600)
        command = f'{APT} -s install --no-install-recommends "$@"'
        plan = host.run(["sh", "-c", command, "sh", *missing], timeout_s=300).stdout
    except CommandFailed as error:
        raise _explained(error, missing) from error
    new = new_packages(plan)
    done = replace(done, packages=tuple(dict.fromkeys([*done.packages, *new])))
    write_record(host, done)  # before it happens: what is interrupted can be undone too
    progress(f"installing {len(new)} packages")
    apt(host, "install --no-install-recommends", missing, _counted(len(new), progress))
    return done


def new_packages(plan: str) -> list[str]:
    """Names from `apt-get -s install` that were not there before; `[old version]` marks an upgrade."""
    return re.findall(r"^Inst (\S+) \(", plan, re.MULTILINE)


def _counted(total: int, progress: Progress) -> Callable[[str], None]:
    """Turns apt's lines into a count: each package is unpacked and set up, which are its two halves."""
    steps = 0
    shown = 0

    def on_line(line: str) -> None:
        nonlocal steps, shown
        steps += line.startswith(("Unpacking ", "Setting up "))
        share = min(99, 50 * steps // max(1, total))
        if share >= shown + 10:
            shown = share
            progress(f"installing {total} packages: {share}%")

    return on_line


def apt(host: Provisionable, verb: str, packages: Sequence[str], on_line: Callable[[str], None]) -> None:
    """Run apt-get to its end, each line to `on_line`. Raises HostSetupError with what it said last."""
    script = f'{APT} {verb} "$@" 2>&1; echo "lab-apt-ended $?"'
    last = ""
    with host.start(["sh", "-c", script, "sh", *packages]) as process:
        while (line := process.read_line(QUIET_S)) is not None:
            if line.startswith("lab-apt-ended "):
                if line.split()[1] != "0":
                    raise HostSetupError(f"apt-get failed on the machine: {last}", "lab up")
                return
            last = line.strip() or last
            on_line(line)
    raise HostSetupError("apt-get was interrupted on the machine", "lab up")


def _explained(error: CommandFailed, missing: Sequence[str]) -> HostSetupError:
    said = error.completed.stderr
    headers = next((name for name in missing if "headers" in name), "")
    if headers and headers in said:
        return HostSetupError(
            f"there is no {headers} any more: the machine runs an older kernel than its packages are for",
            "apt-get install -y linux-image-amd64 && reboot   # on that machine",
        )
    lines = [line for line in said.splitlines() if line.startswith("E: ")]
    return HostSetupError(
        f"apt-get failed on the machine: {' '.join(lines) or said.strip()[-300:]}", "lab up"
    )
