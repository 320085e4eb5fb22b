"""Addresses within the site: always relative, so that it works from a file and below any path."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.website.authoring import Source


@dataclass(frozen=True)
class Wanted:
    """A link that must lead somewhere once all pages are there."""

    source: Source
    line: int
    page: str
    anchor: str


@dataclass
class Addresses:
    """Which page each source became, and every link that was asked for."""

    page_of: Mapping[str, str]
    """Path of a source in the repository -> address of its page, `exercises/04-kprobes.html`. A source that
    is a part of a page has its anchor in it: `reference/templates.html#count_by_key.bcc.c`."""
    wanted: list[Wanted] = field(default_factory=list)

    def resolve(self, source: Source, line: int, target: str, here: str) -> str:
        """The relative address for a link in `source`, seen from the page `here`.

        Raises AuthoringError when it names no source that is on the site.
        """
        if target.startswith(("https://", "http://", "mailto:")):
            return target
        path, _, anchor = target.partition("#")
        if not path:
            self.wanted.append(Wanted(source, line, here, anchor))
            return f"#{anchor}"
        named = posixpath.normpath(posixpath.join(posixpath.dirname(source.path), path))
        page = self.page_of.get(named)
        if page is None:
            known = ", ".join(sorted(name for name in self.page_of if name.endswith(path.rpartition("/")[2])))
            raise source.wrong(
                line,
                f"the link to {target} leads nowhere",
                f"link to {known}"
                if known
                else "link to a file that is a page of the site, or remove the link",
            )
        return self.link(source, line, f"{page.partition('#')[0]}#{anchor}" if anchor else page, here)

    def link(self, source: Source, line: int, address: str, here: str) -> str:
        """The relative address of a page of the site, noted as wanted."""
        page, _, anchor = address.partition("#")
        self.wanted.append(Wanted(source, line, page, anchor))
        return relative(here, page) + (f"#{anchor}" if anchor else "")

    def check(self, ids: Mapping[str, set[str]]) -> None:
        """Every anchor that was linked to must be on its page. `ids`: page -> the ids on it."""
        for one in self.wanted:
            if one.anchor and one.anchor not in ids[one.page]:
                raise one.source.wrong(
                    one.line,
                    f"there is no #{one.anchor} on {one.page}",
                    f"one of: {', '.join(sorted(ids[one.page])[:12])}",
                )


def relative(here: str, there: str) -> str:
    """`exercises/a.html`, `index.html` -> `../index.html`."""
    return posixpath.relpath(there, posixpath.dirname(here) or ".")


def root_of(here: str) -> str:
    """What leads from a page to the site's root: empty, or `../`."""
    return "../" * here.count("/")
