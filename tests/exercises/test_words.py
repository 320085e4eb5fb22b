"""What checks say keeps to the word list of docs/writing.md."""

from __future__ import annotations

import re

import pytest

from grader.exercise import Exercise
from tests.exercises.simulated import ROOT, exercise

SLUGS = sorted(path.parent.name for path in ROOT.glob("exercises/[0-9]*/checks.py"))
CODE = re.compile(r"`[^`]*`|\S+\([^)]*\)|\{[a-z_]+\}")


def word_list() -> dict[str, str]:
    """What not to write -> what to write."""
    table = (ROOT / "docs" / "writing.md").read_text(encoding="utf-8").partition("## Word list")[2]
    rows = (line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| "))
    pairs = [(cells[0], cells[1]) for cells in rows if cells[0] not in ("not", "---")]
    return {phrase.strip(): instead for phrases, instead in pairs for phrase in phrases.split(",")}


WORDS = word_list()


def said(one: Exercise) -> list[str]:
    """Every title, message and hint of an exercise's checks, and of its misconceptions."""
    sentences = [one.says(check, cause) for check in one.checks for cause in check.causes]
    texts = [text for sentence in sentences for text in (sentence.message, sentence.hint)]
    texts += [text for wrong in one.misconceptions for text in (wrong.sentence, wrong.where_to_look)]
    return list(dict.fromkeys([*texts, *(check.title for check in one.checks)]))


def refused(text: str) -> list[str]:
    """Phrases of the list that are in it; code is not looked at."""
    prose = CODE.sub("", text)
    patterns = {phrase: re.escape(phrase).replace("…", r"\w+") for phrase in WORDS}
    return [
        phrase
        for phrase, pattern in patterns.items()
        if re.search(rf"(?<![\w-]){pattern}(?![\w-])", prose, re.IGNORECASE)
    ]


@pytest.mark.parametrize("slug", SLUGS)
def test_what_checks_say_keeps_to_the_word_list(slug: str) -> None:
    assert [(phrase, text) for text in said(exercise(slug)) for phrase in refused(text)] == []


def test_the_list_refuses_its_own_words_and_nothing_in_code() -> None:
    assert refused("Mend this line, which takes errors for data") == ["mend", "takes … for"]
    assert refused("a `behind the` in code, believe, lies_here(just)") == []
    assert len(WORDS) > 20
