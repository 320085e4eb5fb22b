"""Jobs at the same time: results in order, errors at once, nobody waited for."""

import threading

import pytest

from grader.observing.together import together


def test_results_come_in_the_order_of_the_jobs() -> None:
    first_may_end = threading.Event()

    def first() -> str:
        assert first_may_end.wait(30)
        return "first"

    def second() -> str:
        first_may_end.set()
        return "second"

    assert together([first, second]) == ["first", "second"]


def test_an_error_is_raised_although_another_job_still_waits() -> None:
    never = threading.Event()

    def broken() -> bool:
        raise ConnectionError("lost")

    with pytest.raises(ConnectionError, match="lost"):
        together([never.wait, broken])
    never.set()


def test_no_jobs_have_no_results() -> None:
    assert together([]) == []
