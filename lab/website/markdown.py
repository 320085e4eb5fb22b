"""Markdown as the site reads it: tokens in sections, with the mistakes that Markdown itself forgives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.front_matter import front_matter_plugin

from lab.website.authoring import Source

READER = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
READER.use(front_matter_plugin)


@dataclass(frozen=True)
class Section:
    """A heading of the second level and everything up to the next one."""

    title: str
    """Empty for what stands before the first heading."""
    id: str
    line: int
    tokens: tuple[Token, ...]
    """Without the heading itself."""


@dataclass(frozen=True)
class Document:
    """One Markdown file."""

    source: Source
    title: str
    """The heading of the first level; empty without one."""
    sections: tuple[Section, ...]
    settings: dict[str, str]
    """The lines `key: value` between `---` at its beginning."""

    def section(self, title: str) -> Section | None:
        """The section under this heading."""
        return next((one for one in self.sections if one.title == title), None)


def read_document(source: Source) -> Document:
    """Parse a file. Raises AuthoringError for an unclosed fence or a heading that stands there twice."""
    tokens = READER.parse(source.text)
    check_fences(source, tokens)
    settings, title = {}, ""
    if tokens and tokens[0].type == "front_matter":
        settings = read_settings(source, tokens.pop(0))
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        title, tokens = plain_text(tokens[1]), tokens[3:]
    return Document(source, title, tuple(split_sections(source, tokens)), settings)


def split_sections(source: Source, tokens: Sequence[Token]) -> Iterator[Section]:
    """The parts between headings of the second level, which the headings of the third get their ids in."""
    title, name, line, inside = "", "", 1, list[Token]()
    ids: set[str] = set()
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "heading_open":
            heading = plain_text(tokens[index + 1])
            token.attrSet("id", slug(heading))
            if slug(heading) in ids:
                raise source.wrong(line_of(token), f"the heading {heading!r} is there twice", "rename one")
            ids.add(slug(heading))
            if token.tag == "h2":
                if inside or title:
                    yield Section(title, name, line, tuple(inside))
                title, name, line, inside = heading, slug(heading), line_of(token), []
                index += 3
                continue
        inside.append(token)
        index += 1
    if inside or title:
        yield Section(title, name, line, tuple(inside))


def check_fences(source: Source, tokens: Sequence[Token]) -> None:
    """Markdown closes an open fence at the end of the file without a word."""
    lines = source.text.splitlines()
    for token in tokens:
        if token.type != "fence" or token.map is None:
            continue
        last = lines[token.map[1] - 1].strip() if token.map[1] <= len(lines) else ""
        if token.map[1] - token.map[0] < 2 or not last.startswith(token.markup):
            raise source.wrong(
                token.map[0] + 1, "this code block is never closed", f"end it with a line {token.markup}"
            )


def read_settings(source: Source, token: Token) -> dict[str, str]:
    """`key: value` lines."""
    settings = {}
    for number, line in enumerate(token.content.splitlines(), 2):
        key, colon, value = line.partition(":")
        if not colon:
            raise source.wrong(number, f"{line!r} is no setting", "write it as `key: value`")
        settings[key.strip()] = value.strip()
    return settings


def plain_text(inline: Token) -> str:
    """What an inline token says, without marks."""
    return "".join(
        " " if child.type == "softbreak" else child.content if child.type != "image" else ""
        for child in inline.children or ()
    )


def slug(text: str) -> str:
    """A heading as an anchor: `What a right run prints` -> `what-a-right-run-prints`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def line_of(token: Token) -> int:
    """The line, from 1, where a block begins."""
    return token.map[0] + 1 if token.map else 1
