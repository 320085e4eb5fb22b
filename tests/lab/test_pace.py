"""How long a wait still takes, by the lines it prints."""

from __future__ import annotations

import pytest

from lab import checkout
from lab.built_in_pace import BUILT_IN
from lab.demo import CHECKED, wait_name
from lab.pace import Journey, about, known_left_s, milestone
from lab.start_ahead import START, Ahead, StartAhead

# Three stages of 100, 200 and 300 seconds.
LEFT_S = {"building": 600.0, "booting": 500.0, "preparing": 300.0}


@pytest.mark.parametrize(
    ("line", "known_by"),
    [
        ("image 1/3: packing, about 63 s left", "image 1/3: packing"),
        ("the lab host has started (43 s), preparing it", "the lab host has started"),
        ("the lab host is not running: starting it, about 5 s", "the lab host is not running: starting it"),
        ("  warming the Triton servers", "warming the Triton servers"),
    ],
)
def test_a_line_is_known_again_though_its_numbers_change(line: str, known_by: str) -> None:
    assert milestone(line) == known_by


@pytest.mark.parametrize("seconds", [1, 40, 60, 400, 4000])
def test_a_line_is_known_again_whatever_time_is_told_in_it(seconds: float) -> None:
    assert milestone(StartAhead(Ahead.RESTORE, seconds).line) == str(Ahead.RESTORE)
    assert milestone(StartAhead(Ahead.BUILD, seconds).line) == str(Ahead.BUILD)


def test_at_the_known_pace_the_known_time_is_left() -> None:
    journey = Journey(LEFT_S)
    journey.passes("building", 0)
    assert journey.left_s(0) == 600
    assert journey.left_s(60) == pytest.approx(540)
    journey.passes("booting", 100)
    assert journey.left_s(150) == pytest.approx(450)


def test_a_machine_at_half_the_pace_needs_twice_the_time() -> None:
    journey = Journey(LEFT_S)
    journey.passes("building", 0)
    journey.passes("booting", 200)
    journey.passes("preparing", 600)
    left_s = journey.left_s(600)
    assert left_s is not None
    assert 500 < left_s < 600  # a little less: one slow stage is no proof


def test_a_stage_that_takes_longer_leaves_the_later_ones_to_come() -> None:
    journey = Journey(LEFT_S)
    journey.passes("building", 0)
    seen = [journey.left_s(at_s) for at_s in (0, 99, 150, 400, 1000)]
    assert all(left_s is not None and left_s >= 500 for left_s in seen)
    assert seen[4] > seen[3]  # type: ignore[operator]


def test_lines_that_nobody_knows_change_nothing() -> None:
    journey = Journey(LEFT_S)
    journey.passes("something new", 0)
    assert journey.left_s(5) is None
    journey.passes("booting", 10)
    journey.passes("something else", 20)
    assert journey.left_s(20) == pytest.approx(490)


def test_stages_beside_each_other_may_come_in_any_order() -> None:
    journey = Journey(LEFT_S | {"container root": 550.0})
    for at_s, line in enumerate(("building", "booting", "container root")):
        journey.passes(line, 10 * at_s)
    left_s = journey.left_s(30)
    assert left_s is not None
    assert 0 < left_s <= 550


def test_what_was_learned_is_the_time_from_each_line_to_the_end() -> None:
    journey = Journey({})
    for at_s, line in ((0, "building"), (10, "booting (1 s)"), (20, "booting (2 s)")):
        journey.passes(line, at_s)
    assert journey.learned(35) == {"building": 35, "booting": 25}


def test_before_the_first_time_the_built_in_times_go_at_the_pace_of_what_was_seen() -> None:
    assert known_left_s(LEFT_S, {}) == LEFT_S
    known = known_left_s(LEFT_S, {"preparing": 30.0})
    assert known == {"building": 60, "booting": 50, "preparing": 30}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (7, "a few seconds"),
        (9, "about 10 s"),
        (38, "about 40 s"),
        (57, "about a minute"),
        (89, "about a minute"),
        (100, "about 2 minutes"),
        (220, "about 4 minutes"),
        (11.6 * 60, "about 12 minutes"),
        (33 * 60, "about 35 minutes"),
    ],
)
def test_times_are_told_in_whole_words(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_a_short_wait_says_nothing_about_the_long_ones() -> None:
    assert known_left_s(LEFT_S | {"resuming": 5.0}, {"resuming": 1.0}) == LEFT_S | {"resuming": 1.0}


def test_the_built_in_times_are_those_of_milestones() -> None:
    names = [name for left_s in BUILT_IN.values() for name in left_s]
    assert [milestone(name) for name in names] == names
    # What is left of a start that goes on depends on how far it came.
    assert all(str(kind) in BUILT_IN[START] for kind in Ahead if kind is not Ahead.GO_ON)


def test_what_is_made_beside_the_image_does_not_make_the_end_look_near() -> None:
    left_s = BUILT_IN[START]
    beside = [name for name in left_s if name.startswith("container root: ")]
    assert beside and all(left_s[name] > left_s["image 2/3: making the disk"] for name in beside)


def test_all_checks_of_the_demo_have_built_in_times() -> None:
    exercise = checkout.demo_exercise()
    for number, (title, why) in enumerate(CHECKED.items(), start=2):
        line = f"[{number}] exercise {exercise.number}: the {title}, {why}"
        assert next(iter(BUILT_IN[wait_name(exercise, title)])) == milestone(line)


def test_a_pause_where_none_was_expected_changes_the_estimate_little() -> None:
    journey = Journey({"waiting for its turn": 240.0, "booting": 240.0, "preparing": 170.0})
    journey.passes("waiting for its turn", 0.0)
    journey.passes("booting", 55.0)
    left_s = journey.left_s(60.0)
    assert left_s is not None
    assert 240 < left_s < 500
