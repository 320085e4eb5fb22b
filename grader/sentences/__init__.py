"""What a person reads when a check fails: data, found by the name of a cause.

The files beside this one hold the sentences of checks that several exercises use; an exercise's
`sentences.toml` holds its own words, which go first.
"""

from __future__ import annotations

from grader.sentences.read import read_sentences, wrong
from grader.sentences.sentence import PLACE, Sentence, shown
from grader.sentences.shared import said_in, unsaid

__all__ = ["PLACE", "Sentence", "read_sentences", "said_in", "shown", "unsaid", "wrong"]
