"""What a person is told while something long goes on, and what is learned from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.pace_file import PaceFile
from lab.waiting import Wait, waiting

LEFT_S = {"building": 600.0, "booting": 500.0, "preparing": 300.0}


class Telling:
    """A wait with a clock of its own, and all that was said."""

    def __init__(self) -> None:
        self.at_s = 0.0
        self.said: list[str] = []
        self.wait = Wait(LEFT_S, "the lab host is up", self.said.append, lambda: self.at_s)

    def until(self, at_s: float) -> None:
        """Let time pass, looking every five seconds."""
        while self.at_s < at_s:
            self.at_s += 5
            self.wait.look()


def test_what_is_left_is_said_after_the_first_known_line() -> None:
    telling = Telling()
    telling.wait("building, about 3 s left")
    assert telling.said == [
        "building, about 3 s left",
        "    about 10 minutes left until the lab host is up",
    ]


def test_it_is_said_again_once_a_minute_at_most_and_only_with_other_words() -> None:
    telling = Telling()
    telling.wait("building")
    telling.until(100)
    telling.wait("booting")
    telling.until(300)
    told = [
        line.strip().removesuffix(" left until the lab host is up") for line in telling.said if "left" in line
    ]
    minutes = [int(words.split()[1]) for words in told]
    assert minutes[0] == 10
    assert minutes == sorted(set(minutes), reverse=True)
    assert 4 <= len(minutes) <= 6


def test_silence_that_lasts_is_broken() -> None:
    telling = Telling()
    telling.wait("preparing")
    telling.until(3000)
    assert 3 <= telling.said.count("    this takes longer than expected, and goes on") < 20


def test_nothing_is_said_of_a_wait_of_seconds() -> None:
    telling = Telling()
    telling.wait.left_s["resuming"] = 6.0
    telling.wait("resuming")
    telling.until(10)
    assert telling.said == ["resuming"]


def test_a_wait_that_ended_well_is_remembered(tmp_path: Path) -> None:
    file = PaceFile(tmp_path / "pace.json")
    said: list[str] = []
    with waiting("start", "it is up", said.append, file) as tell:
        tell("booting (1 s)")
    assert said == ["booting (1 s)"]
    assert list(file.learned("start")) == ["booting"]
    assert file.learned("another") == {}


def test_a_wait_without_a_line_writes_nothing(tmp_path: Path) -> None:
    with waiting("start", "it is up", lambda _line: None, PaceFile(tmp_path / "pace.json")):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_wait_that_failed_teaches_nothing(tmp_path: Path) -> None:
    file = PaceFile(tmp_path / "pace.json")
    with pytest.raises(KeyboardInterrupt), waiting("start", "it is up", lambda _line: None, file) as tell:
        tell("booting")
        raise KeyboardInterrupt
    assert file.learned("start") == {}


def test_what_was_learned_before_stays_beside_the_new(tmp_path: Path) -> None:
    file = PaceFile(tmp_path / "pace.json")
    file.learn("start", {"booting": 30, "saving": 5})
    file.learn("start", {"booting": 10})
    file.learn("demo", {"booting": 99})
    assert file.learned("start") == {"booting": 10, "saving": 5}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"left_s": 1}', '{"left_s": {"start": {"a": "b"}}}'])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "pace.json").write_text(content)
    file = PaceFile(tmp_path / "pace.json")
    assert file.learned("start") == {}
    file.learn("start", {"booting": 1})
    assert file.learned("start") == {"booting": 1}
