"""The sentences of checks that several exercises use: one file of this folder for each topic."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from grader.sentences.read import read_sentences
from grader.sentences.sentence import Sentence

FOLDER = Path(__file__).parent


@cache
def topic(name: str) -> Mapping[str, Sentence]:
    """The sentences of one file."""
    return read_sentences(FOLDER / f"{name}.toml")[""]


def said_in(*topics: str, without: tuple[str, ...] = ()) -> dict[str, Sentence]:
    """For a check's causes: all that these files say, but for some names."""
    return {name: one for each in topics for name, one in topic(each).items() if name not in without}


def unsaid(*names: str) -> dict[str, Sentence]:
    """For a check's causes: these, for which only the exercise has words."""
    return {name: Sentence() for name in names}
