"""Counting what passed and failed over all stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.dev.tally import Tally, of_junit, one

RESULTS = """<testsuites><testsuite>
<testcase classname="tests.a" name="good"/>
<testcase classname="tests.a" name="bad"><failure message="x"/></testcase>
<testcase classname="tests.a" name="broken"><error message="x"/></testcase>
<testcase classname="tests.a" name="left_out"><skipped/></testcase>
</testsuite></testsuites>"""


def test_failures_and_errors_are_named_and_skipped_tests_do_not_count_as_passed(tmp_path: Path) -> None:
    (tmp_path / "results.xml").write_text(RESULTS)
    assert of_junit(tmp_path / "results.xml", 1) == Tally(1, ("tests.a.bad", "tests.a.broken"))


@pytest.mark.parametrize("content", [None, "", "<testsuites>"])
def test_a_run_without_results_is_a_failure(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "results.xml").write_text(content)
    assert len(of_junit(tmp_path / "results.xml", 4).failed) == 1


def test_a_run_that_collected_nothing_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "results.xml").write_text("<testsuites/>")
    assert len(of_junit(tmp_path / "results.xml", 5).failed) == 1


def test_the_closing_line_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    (one("mypy", True) + one("ruff", False) + Tally(3)).print_closing()
    assert capsys.readouterr().out == "FAILED ruff\n4 passed, 1 failed\n"
