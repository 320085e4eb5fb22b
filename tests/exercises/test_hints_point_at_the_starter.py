"""What a hint names is in the starter: a function that was renamed there must not live on in a message."""

from __future__ import annotations

import re

import pytest

from lab.website.check_sentences import mistakes_of, sayings_of
from tests.exercises.simulated import ROOT, exercise

SLUGS = sorted(path.parent.name for path in ROOT.glob("exercises/[0-9]*/checks.py"))
FUNCTION = re.compile(r"(?<![.\w])(?!bpf_)([a-z_]\w*)\(\)")
"""Neither a method nor one of the kernel's own."""
TODO = re.compile(r"\bTODO \d+")


def starter(slug: str) -> str:
    """All that the attendee gets to edit or to read beside it."""
    files = (ROOT / "exercises" / slug / name for name in exercise(slug).starter_files)
    return "".join(path.read_text(encoding="utf-8") for path in files)


def hints_of_checks(slug: str) -> list[str]:
    """What stands below a check that failed."""
    return [saying.hint for check in sayings_of(exercise(slug)) for saying in check.sayings]


def hints(slug: str) -> list[str]:
    """Of the checks, of the named wrong ideas, and those that are opened one by one."""
    mistakes = [saying.message + saying.hint for saying in mistakes_of(exercise(slug))]
    pages = (ROOT / "exercises" / slug / "hints.md").read_text(encoding="utf-8").splitlines()
    return [*hints_of_checks(slug), *mistakes, *pages]


def named_in(slug: str, named: re.Pattern[str]) -> set[tuple[str, str]]:
    """What an exercise's hints name, each with its hint."""
    return {(one, hint) for hint in hints(slug) for one in named.findall(hint)}


def attaches_to_returns(slug: str) -> bool:
    """Whether the solution has a kretprobe."""
    solution = (ROOT / "solutions" / slug / "tracer.py").read_text(encoding="utf-8")
    return "attach_kretprobe(" in solution


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("named", [FUNCTION, TODO], ids=["functions", "todos"])
def test_what_hints_name_is_in_the_starter(slug: str, named: re.Pattern[str]) -> None:
    text, found = starter(slug), named_in(slug, named)
    assert {(one, hint) for one, hint in found if not re.search(rf"\b{one}\b", text)} == set()


def test_hints_name_functions_and_todos() -> None:
    assert named_in("04-kprobes", FUNCTION)
    assert named_in("04-kprobes", TODO)


def test_only_an_exercise_that_attaches_to_returns_speaks_of_return_probes() -> None:
    speaking = {slug for slug in SLUGS if "maxactive" in "".join(hints_of_checks(slug))}
    assert "04-kprobes" in speaking
    assert [slug for slug in speaking if not attaches_to_returns(slug)] == []
