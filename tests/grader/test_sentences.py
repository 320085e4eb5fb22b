"""Sentences are data: each is used, each value it shows is one that its check gives, and own words go
first."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import ExerciseError
from grader.sentences import Sentence, read_sentences, said_in, shown
from grader.sentences.shared import FOLDER

ROOT = Path(__file__).parents[2]
CODE = "".join(
    path.read_text(encoding="utf-8")
    for parent in ("grader", "exercises")
    for path in (ROOT / parent).rglob("*.py")
)
TOPICS = sorted(path.stem for path in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("topic", TOPICS)
def test_every_shared_sentence_is_one_that_some_check_finds(topic: str) -> None:
    assert f'"{topic}"' in CODE
    unused = [name for name in said_in(topic) if f'"{name}"' not in CODE and not name.startswith("report_")]
    assert unused == []


def test_a_sentence_with_its_values() -> None:
    said = "{often} programs, and report({...}) is left alone; {unknown} too"
    assert shown(said, {"often": 2}) == "2 programs, and report({...}) is left alone; … too"


def test_an_exercises_words_go_first_and_what_it_leaves_out_stays() -> None:
    shared = Sentence("stale_start", "{missing} are missing", "store the start")
    assert shared.in_words_of(None) == shared
    own = shared.in_words_of(Sentence(hint="returned() deletes it"))
    assert own == Sentence("stale_start", "{missing} are missing", "returned() deletes it")
    assert shared.in_words_of(Sentence(cause="")).cause == ""


def test_a_file_of_sentences(tmp_path: Path) -> None:
    path = tmp_path / "sentences.toml"
    path.write_text('odd = "look"\n[even]\ncause = ""\nmessage = "m"\n[in.counts]\nodd = "there"\n')
    assert read_sentences(path) == {
        "": {"odd": Sentence(None, "", "look"), "even": Sentence("", "m", "")},
        "counts": {"odd": Sentence(None, "", "there")},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("odd = \n", "Invalid value"),
        ("\nodd = 3\n", "sentences.toml:2: odd must be a text"),
        ("[in]\ncounts = 3\n", "sentences.toml:2: [in.counts] must be a table"),
        ("[odd]\ncause = 'x'\n", "sentences.toml:1: odd says nothing"),
    ],
)
def test_what_is_wrong_in_it_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "sentences.toml"
    path.write_text(text)
    with pytest.raises(ExerciseError) as error:
        read_sentences(path)
    assert said in error.value.message
