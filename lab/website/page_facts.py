"""What a finished page holds: ids, headings, and its text section by section."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

SILENT = {"style", "script", "button", "svg"}


@dataclass
class Part:
    """A section of a page."""

    id: str
    title: str
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its text with single spaces."""
        return " ".join("".join(self.words).split())


class PageFacts(HTMLParser):
    """Reads the HTML of a page's body once."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.double_ids: set[str] = set()
        self.parts = [Part("", "")]
        self._silent = 0
        self._in_heading = self._in_anchor = False
        self.feed(body)

    @property
    def contents(self) -> list[Part]:
        """The sections that have a heading."""
        return [part for part in self.parts if part.id]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        given = dict(attrs)
        name = given.get("id")
        if name:
            (self.double_ids if name in self.ids else self.ids).add(name)
        if tag in SILENT:
            self._silent += 1
        if tag == "a" and "anchor" in (given.get("class") or ""):
            self._in_anchor = True
        if tag == "h2":
            self.parts.append(Part(name or "", ""))
            self._in_heading = True

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        if tag in SILENT:
            self._silent -= 1
        if tag == "a":
            self._in_anchor = False
        if tag == "h2":
            self._in_heading = False
        # Words of neighbouring blocks must not run together.
        if tag not in ("span", "code", "a", "em", "strong"):
            self.parts[-1].words.append(" ")

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        if self._silent or self._in_anchor:
            return
        if self._in_heading:
            self.parts[-1].title += data
        else:
            self.parts[-1].words.append(data)
