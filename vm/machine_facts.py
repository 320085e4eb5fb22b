"""What a verdict says about a lab host, asked of the host itself; and what asking needs of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from vm.line_process import LineProcess
from vocabulary.completed import Completed
from vocabulary.host_facts import HostFacts


class Runs(Protocol):
    """Anything that can run a command on the lab host."""

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed: ...


class Provisionable(Runs, Protocol):
    """What installing needs of a host."""

    def start(self, argv: Sequence[str]) -> LineProcess: ...
    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None: ...


def ask_facts(host: Runs, kind: str) -> HostFacts:
    """Ask the host itself. One that is an emulated machine says so, because time limits depend on it."""
    # systemd calls QEMU without hardware virtualisation `qemu`, and with it `kvm`.
    asked = host.run(["sh", "-c", "uname -r; nproc; systemd-detect-virt --vm || true"]).stdout.split()
    kernel, cpus, *virtualisation = asked
    return HostFacts(kind, kernel, "tcg" if virtualisation == ["qemu"] else "none", int(cpus))
