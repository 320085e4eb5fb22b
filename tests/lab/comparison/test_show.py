"""What `lab show` draws, and says in sentences: the same, at every width, of any run."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grader.observation import BadReport, KernelFacts, Observation, Report
from lab import cli
from lab.comparison.in_words import in_words
from lab.one_check import saved
from lab.settle import Settled
from lab.terminal import is_plain
from lab.workspace import Workspace
from tests.exercises.recorded_runs import SLUGS
from tests.lab.comparison.shown_runs import compared, picture, right, run_of
from tests.lab.small_run import VERDICT
from vocabulary.exit_codes import PASSED

WIDTHS = (60, 80, 120)
BARS = set("█▀▄─├┤│")


def hostile(slug: str) -> Observation:
    """A tracer that prints colours, markup, huge numbers, and far too many of them."""
    numbers = {f"n{place}": place for place in range(5000)}
    document = {"\x1b[31mred[/bold]": 2**62, "[red]": -1, "x" * 200: 0.5, **numbers}
    return replace(run_of(slug), report=Report(document, bytes=9))


RUNS: dict[str, Callable[[str], Observation]] = {
    "right": run_of,
    "no report": lambda slug: replace(run_of(slug), report=BadReport("none")),
    "no traffic": lambda slug: replace(
        run_of(slug),
        report=BadReport("none"),
        recordings=(),
        ledger=(),
        kernel=KernelFacts(),
        traffic_ran=False,
    ),
    "hostile": hostile,
}
EVERY_RUN = [(slug, name) for slug in SLUGS for name in RUNS]


def numbers(text: str) -> set[str]:
    """Every number in a text, with its unit."""
    return set(re.findall(r"\d+(?:[,.]\d+)*(?: (?:ns|us|ms|s)\b)?", text))


@pytest.mark.parametrize(("slug", "name"), EVERY_RUN)
def test_every_run_can_be_shown_and_no_line_is_too_long(slug: str, name: str) -> None:
    comparison = compared(RUNS[name](slug))
    for width in WIDTHS:
        for text in (picture(comparison, width), in_words(comparison, width)):
            assert max(map(len, text.splitlines())) <= width
            assert "\x1b" not in text


@pytest.mark.parametrize("slug", SLUGS)
def test_picture_and_sentences_hold_the_same_numbers_and_only_the_picture_is_drawn(slug: str) -> None:
    comparison = right(slug)
    told = in_words(comparison)
    assert not BARS & set(told)
    # 120 columns break no number; the places on the time line and its beginning are drawing.
    shown = re.sub(r"(?m)^  ├.*$|^  0 s.*$", "", picture(comparison, 120))
    assert numbers(shown.replace(" ns", "")) == numbers(told.replace(" ns", ""))


def test_a_sentence_is_whole_in_a_file_and_wrapped_for_a_terminal() -> None:
    comparison = right("04-kprobes")
    whole, wrapped = in_words(comparison), in_words(comparison, 60)
    assert wrapped.split() == whole.split()
    assert len(wrapped.splitlines()) > len(whole.splitlines())


# --- who gets which ---


@pytest.mark.parametrize(
    ("terminal", "environment", "plain"),
    [
        (True, {"TERM": "xterm-256color"}, False),
        (False, {"TERM": "xterm-256color"}, True),
        (True, {"TERM": "dumb"}, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, True),
    ],
)
def test_bars_are_for_terminals_that_want_them(
    terminal: bool, environment: dict[str, str], plain: bool
) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert is_plain(Console(file=out, force_terminal=terminal, _environ=environment)) is plain


def test_a_terminal_without_unicode_gets_sentences() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert is_plain(Console(file=out, force_terminal=True, _environ={"TERM": "xterm"}))


@pytest.mark.parametrize(("option", "bars"), [("--plain", False), ("--drawn", True), ("", False)])
def test_show_prints_the_verdict_the_numbers_and_where_the_page_is(
    option: str,
    bars: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    verdict = replace(VERDICT, exercise="02-hello-world")
    saved(Workspace(Path("lab-work")), Settled(verdict, (run_of("02-hello-world"),)), practice=False)
    assert cli.run(["show", "2", *([option] if option else [])]) == PASSED
    shown = capsys.readouterr().out
    assert bool(BARS & set(shown)) is bars
    parts = ["Counts are exact.", "counts.dusty-otter", "kprobe on execve", "page: file://"]
    assert [part for part in parts if part not in shown] == []
    assert shown.count("95,240") >= 2
    page = (tmp_path / "lab-work/.lab/pages/02-hello-world.html").read_text()
    assert "105 runs, 95,240 ns each" in page
