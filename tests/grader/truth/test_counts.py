"""Counts are compared exactly, but for the edge."""

import pytest

from grader.found import why
from grader.truth.counts import Count, compare, compare_table, sentence
from grader.verdict import Outcome


@pytest.mark.parametrize("got", [211, 212, 213])
def test_any_number_from_inside_to_edge_is_right(got: int) -> None:
    assert compare(got, Count(211, 2)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("got", "cause", "said"),
    [
        (0, "count_zero", "sent 211, your tracer counted 0 (none at all)"),
        (210, "count_too_low", "sent 211, your tracer counted 210 (1 too few)"),
        (212, "count_too_high", "sent 211, your tracer counted 212 (1 too many)"),
        (422, "count_multiple", "sent 211, your tracer counted 422 (exactly twice)"),
        (633, "count_multiple", "sent 211, your tracer counted 633 (exactly three times)"),
        (1477, "count_multiple", "sent 211, your tracer counted 1477 (exactly 7 times)"),
    ],
)
def test_a_wrong_number_says_how(got: int, cause: str, said: str) -> None:
    found = compare(got, Count(211), whys=[why("look")])
    assert found.outcome is Outcome.FAIL
    assert (found.cause, found.numbers, found.whys) == (cause, said, (why("look"),))
    assert (found.expected, found.got, found.tolerance) == (211, got, 0)


def test_a_right_number_has_no_cause() -> None:
    right = compare(211, Count(211), whys=[why("attached_twice")])
    assert (right.cause, right.whys) == ("", ())


def test_twice_of_something_with_an_edge_is_still_twice() -> None:
    assert "exactly twice" in sentence(424, Count(211, 3))
    assert sentence(213, Count(211, 3)) == "sent 211 (or up to 214), your tracer counted 213"


def test_a_table_names_the_wrong_keys_only() -> None:
    finding = compare_table({"a": 3, "b": 5, "d": 1}, {"a": Count(3), "b": Count(4), "c": Count(2)})
    assert finding.outcome is Outcome.FAIL
    assert finding.numbers.splitlines() == [
        "b: expected 4, got 5 (1 too many)",
        "c: expected 2, got 0 (none at all)",
        "d: expected 0, got 1 (1 too many)",
    ]
    assert finding.got == {"a": 3, "b": 5, "c": 0, "d": 1}


def test_a_further_key_is_wrong_unless_it_holds_nothing() -> None:
    truth = {"a": Count(3)}
    assert compare_table({"a": 3, "x": 9}, truth).outcome is Outcome.FAIL
    assert compare_table({"a": 3, "x": 0}, truth).outcome is Outcome.PASS


def test_a_long_table_says_where_the_rest_is_shown() -> None:
    lines = compare_table(
        {}, {str(row): Count(row) for row in range(1, 8)}, unit="calls"
    ).numbers.splitlines()
    assert lines[:2] == ["1: expected 1, got 0 (none at all)", "2: expected 2 calls, got 0 (none at all)"]
    assert lines[4:] == ["and 3 more; `lab run` shows them all"]
