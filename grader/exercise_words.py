"""An exercise's own words: sentences.toml, held against its checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.errors import ExerciseError
from grader.exercise import Check
from grader.sentences import Sentence, read_sentences, wrong

Words = Mapping[str, Mapping[str, Sentence]]


def read_words(path: Path, checks: Sequence[Check]) -> Words:
    """Name of a check, or "" for all of them -> cause -> what the exercise says of it.

    Raises ExerciseError, with file, line and fix, for a cause that no check has, and for a cause without a
    sentence.
    """
    words = read_sentences(path) if path.is_file() else {}
    by_name = {check.name: check for check in checks}
    for name, own in words.items():
        if name and name not in by_name:
            raise wrong(path, name, f"there is no check {name!r}; known are {', '.join(by_name)}")
        known = [by_name[name]] if name else checks
        for cause, said in own.items():
            places = [check.causes[cause].places for check in known if cause in check.causes]
            if not places:
                whose = f"the check {name} never finds" if name else "no check ever finds"
                raise wrong(path, cause, f"{whose} the cause {cause!r}; delete it, or fix its spelling")
            unknown = said.places - set().union(*places) if all(places) else set()
            if unknown:
                raise wrong(path, cause, f"{cause} has no value {unknown.pop()!r}")
    for check in checks:
        for cause, shared in check.causes.items():
            own_words = words.get(check.name, {}).get(cause) or words.get("", {}).get(cause)
            if not shared.in_words_of(own_words).says_something:
                raise ExerciseError(
                    f"{path}: the check {check.name} may find {cause}, and nothing says what that is;"
                    f' add: {cause} = "where to look"',
                    "lab dev check",
                )
    return words
