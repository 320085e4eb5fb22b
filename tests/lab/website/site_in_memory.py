"""The site as it would be written now, and its pages as trees."""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache

import html5lib

from lab.checkout import slugs
from lab.website.build import Site, build_site
from lab.website.sources import PAGES

Element = ET.Element
HTML = "{http://www.w3.org/1999/xhtml}"


@cache
def the_site() -> Site:
    """Built once for all tests."""
    return build_site()


@cache
def tree(address: str) -> Element:
    """A page, parsed by the rules of HTML. Raises html5lib.html5parser.ParseError where it breaks them."""
    parser = html5lib.HTMLParser(
        html5lib.treebuilders.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False
    )
    made: Element = parser.parse(the_site().files[address].decode())
    return made


def exercise_addresses() -> list[str]:
    """Of the exercises' pages. Found without a build: a mistake in one page must not stop all tests."""
    return [f"exercises/{slug}.html" for slug in slugs()]


def addresses() -> list[str]:
    """Of all pages."""
    prose = [path.relative_to(PAGES).with_suffix(".html").as_posix() for path in sorted(PAGES.rglob("*.md"))]
    return [*exercise_addresses(), *prose]


def ids(address: str) -> list[str]:
    """All ids on a page."""
    return [one.attrib["id"] for one in tree(address).iter() if "id" in one.attrib]


def elements(address: str, *tags: str) -> Iterator[Element]:
    """All elements with one of these names."""
    return (one for one in tree(address).iter() if one.tag in tags)


def text_of(element: Element) -> str:
    """All text in it."""
    return "".join(element.itertext())


def target(here: str, link: str) -> tuple[str, str]:
    """Address and anchor that a relative link on the page `here` leads to."""
    path, _, anchor = link.partition("#")
    return (posixpath.normpath(posixpath.join(posixpath.dirname(here), path)) if path else here), anchor
