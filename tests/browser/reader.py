"""Who opens the site's pages in Chromium, and the windows they are read in."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page

PHONE = (390, 844)
DESKTOP = (1280, 900)
ZOOMED = (640, 450)
"""The desktop at 200%."""
SIZES = {"phone": PHONE, "desktop": DESKTOP, "zoomed": ZOOMED}


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
