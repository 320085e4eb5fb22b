"""Whether the tracer's numbers can come from its own programs: through a map."""

from __future__ import annotations

from collections.abc import Callable

from grader.exercise import Check
from grader.found import Found, failed, passed, why
from grader.observation import Attachment, Observation
from grader.place import Place
from grader.sentences import said_in

NAME = "counted_in_the_kernel"


def through_maps(*places: Place, title: str = "your numbers come from your probes, through maps") -> Check:
    """A check that a program of the tracer's at one of these places uses a map."""

    def here(seen: Observation) -> list[Attachment]:
        return [one for one in seen.kernel.attachments if any(place.is_at(one) for place in places)]

    return through_maps_of(here, title)


def through_maps_of(mine: Callable[[Observation], list[Attachment]], title: str) -> Check:
    """The same for programs at these attachments."""

    def run(seen: Observation) -> Found:
        used = used_maps(seen, mine(seen))
        if not used:
            return failed(why("no_map"))
        names = ", ".join(one.name for one in seen.kernel.maps if one.id in used)
        return passed("your programs use maps" + (f": {names}" if names else ""))

    return Check(NAME, title, run, said_in("own_maps"))


def used_maps(seen: Observation, mine: list[Attachment]) -> set[int]:
    """Ids of the maps that the programs at these attachments use."""
    programs = {one.program_id for one in mine}
    return {number for one in seen.kernel.programs if one.id in programs for number in one.map_ids}
