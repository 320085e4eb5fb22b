"""Exercise 10: a cause is said only where the facts exclude its rivals; else all that fit are said."""

from __future__ import annotations

from typing import Any

from tests.exercises.condition import printing
from tests.exercises.first_failure import first_failure

from . import conditions
from .frames import PROTOCOLS, count

FRAMES = conditions.sent(1, 2)[0]
TABLES: dict[str, Any] = count(conditions.sent(1, 2)[1])


def test_right_numbers_under_other_names_are_a_matter_of_order() -> None:
    order = ["udp", "tcp", "icmp", "ipv6", "arp", "other"]
    turned = {
        unit: dict(zip(order, (table[name] for name in PROTOCOLS), strict=True))
        for unit, table in TABLES.items()
    }
    found = first_failure(printing(turned, FRAMES))
    assert (found.name, found.cause) == ("packets_by_protocol", "names_permuted")
    assert "tracer.py" in found.hint and "tracer.bpf.c" in found.hint


def test_bytes_in_the_place_of_packets_are_told() -> None:
    found = first_failure(printing({"packets": TABLES["bytes"], "bytes": TABLES["packets"]}, FRAMES))
    assert (found.name, found.cause) == ("packets_by_protocol", "units_swapped")
    assert "tracer.py" in found.hint
