"""Exercise 5, judged from a real run: a probe that sits elsewhere is named by its place."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from grader.observation import Attachment, KernelFacts

from .recorded_run import COMPLETES, MAKES, RIGHT, RUN, TWIN, first_failure


def attached(*attachments: Attachment) -> KernelFacts:
    return dataclasses.replace(RUN.kernel, attachments=attachments)


def moved(**change: Any) -> KernelFacts:
    """Every attachment of the solution, changed."""
    return attached(*(dataclasses.replace(one, **change) for one in RUN.kernel.attachments))


OFFSETS = RUN.recordings[0].offsets
BY_PLACE = {one.offset: one for one in RUN.kernel.attachments}
MAKER, COMPLETER = BY_PLACE[OFFSETS[MAKES]], BY_PLACE[OFFSETS[COMPLETES]]
PLACES: dict[str, tuple[KernelFacts, str]] = {
    "nowhere": (attached(), "nothing_attached"),
    "the twin": (
        attached(MAKER, dataclasses.replace(COMPLETER, offset=OFFSETS[TWIN])),
        "cold_twin",
    ),
    "only one": (attached(MAKER), "not_all_attached"),
    "returns": (moved(kind="uretprobe"), "return_instead_of_entry"),
    "kernel functions": (moved(kind="kprobe", where="do_sys_open", offset=0), "not_a_uprobe"),
    "other functions": (moved(offset=4096), "wrong_function"),
    "one other function": (
        attached(MAKER, dataclasses.replace(COMPLETER, offset=4096)),
        "wrong_function",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_probe_at_the_wrong_place_is_named(place: str) -> None:
    kernel, cause = PLACES[place]
    assert first_failure(RIGHT, kernel) == ("probes_on_both_functions", cause)


@pytest.mark.parametrize(
    ("path", "cause"), [("/tmp/tritonserver", "another_file"), ("/run/target/tritonserver", "never_ran")]
)
def test_a_program_that_never_ran_sits_on_another_file_or_is_told_so(path: str, cause: str) -> None:
    programs = tuple(dataclasses.replace(one, run_count=0) for one in RUN.kernel.programs)
    kernel = dataclasses.replace(moved(where=path), programs=programs)
    assert first_failure(RIGHT, kernel) == ("ran", cause)
