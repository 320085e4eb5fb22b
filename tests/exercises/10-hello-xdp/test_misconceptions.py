"""Exercise 10: misconceptions on the recorded run, counted from it anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exercises.recorded_runs import failure, recorded

TEN = recorded("10-hello-xdp")
ARRIVED = TEN.kernel.link.arrived if TEN.kernel.link else {}
PLAIN = {"ipv4/6": "tcp", "ipv4/17": "udp", "ipv4/1": "icmp", "arp": "arp", "ipv6": "ipv6"}


def counted(names: dict[str, str], less: int = 0) -> dict[str, dict[str, int]]:
    """The report of a tracer that calls each kind of frame this, and all others `other`."""
    names = {kind: names.get(kind, "other") for kind in ARRIVED}
    protocols = ("tcp", "udp", "icmp", "arp", "ipv6", "other")
    found = {unit: dict.fromkeys(protocols, 0) for unit in ("packets", "bytes")}
    for kind, count in ARRIVED.items():
        found["packets"][names[kind]] += count.packets
        found["bytes"][names[kind]] += count.bytes - less * count.packets
    return found


BEHIND_TAGS = PLAIN | {f"vlan {kind}": name for kind, name in PLAIN.items()}


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        (counted({"0x0608": "arp"}), "byte_order"),
        (counted(PLAIN), "vlan_as_other"),
        (counted(BEHIND_TAGS, less=14), "without_ethernet_header"),
    ],
)
def test_frames_read_wrongly_in_a_recorded_run_are_named(document: dict[str, Any], cause: str) -> None:
    assert failure("10-hello-xdp", document).cause == cause
