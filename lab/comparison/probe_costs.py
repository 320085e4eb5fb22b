"""What each of a tracer's programs cost, beside what the solution's cost in the run recorded with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.judge import costs
from grader.observation import Observation
from grader.verdict import ProbeCost
from vocabulary.host_facts import HostFacts

TOGETHER = "all together"


@dataclass(frozen=True)
class Cost:
    """Runs of the programs at one place, and the time in them."""

    runs: int
    ns_per_run: float | None
    """None where the kernel measured no time: nothing ran, or its statistics were off."""


@dataclass(frozen=True)
class CostRow:
    """One place with the tracer's programs there and the solution's; None where one has none there."""

    probe: str
    yours: Cost | None
    reference: Cost | None


@dataclass(frozen=True)
class CostTable:
    """All places, and where the two were measured."""

    rows: tuple[CostRow, ...]
    """The tracer's own places first; the last row is all together. Empty where it had no programs."""
    here: HostFacts
    there: HostFacts | None
    """None where the exercise has no recorded run of its solution."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What these numbers are, and are not, in sentences."""
        said = ["This is the time inside the programs, from the kernel; the way into a probe is not in it."]
        if self.there is None:
            said.append("The solution has no recorded run to compare with.")
        else:
            said.append(f"The solution's are from its recorded run: {machine(self.there)}.")
            if (self.here.kind, self.here.accel) != (self.there.kind, self.there.accel):
                said.append(f"Yours: {machine(self.here)}. Another machine: compare programs, not times.")
        if "tcg" in (self.here.accel, self.there.accel if self.there else ""):
            said.append("An emulated CPU makes everything slow: compare, do not quote.")
        return tuple(said)


def machine(host: HostFacts) -> str:
    """What a lab host is, as far as its speed is concerned."""
    accel = {"tcg": ", emulated", "none": ""}.get(host.accel, f", {host.accel}")
    return f"{host.kind}{accel}, kernel {host.kernel}, {host.cpus} CPUs"


def cost_table(seen: Observation, reference: Observation | None) -> CostTable:
    """What the tracer's programs cost beside the solution's."""
    yours, others = by_probe(costs(seen)), by_probe(costs(reference) if reference else ())
    rows = [CostRow(probe, yours.get(probe), others.get(probe)) for probe in {**yours, **others}]
    rows.append(CostRow(TOGETHER, total(yours.values()), total(others.values())))
    return CostTable(tuple(rows) if yours else (), seen.host, reference.host if reference else None)


def by_probe(found: Iterable[ProbeCost]) -> Mapping[str, Cost]:
    """Place -> its cost; two programs at one place count as one."""
    places: dict[str, list[Cost]] = defaultdict(list)
    for one in found:
        places[one.probe].append(Cost(one.events, one.ns_per_event or None))
    return {probe: together for probe, some in places.items() if (together := total(some))}


def total(some: Iterable[Cost]) -> Cost | None:
    """These together; None of nothing."""
    known = list(some)
    runs = sum(one.runs for one in known)
    spent_ns = sum(one.runs * (one.ns_per_run or 0.0) for one in known)
    return Cost(runs, spent_ns / runs if runs and spent_ns else None) if known else None
