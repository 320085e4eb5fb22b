"""What each check of an exercise may say when it fails, and the mistakes that are recognised by their
numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.exercise import Check, Exercise
from grader.sentences import shown


@dataclass(frozen=True)
class Saying:
    """One thing a check may say. Where a value is filled in stands an ellipsis."""

    cause: str = ""
    """Several with commas between."""
    message: str = ""
    hint: str = ""

    @property
    def likely(self) -> str:
        """The cause as `lab check` prints it."""
        return self.cause.replace("_", " ").removesuffix("…").strip()


@dataclass(frozen=True)
class CheckSayings:
    """One check of an exercise."""

    name: str
    title: str
    sayings: tuple[Saying, ...]


def sayings_of(exercise: Exercise) -> tuple[CheckSayings, ...]:
    """Every check of the exercise with what it may say, but for what one before it says already."""
    found, before = [], set[Saying]()
    for check in exercise.checks:
        sayings = dict.fromkeys(said_by(exercise, check))
        new = distinct(one for one in sayings if one not in before)
        found.append(CheckSayings(check.name, check.title, tuple(new)))
        before.update(sayings)
    return tuple(found)


def said_by(exercise: Exercise, check: Check) -> Iterator[Saying]:
    """All of it, in the order of the declaration; but not what is made up of values alone."""
    for name in check.causes:
        said = exercise.says(check, name)
        texts = (
            shown(text, {}) for text in (name if said.cause is None else said.cause, said.message, said.hint)
        )
        one = Saying(*texts)
        if any(text.strip("… ") for text in (one.message, one.hint)):
            yield one


def distinct(sayings: Iterable[Saying]) -> Iterator[Saying]:
    """Each cause once; causes that are said in the same words together; a message only where it comes
    first."""
    together: dict[tuple[str, str], list[str]] = {}
    causes: set[str] = set()
    for one in sayings:
        if not one.cause or one.cause not in causes:
            together.setdefault((one.message, one.hint), []).append(one.cause)
        causes.add(one.cause)
    messages: set[str] = set()
    for (message, hint), names in together.items():
        yield Saying(", ".join(filter(None, names)), "" if message in messages else message, hint)
        messages.add(message)


def mistakes_of(exercise: Exercise) -> tuple[Saying, ...]:
    """The exercise's named wrong ideas."""
    return tuple(Saying(one.cause, one.sentence, one.where_to_look) for one in exercise.misconceptions)
