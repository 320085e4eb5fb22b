"""Debian's Chromium, driven by Playwright, and the site as it would be published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from lab.website.build import Site, build_site, write_site

FLAGS = (
    "--no-sandbox",  # containers and root have no user namespaces for it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = (390, 844)
DESKTOP = (1280, 900)
ZOOMED = (640, 450)
"""The desktop at 200%."""
SIZES = {"phone": PHONE, "desktop": DESKTOP, "zoomed": ZOOMED}


@pytest.fixture(scope="session")
def site() -> Site:
    return build_site()


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


class Reader:
    """Opens pages the way a reader would, and notes everything they ask for."""

    def __init__(self, context: BrowserContext, folder: Path) -> None:
        self.context = context
        self.folder = folder
        self.asked: list[str] = []
        self.errors: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def open(self, address: str, size: tuple[int, int] = DESKTOP) -> Page:
        """A page of the folder."""
        page = self.context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto((self.folder / address).as_uri())
        return page

    def strangers(self) -> list[str]:
        """What was asked for and is no file of the site."""
        known = {path.as_uri() for path in self.folder.rglob("*") if path.is_file()}
        return [url for url in self.asked if url.partition("#")[0] not in known | {"data:,"}]


@pytest.fixture
def reader(chromium: Browser, folder: Path) -> Iterator[Reader]:
    context = chromium.new_context()
    yield Reader(context, folder)
    context.close()
