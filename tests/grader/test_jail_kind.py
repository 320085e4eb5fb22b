"""Which jail an exercise's tracers get is known before there is a tracer."""

from __future__ import annotations

import pytest

from grader.observing.jail_kind import jail_kind
from lab import checkout


@pytest.mark.parametrize("number, ahead", [("4", ("bcc",)), ("10", ())])
def test_bcc_is_imported_ahead_only_where_the_starter_imports_it(number: str, ahead: tuple[str, ...]) -> None:
    assert jail_kind(checkout.exercise(number), None).ahead == ahead


def test_what_an_exercise_needs_is_part_of_the_kind() -> None:
    assert jail_kind(checkout.exercise("5"), None).needs == ("uprobes",)
    assert jail_kind(checkout.exercise("4"), None).needs == ()
