"""Misconceptions on recorded runs: each shows in the traffic, and a verdict names all that fit."""

from __future__ import annotations

import pytest

from grader.report.fields import flat_numbers
from tests.exercises.recorded_runs import SLUGS, failure, printed, recorded
from tests.exercises.simulated import exercise

KNOWN = {slug: {one.cause: one for one in exercise(slug).misconceptions} for slug in SLUGS}
CASES = [(slug, cause) for slug in SLUGS for cause in KNOWN[slug]]


@pytest.mark.parametrize(("slug", "cause"), CASES)
def test_the_traffic_makes_the_mistake_show(slug: str, cause: str) -> None:
    wrong, summary = KNOWN[slug][cause].numbers(recorded(slug)), exercise(slug).summary
    assert summary is not None
    truth = summary(recorded(slug))
    assert wrong and {key: truth.get(key, 0) for key in wrong} != wrong


@pytest.mark.parametrize(("slug", "cause"), CASES)
def test_every_mistake_that_prints_these_numbers_is_named(slug: str, cause: str) -> None:
    seen, known = recorded(slug), KNOWN[slug]
    document = printed(slug, known[cause].numbers(seen))
    flat = flat_numbers(document)
    alike = {
        name
        for name, misconception in known.items()
        if all(flat.get(key) == number for key, number in misconception.numbers(seen).items())
    }
    found = failure(slug, document)
    assert cause in alike
    unnamed = {name for name in alike if known[name].sentence not in found.message}
    assert unnamed <= {found.cause}
    # Which of them is the cause is declared with a reason, and no matter of their names.
    named = next((one for one in exercise(slug).misconceptions if one.cause in alike), None)
    assert named is not None
    assert alike - {named.cause} <= set(named.likelier_than)


def test_filters_that_let_nothing_through_are_named_together() -> None:
    for slug in ("04-kprobes", "05-uprobes"):
        found = failure(slug, printed(slug, nothing(slug)) | {"events": []})
        assert found.cause == "thread_id_as_pid"
        assert "only the main thread fits; or the filter asks for process id 1" in found.message


def nothing(slug: str) -> dict[str, float]:
    """No number at all."""
    if slug == "05-uprobes":
        return dict.fromkeys(("streams", "completed", "cancelled", "calls"), 0)
    names = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")
    return {f"counts.{name}.{field}": 0 for name in names for field in ("calls", "with_data")}
