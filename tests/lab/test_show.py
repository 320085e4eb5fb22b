"""What `lab show` draws, and says in sentences, of recorded runs and of tracers with mistakes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grader.observation import BadReport, KernelFacts, Observation, Report
from grader.truth.durations import Pair, Planted, Standing
from lab import checkout, cli
from lab.comparison.compare import Comparison, compare
from lab.comparison.drawn import drawn, spots
from lab.comparison.duration_pairs import pairs_of
from lab.comparison.in_words import in_words
from lab.comparison.reference_run import recorded
from lab.one_check import saved
from lab.settle import Settled
from lab.terminal import is_plain
from lab.workspace import Workspace
from tests.exercises.simulated import SERVER, container, triton_report, triton_run
from tests.exercises.test_checks_of_05 import TARGETS as TARGETS_OF_05
from tests.exercises.test_checks_of_05 import seen as seen_by_05
from tests.exercises.test_checks_of_05 import tracer as tracer_of_05
from tests.lab.test_comparison import VERDICT
from vocabulary.exit_codes import PASSED

SLUGS = checkout.slugs()
WIDTHS = (60, 80, 120)
BARS = set("█▀▄─├┤│")
Document = dict[str, Any]


def run_of(slug: str) -> Observation:
    """The recorded run of the solution."""
    seen = recorded(checkout.exercise(slug))
    assert seen is not None
    return seen


def with_events(slug: str, change: Callable[[int, Document], Document | None]) -> Observation:
    """The solution's run with another list of events; None leaves an event out."""
    seen = run_of(slug)
    assert isinstance(seen.report, Report)
    events = (change(place, dict(event)) for place, event in enumerate(seen.report.document["events"]))
    document = {**seen.report.document, "events": [event for event in events if event is not None]}
    return replace(seen, report=Report(document, bytes=9))


def longer(factor: float, every: int = 1) -> Callable[[int, Document], Document]:
    """Durations so many times as long, of each `every`th event."""

    def change(place: int, event: Document) -> Document:
        name = "duration_ns" if "duration_ns" in event else "latency_ns"
        return {**event, name: int(event[name] * factor)} if place % every == 0 else event

    return change


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


def compared(seen: Observation) -> Comparison:
    """Beside the solution's run."""
    exercise = checkout.exercise(seen.exercise)
    return compare(exercise, seen, recorded(exercise))


def picture(comparison: Comparison, width: int) -> str:
    """As a terminal of this width would show it, without colours."""
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(drawn(comparison, width))
    return out.getvalue()


def numbers(text: str) -> set[str]:
    """Every number in a text, with its unit."""
    return set(re.findall(r"\d+(?:[,.]\d+)*(?: (?:ns|us|ms|s)\b)?", text))


# --- the same content at every width, and in sentences ---


@pytest.mark.parametrize(("slug", "name"), EVERY_RUN)
def test_every_run_can_be_shown_and_no_line_is_too_long(slug: str, name: str) -> None:
    comparison = compared(RUNS[name](slug))
    for width in WIDTHS:
        for text in (picture(comparison, width), in_words(comparison, width)):
            assert max(map(len, text.splitlines())) <= width
            assert "\x1b" not in text


@pytest.mark.parametrize("slug", SLUGS)
def test_picture_and_sentences_hold_the_same_numbers_and_only_the_picture_is_drawn(slug: str) -> None:
    comparison = compared(run_of(slug))
    told = in_words(comparison)
    assert not BARS & set(told)
    # 120 columns break no number; the places on the time line and its beginning are drawing.
    shown = re.sub(r"(?m)^  ├.*$|^  0 s.*$", "", picture(comparison, 120))
    assert numbers(shown.replace(" ns", "")) == numbers(told.replace(" ns", ""))


def test_a_sentence_is_whole_in_a_file_and_wrapped_for_a_terminal() -> None:
    comparison = compared(run_of("04-kprobes"))
    whole, wrapped = in_words(comparison), in_words(comparison, 60)
    assert wrapped.split() == whole.split()
    assert len(wrapped.splitlines()) > len(whole.splitlines())


# --- counts ---


def test_a_number_that_may_be_one_of_several_is_right_when_it_is_one_of_them() -> None:
    told = in_words(compared(run_of("04-kprobes")))
    assert "counts.epoll_wait.calls: expected 1,318 to 1,330, reported 1,324: right." in told
    assert "differs" not in told


def test_a_wrong_number_is_named_on_both_sides() -> None:
    seen = run_of("02-hello-world")
    assert isinstance(seen.report, Report)
    counts = {name: 2 * number for name, number in seen.report.document["counts"].items()}
    comparison = compared(replace(seen, report=Report({"counts": counts}, bytes=9)))
    assert "counts.dusty-otter: expected 48, reported 96: exactly twice." in in_words(comparison)
    assert re.search(r"counts\.dusty-otter +48 +96 +exactly twice +█+▄+", picture(comparison, 80))


def test_a_tracer_that_sees_only_the_servers_process_stands_beside_the_container_of_a_simulated_run() -> None:
    run = triton_run()
    document = triton_report(
        run.recordings[0].calls, lambda every: [one for one in container(every) if one.pid == SERVER]
    )
    comparison = compared(replace(run, report=Report(document, bytes=9)))
    marks = {row.name: row.mark for row in comparison.rows}
    assert all(
        marks[f"counts.{name}.calls"].endswith("too few") for name in ("readv", "writev", "epoll_wait")
    )
    right = compared(replace(run, report=Report(triton_report(run.recordings[0].calls), bytes=9)))
    assert {row.mark for row in right.rows} == {"right", ""}


# --- durations ---


@pytest.mark.parametrize("slug", ["04-kprobes", "05-uprobes"])
def test_the_graded_durations_come_first_and_a_right_tracer_has_no_plateau_that_fails(slug: str) -> None:
    first = compared(run_of(slug)).distributions[0]
    assert {one.standing for one in first.plateaus} == {Standing.PASS}
    assert [one.name for one in first.percentiles] == ["p50", "p90", "p99"]
    assert all(one.plateau for one in first.percentiles)


@pytest.mark.parametrize(("slug", "factor"), [("04-kprobes", 0.001), ("05-uprobes", 2.0)])
def test_percentiles_and_plateaus_show_a_wrong_factor(slug: str, factor: float) -> None:
    first = compared(with_events(slug, longer(factor))).distributions[0]
    for one in first.percentiles:
        assert one.reported_ns == pytest.approx(one.recorded_ns * factor, rel=0.05)
    assert {one.standing for one in first.plateaus} == {Standing.FAIL}


def test_each_percentile_stands_beside_the_bin_that_it_lies_in() -> None:
    shown = picture(compared(with_events("04-kprobes", longer(0.001))), 80)
    assert re.search(r"56\.2 ms +100 ms .* p50 recorder", shown)
    assert re.search(r"56\.2 us +100 us .* p50 yours", shown)


def test_latencies_that_end_at_the_second_call_are_all_off_in_their_plateaus() -> None:
    first = compared(seen_by_05(tracer_of_05(TARGETS_OF_05, last=2))).distributions[0]
    assert {one.standing for one in first.plateaus} == {Standing.FAIL}
    assert all((one.reported_ns or 0) < one.recorded_ns for one in first.percentiles)


def test_without_a_single_event_the_recorders_durations_are_still_there() -> None:
    told = in_words(compared(with_events("04-kprobes", lambda _place, _event: None)))
    assert "1318 recorded, 0 reported, 1318 missing." in told
    assert "your tracer not reported" in told


# --- the time line ---


@pytest.mark.parametrize(
    ("slug", "how"), [("04-kprobes", "the client waited"), ("05-uprobes", "the model slept")]
)
def test_the_worst_events_have_what_was_planted_recorded_and_reported(slug: str, how: str) -> None:
    wrong = compared(with_events(slug, longer(3.0, every=5)))
    assert [one.at_ns for one in wrong.worst] == sorted(one.at_ns for one in wrong.worst)
    assert all(one.pair.bad and one.planted and 0 < one.at_ns < wrong.run_ns for one in wrong.worst)
    told = in_words(compared(run_of(slug)))
    assert re.search(r"planted \d+ ms \(the model slept\), recorded [\d.]+ ms, reported [\d.]+ ms", told)


def test_where_only_events_that_nobody_planted_are_wrong_these_are_the_worst() -> None:
    def wrapped(_place: int, event: Document) -> Document:
        return {**event, "duration_ns": event["duration_ns"] % 2**32}

    worst = compared(with_events("04-kprobes", wrapped)).worst
    assert all(one.pair.bad and one.planted is None for one in worst)


@pytest.mark.parametrize(("slug", "least"), [("04-kprobes", 500), ("05-uprobes", 370)])
def test_what_was_planted_is_found_for_nearly_every_recorded_event(slug: str, least: int) -> None:
    exercise, seen = checkout.exercise(slug), run_of(slug)
    assert exercise.planted_durations is not None
    planted = {(one.tid, one.entry_ns): one for one in exercise.planted_durations(seen)}
    assert len(planted) >= least
    lasted = {
        (pair.tid, pair.entry_ns): pair.planted_ns
        for pair in _all_pairs(seen)
        if (pair.tid, pair.entry_ns) in planted
    }
    assert lasted.keys() == planted.keys()
    assert all(2 * lasted[key] > one.duration_ns for key, one in planted.items())


def _all_pairs(seen: Observation) -> list[Pair]:
    return [pair for some in pairs_of(checkout.exercise(seen.exercise), seen).values() for pair in some]


@pytest.mark.parametrize("slug", ["04-kprobes", "05-uprobes"])
def test_nothing_is_said_to_be_planted_where_ledger_and_recorder_hold_different_numbers(slug: str) -> None:
    exercise, seen = checkout.exercise(slug), run_of(slug)
    assert exercise.planted_durations is not None
    first = next(unit for unit in seen.ledger if unit.ok)
    fewer = replace(seen, ledger=tuple(unit for unit in seen.ledger if unit is not first))
    assert {one.how for one in exercise.planted_durations(fewer)} <= {"the client gave up"}


def streams_planted(seen: Observation) -> Sequence[Planted]:
    found = checkout.exercise("05-uprobes").planted_durations
    assert found is not None
    return found(seen)


def test_two_calls_that_overtook_each_other_are_said_to_be_nothing() -> None:
    seen = run_of("05-uprobes")
    mine = [unit for unit in seen.ledger if seen.target and unit.who == seen.target.name]
    answered = [unit for unit in mine if unit.detail["status"] == "OK"]
    short = min(answered, key=lambda unit: unit.detail["sleep_ms"])
    long = max(answered, key=lambda unit: unit.detail["sleep_ms"])
    swapped = {id(short): long.detail, id(long): short.detail}
    ledger = tuple(replace(unit, detail=swapped.get(id(unit), unit.detail)) for unit in seen.ledger)
    before, after = streams_planted(seen), streams_planted(replace(seen, ledger=ledger))
    assert len(before) - len(after) == 2
    assert set(after) < set(before)


def test_calls_that_were_given_up_and_never_arrived_leave_the_answered_ones_their_lengths() -> None:
    seen = run_of("05-uprobes")
    twice = next(unit for unit in seen.ledger if unit.detail.get("status") == "CANCELLED")
    more = streams_planted(replace(seen, ledger=(*seen.ledger, twice)))
    assert more == [one for one in streams_planted(seen) if one.how == "the model slept"]


def test_events_on_the_time_line_keep_their_order_where_they_lie_close() -> None:
    assert spots([0.0, 0.0, 0.5, 1.0, 1.0], 11) == "12───3───45"


# --- cost ---


def test_a_program_at_a_place_of_its_own_stands_beside_nothing() -> None:
    seen = run_of("02-hello-world")
    (place,) = seen.kernel.attachments
    moved = replace(seen.kernel, attachments=(replace(place, kind="tracepoint", where="sys_enter_execve"),))
    told = in_words(compared(replace(seen, kernel=moved)))
    assert (
        "tracepoint on sys_enter_execve: yours 105 runs, 95,240 ns each; the solution has none here." in told
    )
    assert "kprobe on execve: yours has none here; the solution's 105 runs, 95,240 ns each." in told


def test_where_the_kernel_measured_no_time_none_is_shown() -> None:
    seen = run_of("02-hello-world")
    idle = tuple(replace(one, run_time_ns=0) for one in seen.kernel.programs)
    comparison = compared(replace(seen, kernel=replace(seen.kernel, programs=idle)))
    assert "yours 105 runs, no time known; the solution's 105 runs, 95,240 ns each." in in_words(comparison)


def test_an_exercise_without_a_recorded_solution_shows_the_cost_of_the_tracer_alone() -> None:
    seen = run_of("02-hello-world")
    alone = compare(checkout.exercise(seen.exercise), seen)
    assert "kprobe on execve: yours 105 runs, 95,240 ns each; the solution has none here." in in_words(alone)
    assert "The solution has no recorded run to compare with." in in_words(alone)
    assert "95,240         -" in picture(alone, 80)


def test_two_programs_at_one_place_are_one_cost() -> None:
    seen = run_of("02-hello-world")
    (program,), (place,) = seen.kernel.programs, seen.kernel.attachments
    twin = replace(program, id=1, run_count=3 * program.run_count, run_time_ns=program.run_time_ns)
    both = replace(seen.kernel, programs=(program, twin), attachments=(place, replace(place, program_id=1)))
    assert "kprobe on execve: yours 420 runs, 47,620 ns each" in in_words(
        compared(replace(seen, kernel=both))
    )


def test_another_kind_of_machine_is_named_beside_the_solutions() -> None:
    seen = run_of("02-hello-world")
    assert "Another machine" not in in_words(compared(seen))
    elsewhere = replace(seen, host=replace(seen.host, kind="ssh", accel="none"))
    assert "Yours: ssh, kernel" in in_words(compared(elsewhere))
    assert "Another machine: compare programs, not times." in in_words(compared(elsewhere))


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
