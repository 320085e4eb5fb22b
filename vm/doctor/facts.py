"""What the doctor looks at. Plain numbers and words, none of which names a person or opens a door."""

from __future__ import annotations

from dataclasses import dataclass

from vm.host_probe import HostState


@dataclass(frozen=True)
class LabSideFacts:
    """The machine on which `lab` runs."""

    system: str
    """`Linux`, `Darwin`, ..."""
    kernel: str
    machine: str
    """`x86_64`, `arm64`, ..."""
    python: tuple[int, int, int]
    cpus: int
    memory_mib: int
    memory_free_mib: int
    """What programs could still get."""
    disk_free_mib: int
    """Below the cache folder."""
    package_manager: str
    """`apt-get`, `dnf`, ...; empty for one we do not know."""
    root: bool
    qemu: str
    """Version of the installed QEMU, empty when there is none."""
    missing_programs: tuple[str, ...]
    """Those of the build and of the machine that are not installed."""
    building_hindrance: str
    """Why this user cannot build the image; empty when nothing hinders."""
    kvm_device: bool
    kvm_permitted: bool
    accel: str
    """The remembered verdict of the boot probe: `kvm`, `tcg`, or empty before the first one."""
    accel_reason: str
    image_ready: bool
    """Whether an image is in the cache."""
    template_ready: bool
    """Whether a saved machine is in the cache."""


@dataclass(frozen=True)
class Facts:
    """Everything the checks see."""

    lab_side: LabSideFacts
    host_kind: str
    """`vm`, `ssh` or `local`."""
    host: HostState | None = None
    """The lab host where it could be asked; None for a virtual machine that is not looked into."""
    host_trouble: str = ""
    """Why it could not be asked."""
