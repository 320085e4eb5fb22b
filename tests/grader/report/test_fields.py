"""A wrong field is named with its path."""

from collections.abc import Callable

import pytest

from grader.report.fields import Fields, ReportProblem, flat_numbers

REPORT = {
    "count": 3,
    "half": 0.5,
    "yes": True,
    "name": "readv",
    "negative": -1,
    "huge": 2**63,
    "none": None,
    "counts": {"readv": 2, "bad": "two"},
    "events": [{"duration_ns": 5}, {"duration_ns": -1}, 7],
}


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (lambda report: report.count("missing"), "missing is missing (the report has count, counts, "),
        (lambda report: report.count("half"), "half is 0.5, must be a whole number"),
        (lambda report: report.count("yes"), "yes is true, must be a whole number"),
        (lambda report: report.count("none"), "none is null, must be a whole number"),
        (lambda report: report.count("negative"), "negative is -1, must be 0 or more"),
        (lambda report: report.count("huge"), "huge is 9223372036854775808, larger than any count can be"),
        (lambda report: report.number("name"), "name is 'readv', must be a number"),
        (lambda report: report.number("negative", low=0), "negative is -1, must be 0 or more"),
        (lambda report: report.text("count"), "count is 3, must be a text"),
        (lambda report: report.fields("count"), "count is 3, must be an object"),
        (lambda report: report.counts("counts"), "counts.bad is 'two', must be a whole number"),
        (lambda report: report.items("counts"), "counts is an object, must be a list"),
        (lambda report: report.items("events"), "events[2] is 7, must be an object"),
        (lambda report: report.items("events", most=2), "events has 3 entries, more than 2"),
    ],
)
def test_a_wrong_field_is_named(read: Callable[[Fields], object], said: str) -> None:
    with pytest.raises(ReportProblem) as problem:
        read(Fields(REPORT))
    assert str(problem.value).startswith(said)


def test_a_field_in_a_list_is_named_with_its_index() -> None:
    events = Fields({"events": [{"duration_ns": 5}, {"duration_ns": -1}]}).items("events")
    assert events[0].count("duration_ns") == 5
    with pytest.raises(ReportProblem, match=r"^events\[1\]\.duration_ns is -1, must be 0 or more$"):
        events[1].count("duration_ns")


def test_nan_is_no_number_at_least_zero() -> None:
    with pytest.raises(ReportProblem):
        Fields({"x": float("nan")}).number("x", low=0)


def test_flat_numbers_are_dotted_and_lists_count_by_length() -> None:
    assert flat_numbers({"counts": {"readv": {"calls": 2}}, "events": [1, 2], "on": True, "name": "x"}) == {
        "counts.readv.calls": 2,
        "events.length": 2,
    }
