"""How a rejected tracer begins: what must come of it, and what it does wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.website.authoring import Source

_EXPECT = re.compile(r"#\s*expect:\s*(\S+)\s+(\S+)\s*")
_MISTAKE = re.compile(r'"""(?P<exercise>Exercise \S+), rejected: (?P<mistake>.+?)"""')


@dataclass(frozen=True)
class FirstLines:
    """What the lines on top of a rejected tracer say, of `tracer.py` or of its edit list."""

    check: str
    """The check that must fail."""
    cause: str
    """The cause that this check must name."""
    mistake: str
    """What the tracer does wrong, in one sentence."""
    count: int
    """How many lines these are."""


def read_first_lines(source: Source) -> FirstLines:
    """`# expect: <check> <cause>`, other lines with `#`, a docstring of one line. Raises AuthoringError."""
    lines = source.text.split("\n")
    expect = _EXPECT.fullmatch(lines[0])
    if expect is None:
        raise source.wrong(
            1,
            "the first line is not '# expect: <check> <cause>'",
            "name there the check that must fail, and the cause that it must say",
        )
    count = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    mistake = _MISTAKE.fullmatch(lines[count]) if count < len(lines) else None
    if mistake is None:
        raise source.wrong(
            count + 1,
            "no line says what the tracer does wrong",
            '''write below the lines with #: """Exercise N, rejected: counts every call twice."""''',
        )
    return FirstLines(expect[1], expect[2], mistake["mistake"], count + 1)
