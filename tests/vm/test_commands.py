"""What is said of a command that ended, and which end counts as a time limit."""

from __future__ import annotations

import pytest

from vm.command import CommandFailed, RawCompleted, ended_by_limit, shown


def test_a_failed_command_says_its_exit_code_and_the_end_of_what_it_wrote() -> None:
    error = CommandFailed(["ls", "/no where"], RawCompleted(2, b"", b"one\ntwo\nthree\nfour\n").decoded())
    assert error.message == "`ls '/no where'` ended with exit code 2 on the lab host: two / three / four"


def test_a_failed_command_that_wrote_only_to_standard_output_still_says_why() -> None:
    assert CommandFailed(["x"], RawCompleted(1, b"because", b"").decoded()).message.endswith(": because")


def test_bytes_that_are_no_utf8_do_not_break_a_command() -> None:
    assert RawCompleted(0, b"a\xffb", b"").decoded().stdout == "a�b"


def test_a_long_command_is_cut_to_fit_a_message() -> None:
    assert len(shown(["sh", "-c", "x" * 500])) == 120


@pytest.mark.parametrize(
    ("exit_code", "elapsed_s", "limit"),
    [
        (124, 10.0, True),
        (137, 15.0, True),
        (124, 0.5, False),  # the command's own 124
        (1, 11.0, False),
    ],
)
def test_only_the_limits_own_exit_codes_after_the_limit_are_a_time_out(
    exit_code: int, elapsed_s: float, limit: bool
) -> None:
    assert ended_by_limit(exit_code, elapsed_s, 10.0) is limit
