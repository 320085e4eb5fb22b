"""Exercise 10: what must be true of an XDP program that counts by protocol."""

from __future__ import annotations

from grader.checks import clean_exit, loaded, own_tracing, ran, ready, report_readable, through_maps
from grader.checks.maps import losses
from grader.checks.network import everything_passed, interface_left_alone, xdp, xdp_attached
from grader.exercise import Check, Numbers
from grader.found import Found, Why, why
from grader.observation import Observation
from grader.place import Place
from grader.report.fields import Fields, report_fields
from grader.sentences import said_in, unsaid
from grader.truth.calls import ledger
from grader.truth.counts import Count, compare_table

from .traffic import INTERFACE, PROTOCOLS, as_report, sent

OTHER_TABLE = {"packets": "bytes", "bytes": "packets"}


def read_table(report: Fields, unit: str) -> dict[str, int]:
    """Protocol -> number."""
    table = report.fields(unit)
    return {name: table.count(name) for name in PROTOCOLS}


def read_report(report: Fields) -> None:
    """Both tables."""
    read_table(report, "packets")
    read_table(report, "bytes")


def due(seen: Observation) -> dict[Place, Count]:
    """The program runs once for each frame."""
    return {xdp(INTERFACE): Count(sum(sent(seen, "packets").values()))}


def packets_by_protocol(seen: Observation) -> Found:
    """The table `packets`."""
    return told(seen, "packets")


def bytes_by_protocol(seen: Observation) -> Found:
    """The table `bytes`."""
    return told(seen, "bytes")


def told(seen: Observation, unit: str) -> Found:
    """One table beside the truth."""
    expected, got = sent(seen, unit), read_table(report_fields(seen), unit)
    counts = {name: Count(number) for name, number in expected.items()}
    whys = why_wrong(seen, unit, expected, got)
    # What one CPU alone would have counted is known exactly.
    whys = whys or losses(seen, counts, got, but=("one_cpu",)) or [otherwise(unit, expected, got)]
    return compare_table(got, counts, unit=unit, whys=whys)


def why_wrong(seen: Observation, unit: str, expected: dict[str, int], got: dict[str, int]) -> list[Why]:
    """The mistake that gives exactly these numbers."""
    cpus = {int(entry.detail["cpu"]) for entry in ledger(seen, "raw_packets")}
    if len(cpus) > 1 and any(got == sent(seen, unit, cpu=cpu) for cpu in cpus):
        return [why("one_cpu")]
    if all(got[name] == 2 * expected[name] for name in PROTOCOLS):
        return [why("counted_twice")]
    if all_other(unit, expected, got):
        return []
    if got == sent(seen, OTHER_TABLE[unit]):
        return [why("units_swapped")]
    permuted = got != expected and sorted(got.values()) == sorted(expected.values())
    return [why("names_permuted")] if permuted else []


def all_other(unit: str, expected: dict[str, int], got: dict[str, int]) -> bool:
    """Whether every packet was counted as `other`."""
    return unit == "packets" and got["other"] == sum(expected.values())


def otherwise(unit: str, expected: dict[str, int], got: dict[str, int]) -> Why:
    """Where to look when no mistake is known that gives these numbers."""
    return why("all_are_other" if all_other(unit, expected, got) else "table_wrong")


OWN = unsaid("one_cpu", "counted_twice", "units_swapped", "names_permuted", "all_are_other", "table_wrong")
LOST = said_in("maps", without=("one_cpu",))

CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    own_tracing,
    xdp_attached(INTERFACE),
    interface_left_alone,
    clean_exit,
    report_readable(read_report),
    through_maps(xdp(INTERFACE), title="your numbers come from your program, through a map"),
    ran(xdp(INTERFACE), due=due, what="packets", title="your program ran for every packet"),
    everything_passed,
    Check(
        "packets_by_protocol",
        "every packet is counted once, under its protocol",
        packets_by_protocol,
        OWN | LOST,
    ),
    Check(
        "bytes_by_protocol",
        "the bytes of every packet are counted, from its first to its last",
        bytes_by_protocol,
        OWN | LOST,
        needs=("packets_by_protocol",),
    ),
)


def summary(seen: Observation) -> Numbers:
    """What `lab run` shows as really sent."""
    return as_report({unit: sent(seen, unit) for unit in ("packets", "bytes")})
