"""Why callers are counted wrongly: what the kernel's facts and the report's names show."""

from __future__ import annotations

from collections.abc import Mapping

from grader.checks.maps import full_maps, losses, map_full
from grader.found import Why, why
from grader.observation import Observation
from grader.place import how_often
from grader.truth.calls import recording
from grader.truth.counts import Count

from .trace_buffer import EXECVE
from .traffic import CANARY, PROGRAM, planted

Expected = Mapping[str, Count]
Got = Mapping[str, int]


def why_wrong(seen: Observation, expected: Expected, got: Got) -> list[Why]:
    """The mistakes that fit."""
    often = how_often(seen, EXECVE)
    if often > 1 and all(
        often * count.inside <= got.get(name, 0) <= often * count.high for name, count in expected.items()
    ):
        return [why("attached_twice", often=often)]
    full = full_maps(seen)
    if full and any(got.get(name, 0) == 0 for name in expected):
        return [map_full(full[0])]
    if own := what_python_did(expected, got):
        return [why(own)]
    if short := cut_short(expected, got):
        return [why("names_cut", name=repr(short))]
    if from_another_run(seen, expected, got):
        return [why("callers_unknown")]
    if not got:
        return [why("report_empty")]
    known = {name: number for name, number in got.items() if name in expected}
    return losses(seen, expected, known) or [why("callers_wrong")]


def what_python_did(expected: Expected, got: Got) -> str:
    """A mistake that the report alone shows, whatever the map held."""
    missing = {name for name in expected if name not in got}
    if missing and all(f"b'{name}'" in got for name in missing):
        return "names_as_bytes"
    if missing and all(any(name in longer for longer in got) for name in missing):
        return "names_changed"
    return "set_to_one" if not missing and all(got[name] == 1 for name in expected) else ""


def cut_short(expected: Expected, got: Got) -> str:
    """A name in the report that is only the beginning of a caller's, when that explains all that are missing;
    empty when not.
    """
    missing = [name for name in expected if not got.get(name)]
    # No name at all is the beginning of every name, and another mistake.
    begun = [one for one, number in got.items() if one and number]
    found = [[one for one in begun if name.startswith(one)] for name in missing]
    return found[0][0] if found and all(found) else ""


def from_another_run(seen: Observation, expected: Expected, got: Got) -> bool:
    """Whether the report has names that nobody had here, and none of this run's callers.

    The canary and the lab's own programs are in every run, so they say nothing.
    """
    callers = {*expected, *planted(seen, "forks"), PROGRAM} - {CANARY}
    here = {call.comm for call in recording(seen).calls} | {CANARY}
    return bool(got.keys() - here) and not got.keys() & callers
