"""One page's Markdown as HTML: links, code, words of the glossary, and what is generated from the code."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from lab.website import highlight, run_blocks
from lab.website.addresses import Addresses
from lab.website.authoring import Source
from lab.website.glossary import FirstUses, plain
from lab.website.markdown import READER, line_of, plain_text
from lab.website.verbs import Verb, commands_in, wrong_with

TEMPLATES = "bpf_templates/"
GENERATED = "{generated}"
WHOLE_CHARS = 24
"""Code of so many characters fits a phone's line, and is not broken at its hyphens."""

Generate = Callable[[Source, int, str], str]
"""(source, line, words behind {generated}) -> HTML."""


@dataclass
class Renderer:
    """Turns tokens of one source into HTML of one page."""

    source: Source
    here: str
    addresses: Addresses
    uses: FirstUses
    verbs: Verb
    generate: Generate
    todos: Mapping[str, str] = field(default_factory=dict)
    """Number of a TODO -> its anchor on this page."""

    def html(self, tokens: Sequence[Token]) -> str:
        """The HTML of these blocks. Raises AuthoringError."""
        made: str = READER.renderer.render(list(self.blocks(tokens)), READER.options, {})
        return made

    def inline(self, text: str) -> str:
        """The HTML of a text of one line."""
        return self.html(READER.parse(text)).strip().removeprefix("<p>").removesuffix("</p>")

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Token]:
        """The same blocks with everything in place."""
        heading = ""
        for index, token in enumerate(tokens):
            if token.type == "fence":
                yield raw(self.fence(token))
            elif token.type == "code_block":
                yield raw(highlight.block(token.content))
            elif token.type == "table_open":
                yield raw(self.table_begin(tokens[index:]))
                yield token
            elif token.type == "table_close":
                yield token
                yield raw("</div>")
            elif token.type == "heading_open":
                heading = str(token.attrGet("id") or "")
                yield token
            elif token.type == "heading_close":
                yield raw(anchor(heading, plain_text(tokens[index - 1])))
                heading = ""
                yield token
            elif token.type == "inline":
                token.children = list(self.words(token, in_heading=bool(heading)))
                yield token
            else:
                yield token

    def table_begin(self, rest: Sequence[Token]) -> str:
        """A frame that scrolls instead of the page, named by the table's columns."""
        end = next(index for index, token in enumerate(rest) if token.type == "thead_close")
        columns = ", ".join(filter(None, (plain_text(one) for one in rest[:end] if one.type == "inline")))
        label = html.escape(f"table: {columns}")
        return f'<div class="table" role="group" tabindex="0" aria-label="{label}">'

    def fence(self, token: Token) -> str:
        """A code block, or what a `{generated}` block stands for."""
        language, _, rest = token.info.strip().partition(" ")
        line = line_of(token)
        if language == GENERATED:
            return self.generate(self.source, line, rest.strip())
        for number, words in commands_in(token.content) if language in ("", *highlight.SHELLS) else ():
            self.check_command(words, line + 1 + number)
        if token.info.strip() == run_blocks.MARK:
            list(run_blocks.typed(self.source, line, token.content))
        try:
            return highlight.block(token.content, language)
        except highlight.UnknownLanguage:
            raise self.source.wrong(
                line, f"no highlighting for {language!r}", "write c, python, sh, console or nothing after ```"
            ) from None

    def words(self, inline: Token, *, in_heading: bool) -> Iterator[Token]:
        """What stands in a paragraph, heading or cell."""
        line, inside_link = line_of(inline), in_heading
        for child in inline.children or ():
            if child.type == "link_open":
                target = str(child.attrGet("href"))
                at = self.source.line_of(target, line)
                child.attrSet("href", self.addresses.resolve(self.source, at, target, self.here))
                inside_link = True
                yield child
            elif child.type == "link_close":
                inside_link = in_heading
                yield child
            elif child.type == "code_inline":
                yield from self.code(child, line, inside_link)
            elif child.type == "text" and not inside_link:
                for part in self.todo_links(child):
                    yield from self.uses.link(part) if part.type == "text" else [part]
            elif child.type == "image":
                raise self.source.wrong(
                    line, "a picture by address", "draw it as diagram.svg beside the README"
                )
            else:
                yield child

    def code(self, child: Token, line: int, inside_link: bool) -> Iterator[Token]:
        """Code in a sentence: commands are checked, templates become links."""
        at = self.source.line_of(child.content, line)
        for _, words in commands_in(child.content):
            self.check_command(words, at)
        if len(child.content) <= WHOLE_CHARS:
            child.attrSet("class", "whole")
        if not child.content.startswith(TEMPLATES) or inside_link or child.content == TEMPLATES:
            yield child
            return
        page = self.addresses.page_of.get(child.content)
        if page is None:
            known = ", ".join(sorted(one for one in self.addresses.page_of if one.startswith(TEMPLATES)))
            raise self.source.wrong(at, f"there is no template {child.content}", f"one of: {known}")
        begin = Token("link_open", "a", 1)
        begin.attrs = {"href": self.addresses.link(self.source, at, page, self.here)}
        # A narrow line breaks behind the folder, not within a name.
        name = html.escape(child.content.removeprefix(TEMPLATES))
        shown = raw(f"<code>{TEMPLATES}<wbr>{name}</code>", inline=True)
        yield from (begin, shown, Token("link_close", "a", -1))

    def todo_links(self, text: Token) -> Iterator[Token]:
        """`TODO 2` leads to its line in the starter."""
        last = 0
        for found in highlight.TODO.finditer(text.content):
            name = self.todos.get(found[1])
            if name is None:
                continue
            begin = Token("link_open", "a", 1)
            begin.attrs = {"href": f"#{name}"}
            yield from (plain(text.content[last : found.start()]), begin, raw(found[0], inline=True))
            yield Token("link_close", "a", -1)
            last = found.end()
        yield plain(text.content[last:])

    def check_command(self, words: str, line: int) -> None:
        """Every command in a page must be one."""
        problem = wrong_with(words, self.verbs)
        if problem:
            raise self.source.wrong(line, f"`lab {words}`: {problem}", "lab --help")


def raw(content: str, *, inline: bool = False) -> Token:
    """HTML as it is."""
    return Token("html_inline" if inline else "html_block", "", 0, content=content)


def anchor(name: str, title: str) -> str:
    """The small link behind a heading that leads to itself."""
    if not name:
        return ""
    return f' <a class="anchor" href="#{name}" aria-label="Link to “{html.escape(title)}”">#</a>'
