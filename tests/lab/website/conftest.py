"""What tests of the site share: its pages, each parsed once, and the sources it is made from."""

from __future__ import annotations

import pytest

from lab.website.build import Site
from lab.website.sources import Sources, read_sources
from tests.lab.website.parsed_pages import ParsedPages


@pytest.fixture(scope="session")
def pages(site: Site) -> ParsedPages:
    return ParsedPages(site)


@pytest.fixture(scope="session")
def sources() -> Sources:
    """Everything the site is made from, read once. Rendering a document changes it: render none of these."""
    return read_sources()
