"""Numbers that are too low because of the tracer's maps: what each check of counts may add to its causes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from grader.found import Why, why
from grader.observation import MapFacts, Observation
from grader.truth.counts import Count

HASHES = ("hash", "percpu_hash", "lru_hash", "lru_percpu_hash")
BUFFERS = ("ringbuf", "perf_event_array")
FEW = 0.01
"""Two CPUs rarely meet in one number: of 6,000 additions by two CPUs, 6 were lost."""


def losses(
    seen: Observation, expected: Mapping[str, Count], got: Mapping[str, int], but: Collection[str] = ()
) -> list[Why]:
    """Each mistake that explains numbers of which some are too low and none too high, the most specific
    first.

    What it may find is in the sentences `maps`; `but` those that the exercise tells in another way.
    """
    missing = sum(max(0, count.inside - got.get(key, 0)) for key, count in expected.items())
    too_high = any(number > expected.get(key, Count(0)).high for key, number in got.items())
    if too_high or not missing or not any(got.values()):
        return []
    found = [
        *_full(seen, expected, got),
        *_per_cpu(seen, len(expected)),
        *_sent(seen),
        *_few(seen, missing, sum(count.inside for count in expected.values())),
    ]
    return [one for one in found if one.name not in but]


def _full(seen: Observation, expected: Mapping[str, Count], got: Mapping[str, int]) -> list[Why]:
    """A map without room for another key, and keys that nobody counted."""
    if all(got.get(key) for key, count in expected.items() if count.inside):
        return []
    return list(map(map_full, full_maps(seen)))


def full_maps(seen: Observation) -> list[MapFacts]:
    """Hashes that hold as many keys as they can."""
    known = [one for one in seen.kernel.maps if one.kind in HASHES]
    return [one for one in known if one.entries is not None and one.entries >= one.max_entries]


def map_full(one: MapFacts) -> Why:
    """A map without room for another key."""
    return why("map_full", map=one.name, entries=one.max_entries)


def _per_cpu(seen: Observation, keys: int) -> list[Why]:
    """Counted in a per-CPU map; one without room for the keys is scratch space."""
    per_cpu = any("percpu" in one.kind and one.max_entries >= keys for one in seen.kernel.maps)
    return [why("one_cpu")] if per_cpu else []


def _sent(seen: Observation) -> list[Why]:
    """Where each call is sent to Python, which counts."""
    return [why("lost_on_the_way")] if any(one.kind in BUFFERS for one in seen.kernel.maps) else []


def _few(seen: Observation, missing: int, total: int) -> list[Why]:
    """CPUs that share a number; with per-CPU maps alone none do."""
    shared = [one for one in seen.kernel.maps if one.kind not in BUFFERS and "percpu" not in one.kind]
    if missing > FEW * total or (seen.kernel.maps and not shared):
        return []
    return [why("lost_updates")]
