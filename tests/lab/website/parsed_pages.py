"""The site's pages as trees, and where its links lead."""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import html5lib

from lab.checkout import slugs
from lab.website.build import Site
from lab.website.sources import PAGES

Element = ET.Element


class ParsedPages:
    """Parses each page once, by the rules of HTML."""

    def __init__(self, site: Site) -> None:
        self._files = site.files
        self._trees: dict[str, Element] = {}

    def tree(self, address: str) -> Element:
        """A page. Raises html5lib.html5parser.ParseError where it breaks the rules."""
        if address not in self._trees:
            builder = html5lib.treebuilders.getTreeBuilder("etree")
            parser = html5lib.HTMLParser(builder, strict=True, namespaceHTMLElements=False)
            self._trees[address] = parser.parse(self._files[address].decode())
        return self._trees[address]

    def ids(self, address: str) -> list[str]:
        """All ids on a page."""
        return [one.attrib["id"] for one in self.tree(address).iter() if "id" in one.attrib]

    def elements(self, address: str, *tags: str) -> Iterator[Element]:
        """All elements with one of these names."""
        return (one for one in self.tree(address).iter() if one.tag in tags)


def exercise_addresses() -> list[str]:
    """Of the exercises' pages. Found without a build: a mistake in one page must not stop all tests."""
    return [f"exercises/{slug}.html" for slug in slugs()]


def addresses() -> list[str]:
    """Of all pages."""
    prose = [path.relative_to(PAGES).with_suffix(".html").as_posix() for path in sorted(PAGES.rglob("*.md"))]
    return [*exercise_addresses(), *prose]


def text_of(element: Element) -> str:
    """All text in it."""
    return "".join(element.itertext())


def target(here: str, link: str) -> tuple[str, str]:
    """Address and anchor that a relative link on the page `here` leads to."""
    path, _, anchor = link.partition("#")
    return (posixpath.normpath(posixpath.join(posixpath.dirname(here), path)) if path else here), anchor
