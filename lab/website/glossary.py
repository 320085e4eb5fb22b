"""The glossary's words, and their first use on a page as a link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markdown_it.token import Token

from lab.website.addresses import relative
from lab.website.authoring import Source
from lab.website.markdown import Document, slug

PAGE = "reference/glossary.html"


@dataclass(frozen=True)
class Term:
    """One word and its one meaning."""

    word: str
    meaning: str
    """Markdown."""

    @property
    def id(self) -> str:
        """Its anchor on the glossary's page."""
        return "word-" + slug(self.word)


def read_terms(document: Document) -> tuple[Term, ...]:
    """The rows of the glossary's table. Raises AuthoringError when there is none."""
    cells = [token for section in document.sections for token in section.tokens if token.type == "inline"]
    rows = [
        [part.strip() for part in line.strip().strip("|").split("|", 1)]
        for line in document.source.text.splitlines()
        if line.startswith("| ")
    ]
    terms = tuple(Term(row[0], row[1]) for row in rows[1:] if len(row) == 2)
    if not terms or not cells:
        raise document.source.wrong(1, "there is no table of words", "write rows `| word | meaning |`")
    return terms


def matcher(terms: tuple[Term, ...]) -> re.Pattern[str]:
    """Finds any of the words, the longest first, also with an s."""
    words = sorted((term.word for term in terms), key=len, reverse=True)
    return re.compile(rf"(?<![\w/.`-])({'|'.join(map(re.escape, words))})(e?s)?(?![\w/-]|\.\w)")


@dataclass
class FirstUses:
    """Links a term where a page uses it for the first time."""

    source: Source
    terms: Mapping[str, Term]
    pattern: re.Pattern[str]
    here: str
    seen: set[str] = field(default_factory=set)

    def link(self, text: Token) -> list[Token]:
        """A text token as text and links."""
        if self.here == PAGE:
            return [text]
        parts: list[Token] = []
        last = 0
        for found in self.pattern.finditer(text.content):
            if found[1] in self.seen:
                continue
            self.seen.add(found[1])
            parts += [plain(text.content[last : found.start()]), *self.anchor(found[0], self.terms[found[1]])]
            last = found.end()
        return [*parts, plain(text.content[last:])]

    def anchor(self, shown: str, term: Term) -> list[Token]:
        """The link's tokens."""
        begin = Token("link_open", "a", 1)
        begin.attrs = {"href": f"{relative(self.here, PAGE)}#{term.id}", "class": "term"}
        return [begin, plain(shown), Token("link_close", "a", -1)]


def plain(text: str) -> Token:
    """A text token."""
    return Token("text", "", 0, content=text)
