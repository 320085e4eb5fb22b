"""What a machine has that a lab host needs: asked in one command, before anything is installed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vm.errors import HostUnavailable
from vm.machine_facts import Runs

SCRIPT = Path(__file__).with_name("host_probe.sh")


@dataclass(frozen=True)
class HostState:
    """One machine as `host_probe.sh` found it. Numbers are None where the machine did not tell."""

    distribution: str
    """`ID` of /etc/os-release, e.g. `debian`."""
    version: str
    """`VERSION_ID`, e.g. `13`."""
    system: str
    release: str
    """`uname -r`."""
    machine: str
    uid: int | None
    memory_mib: int | None
    free_mib: int | None
    """Free on the file system of /var, where Docker and packages live."""
    systemd: int | None
    """Its version; None where it is not installed."""
    running_systemd: bool
    cgroup2: bool
    kprobes: bool
    uprobes: bool
    btf: bool
    headers: bool
    """Those of the running kernel."""
    bcc: bool
    bpftool: bool
    clang: bool
    python: str
    """`3.13`, empty when there is none."""
    docker: bool
    """Whether its engine's socket is there."""
    bus: bool
    """Whether the system's message bus runs: the jail is ordered over it."""
    recorder_user: bool
    bpf_stats: int | None
    perf_paranoid: int | None
    apt: bool
    missing: tuple[str, ...] = ()
    """Those of the packages asked for that are not installed."""


def probe(host: Runs, packages: Sequence[str] = ()) -> HostState:
    """Ask `host`. Raises HostUnavailable when what comes back is not a whole answer."""
    done = host.run(["sh", "-s", "--", *packages], stdin=SCRIPT.read_bytes(), timeout_s=120, check=False)
    return parse(done.stdout)


def parse(text: str) -> HostState:
    """The state from the script's KEY=VALUE lines."""
    pairs = [line.split("=", 1) for line in text.splitlines() if "=" in line]
    value = {key: content.strip() for key, content in pairs if key != "missing"}
    if value.get("end") != "1":
        raise HostUnavailable("the machine did not answer what it has", "lab doctor")

    def number(key: str) -> int | None:
        digits = value.get(key, "").split(".")[0]
        return int(digits) if digits.lstrip("-").isdigit() else None

    def flag(key: str) -> bool:
        return value.get(key) == "1"

    return HostState(
        distribution=value.get("distribution", ""),
        version=value.get("version", ""),
        system=value.get("system", ""),
        release=value.get("release", ""),
        machine=value.get("machine", ""),
        uid=number("uid"),
        memory_mib=number("memory_mib"),
        free_mib=number("free_mib"),
        systemd=number("systemd"),
        running_systemd=flag("running_systemd"),
        cgroup2=flag("cgroup2"),
        kprobes=flag("kprobes"),
        uprobes=flag("uprobes"),
        btf=flag("btf"),
        headers=flag("headers"),
        bcc=flag("bcc"),
        bpftool=flag("bpftool"),
        clang=flag("clang"),
        python=value.get("python", ""),
        docker=flag("docker"),
        bus=flag("bus"),
        recorder_user=flag("recorder_user"),
        bpf_stats=number("bpf_stats"),
        perf_paranoid=number("perf_paranoid"),
        apt=flag("apt"),
        missing=tuple(content.strip() for key, content in pairs if key == "missing"),
    )
