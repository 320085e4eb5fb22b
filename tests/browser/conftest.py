"""Debian's Chromium, driven by Playwright, and the site as it would be published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from lab.website.build import Site, write_site
from tests.browser.reader import Reader

FLAGS = (
    "--no-sandbox",  # containers and root have no user namespaces for it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def folder(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in a folder."""
    out = tmp_path_factory.mktemp("site") / "below" / "a path"
    write_site(site, out, lambda _: None)
    return out


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """With a fresh profile; never a browser that Playwright would download."""
    program = shutil.which("chromium")
    assert program, "chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium: Browser, folder: Path) -> Iterator[Reader]:
    context = chromium.new_context()
    yield Reader(context, folder)
    context.close()
