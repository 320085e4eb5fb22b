"""Terminal blocks marked as run: a test types their commands on the lab host and compares what comes.

    ```console run
    $ uname -sr
    Linux …
    ```

`…` stands for any text within a line; a line that is only `…` for any number of lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lab.website.authoring import Source
from lab.website.markdown import Document, line_of

MARK = "console run"
PROMPT = "$ "


@dataclass(frozen=True)
class Typed:
    """One command and what must come."""

    source: Source
    line: int
    command: str
    expected: str

    def fits(self, output: str) -> bool:
        """Whether this output is what the page says."""
        lines = [pattern(line) for line in self.expected.splitlines()]
        return re.fullmatch("".join(lines), output.rstrip("\n") + "\n" if output.strip() else "") is not None


def pattern(line: str) -> str:
    """A line of the page as a regular expression."""
    if line.strip() == "…":
        return r"(?:.*\n)+"
    return ".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"\s*\n"


def typed_in(document: Document) -> Iterator[Typed]:
    """Every command of the marked blocks of a document. Raises AuthoringError for one without a prompt."""
    for section in document.sections:
        for token in section.tokens:
            if token.type == "fence" and token.info.strip() == MARK:
                yield from typed(document.source, line_of(token), token.content)


def typed(source: Source, line: int, text: str) -> Iterator[Typed]:
    """The commands of one block that begins at this line."""
    if not text.startswith(PROMPT):
        raise source.wrong(line + 1, "a block marked as run begins with a command", "write `$ command` first")
    at, command, expected = line, "", list[str]()
    for number, row in enumerate(text.splitlines(), line + 1):
        if row.startswith(PROMPT):
            if command:
                yield Typed(source, at, command, "\n".join(expected))
            at, command, expected = number, row.removeprefix(PROMPT), []
        else:
            expected.append(row)
    yield Typed(source, at, command, "\n".join(expected))
