"""Which distributions can become a lab host over ssh, and what the lab's packages are called there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vm.errors import HostSetupError

PACKAGES = Path(__file__).with_name("packages.toml")
MACHINES = ("x86_64", "aarch64")
HINT = "lab up --host ssh://root@DEBIAN-13-MACHINE"


@dataclass(frozen=True)
class Distribution:
    """One that is supported."""

    title: str
    tested: bool
    other_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Debian 13's package name -> what to install instead (nothing where another package brings it)."""
    headers: str = ""
    """Pattern of the kernel headers' package; empty: the one of `packages.toml`."""
    doubt: str = ""
    """What is most likely to fail there."""


SUPPORTED = {
    ("debian", "13"): Distribution("Debian 13", tested=True),
    # As Ubuntu's package index has it: docker.io brings the client, bpftool comes with the kernel's tools.
    ("ubuntu", "24.04"): Distribution(
        "Ubuntu 24.04",
        tested=False,
        other_names={"docker-cli": (), "bpftool": ("linux-tools-common", "linux-tools-{release}")},
        # PrivatePIDs= came with systemd 257.
        doubt=" (its systemd 255 lacks the PID namespace of the tracer's jail)",
    ),
}
REASONS = {
    "debian": "its kernel, BCC and systemd are not the ones the lab was tested with",
    "ubuntu": "only 24.04 has a map of package names",
    "fedora": "the lab installs with apt",
    "rhel": "the lab installs with apt",
    "centos": "the lab installs with apt",
    "rocky": "the lab installs with apt",
    "almalinux": "the lab installs with apt",
    "arch": "the lab installs with apt",
    "alpine": "it has neither systemd nor apt, and the lab needs both",
}


def supported(distribution: str, version: str, machine: str) -> Distribution:
    """The entry of this distribution. Raises HostSetupError with the reason when there is none."""
    name = f"{distribution or 'an unknown system'} {version}".strip()
    if machine not in MACHINES:
        raise HostSetupError(
            f"{name} on {machine} cannot be a lab host: only {' and '.join(MACHINES)} can", HINT
        )
    found = SUPPORTED.get((distribution, version))
    if found is None:
        reason = REASONS.get(distribution, "nobody has tried it")
        raise HostSetupError(f"{name} cannot be a lab host: {reason}", HINT)
    return found


def needed_packages(distribution: Distribution, release: str) -> tuple[str, ...]:
    """What an ssh host of this distribution must have installed for its running kernel `release`."""
    table = tomllib.loads(PACKAGES.read_text())["both"]
    names = [*table["packages"], distribution.headers or table["headers"]]
    mapped = [other for name in names for other in distribution.other_names.get(name, (name,))]
    return tuple(name.format(release=release) for name in mapped)
