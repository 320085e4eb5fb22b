"""Each page in Chromium: at every size, in light and dark, with and without scripts, for everybody."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.reader import SIZES, Reader
from tests.lab.website.parsed_pages import addresses, exercise_addresses

pytestmark = pytest.mark.browser

PAGES = addresses()
EXERCISES = exercise_addresses()
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def violations(page: Page) -> list[str]:
    """What axe objects to, with where."""
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{one['id']}: {one['help']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_every_window(reader: Reader, address: str) -> None:
    page = reader.open(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        assert overflow(page) <= 0, width
    assert reader.strangers() == []
    assert reader.errors == []
    assert len(reader.asked) > 2


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_in_light_and_dark(reader: Reader, address: str) -> None:
    page = reader.open(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(AXE)
    for width, height in (SIZES["phone"], SIZES["desktop"]):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            assert violations(page) == [], (width, scheme)


@pytest.mark.parametrize("address", EXERCISES)
def test_the_first_command_is_on_the_first_screen_of_every_window(reader: Reader, address: str) -> None:
    page = reader.open(address)
    command = page.locator("main pre").first
    assert command.inner_text().strip() == f"lab start {int(address.partition('/')[2][:2])}"
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        box = command.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < height, width


@pytest.mark.parametrize("address", PAGES)
def test_a_page_reads_the_same_without_scripts(chromium: Browser, folder: Path, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / address).as_uri())
    assert page.locator("main h1").is_visible()
    assert page.locator("nav.pages").is_visible()
    # What would do nothing is not there.
    for dead in page.locator("button:visible").all():
        assert dead.get_attribute("popovertarget"), dead.text_content()
    context.close()


@pytest.mark.parametrize("address", [*EXERCISES, "index.html"])
def test_the_keyboard_reaches_everything(reader: Reader, address: str) -> None:
    page = reader.open(address)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')]
            .filter(one => one.checkVisibility({visibilityProperty: true}))
            .map((one, number) => { one.dataset.stop = number; return one.outerHTML.slice(0, 120); })"""
    )
    reached = set()
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.stop || ''"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or page.evaluate("document.activeElement === document.body")
    assert [text for number, text in enumerate(wanted) if str(number) not in reached] == []
    assert len(wanted) > 10


def test_paper_shows_the_text_and_nothing_to_press(reader: Reader) -> None:
    page = reader.open(EXERCISES[0])
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 32, 43)"
    assert page.locator("main h1").is_visible()
    assert page.locator("button:visible, nav:visible").count() == 0
    assert len(page.pdf()) > 10_000
