"""What a verdict says about the machine it was taken on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vm.command import Completed
from vm.line_process import LineProcess


@dataclass(frozen=True)
class MachineFacts:
    """Has the fields of `grader.host.HostFacts`; this package imports nothing of ours."""

    kind: str
    """`vm`, `ssh` or `local`."""
    kernel: str
    """`uname -r` of the lab host."""
    accel: str
    """`kvm`, `hvf`, `tcg` (emulated) or `none` (not a virtual machine of ours, and not emulated)."""
    cpus: int


class Runs(Protocol):
    """Anything that can run a command on the lab host."""

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed: ...


class Provisionable(Runs, Protocol):
    """What installing needs of a host."""

    def start(self, argv: Sequence[str]) -> LineProcess: ...
    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None: ...


def ask_facts(host: Runs, kind: str) -> MachineFacts:
    """Ask the host itself. One that is an emulated machine says so, because time limits depend on it."""
    # systemd calls QEMU without hardware virtualisation `qemu`, and with it `kvm`.
    asked = host.run(["sh", "-c", "uname -r; nproc; systemd-detect-virt --vm || true"]).stdout.split()
    kernel, cpus, *virtualisation = asked
    return MachineFacts(kind, kernel, "tcg" if virtualisation == ["qemu"] else "none", int(cpus))
