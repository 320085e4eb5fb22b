"""What every verdict says about the machine it was taken on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HostFacts:
    """What a verdict says about the machine it was taken on."""

    kind: str
    """`vm`, `ssh` or `local`; other words where the answer needed no lab host."""
    kernel: str
    """`uname -r` of that machine."""
    accel: str
    """`kvm`, `hvf`, `tcg` (emulated) or `none` (no virtual machine of ours, and not emulated)."""
    cpus: int
    """Of that machine."""
