"""What the script adds: search, copy, ticks, colours, the menu of a phone, and the state of checks."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lab.checkout import slugs
from lab.website.build import Site
from lab.website.serve import Shown, serving
from tests.browser.reader import PHONE, Reader
from tests.lab.website.parsed_pages import exercise_addresses

pytestmark = pytest.mark.browser

SLUG = slugs()[0]
NUMBER = int(SLUG[:2])
EXERCISE = exercise_addresses()[0]


def pasted(page: Page) -> str:
    """What is in the clipboard, as a reader would find out."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    page.focus("#paste")
    page.keyboard.press("Control+V")
    return page.input_value("#paste")


def test_search_finds_a_word_of_the_text_and_goes_there(reader: Reader) -> None:
    page = reader.open("index.html")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("maxactive run out")
    expect(page.locator("dialog li a").first).to_contain_text("return probes run out")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/exercises/*.html#the-trap-return-probes-run-out")
    assert reader.strangers() == []
    assert reader.errors == []


def test_search_says_when_nothing_is_found_and_closes_with_escape(reader: Reader) -> None:
    page = reader.open(EXERCISE)
    page.click("#open-search")
    page.keyboard.type("xylophone")
    expect(page.locator("dialog [role=status]")).to_have_text("0 places found")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


def test_copy_copies_the_command(reader: Reader) -> None:
    page = reader.open(EXERCISE)
    page.get_by_role("button", name="Copy first command").click()
    expect(page.locator(".first .copy")).to_have_text("Copied")
    assert pasted(page).strip() == f"lab start {NUMBER}"


def test_copy_leaves_prompts_and_output_out(reader: Reader) -> None:
    page = reader.open("lab-host.html")
    page.get_by_role("button", name="Copy terminal code").first.click()
    expect(page.locator(".copy.done")).to_have_count(1)
    copied = pasted(page).splitlines()
    assert copied[0] == "uname -sr"
    assert len(copied) == 2


def test_ticks_are_remembered(reader: Reader) -> None:
    page = reader.open(EXERCISE)
    boxes = page.get_by_role("checkbox")
    assert boxes.count() > 2
    boxes.nth(1).check()
    page.reload()
    expect(page.get_by_role("checkbox").nth(1)).to_be_checked()
    expect(page.get_by_role("checkbox").nth(0)).not_to_be_checked()


def test_colours_are_remembered_and_win_over_the_system(reader: Reader) -> None:
    page = reader.open("index.html")
    page.emulate_media(color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    page.click("#theme")
    expect(page.locator("#theme")).to_have_attribute("aria-label", "Colours: dark")
    page.goto((reader.folder / EXERCISE).as_uri())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    expect(page.locator("#theme")).to_have_attribute("aria-label", "Colours: dark")


def test_a_phone_has_a_menu_that_the_keyboard_opens_and_closes(reader: Reader) -> None:
    page = reader.open(EXERCISE, PHONE)
    menu = page.get_by_role("navigation", name="Pages")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_code_that_goes_on_is_marked_until_its_end_is_seen(reader: Reader) -> None:
    page = reader.open(EXERCISE, PHONE)
    wide, short = page.locator("pre[data-file$='tracer.py']"), page.locator(".first pre")
    expect(wide).to_have_class("more")
    expect(short).not_to_have_class("more")
    wide.evaluate("one => one.scrollLeft = one.scrollWidth")
    expect(wide).not_to_have_class("more")


# --- served ---


@contextmanager
def any_web_server(folder: Path) -> Iterator[str]:
    """A server that knows nothing of the lab."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_site_works_below_any_path(chromium: Browser, folder: Path) -> None:
    with any_web_server(folder.parent.parent) as address:
        context = chromium.new_context()
        answers: list[tuple[str, int]] = []
        context.on("response", lambda response: answers.append((response.url, response.status)))
        page = context.new_page()
        page.goto(address + "below/a%20path/index.html")
        page.locator(f"nav.pages a[href$='{EXERCISE}']").click()
        page.wait_for_url(f"**/{EXERCISE}")
        page.keyboard.press("/")
        page.keyboard.type("glossary")
        expect(page.locator("dialog li a").first).to_be_visible()
        assert [one for one in answers if one[1] not in (200, 304)] == []
        assert all(url.startswith(address + "below/a%20path/") for url, _ in answers)
        context.close()


def test_the_state_of_checks_and_newer_pages_show_without_a_click(chromium: Browser, site: Site) -> None:
    shown = Shown()
    shown.show_files(site.files)
    state = {
        "state": "started",
        "outcome": "fail",
        "headline": "Your last check failed.",
        "counts": "2 checks, 0 passed, 1 hint taken.",
        "wrong": [{"name": "ran", "message": "it ran <b>0</b> times", "hint": "attach it"}],
    }
    context = chromium.new_context()
    with serving(shown, 0) as address:
        page = context.new_page()
        page.goto(address + EXERCISE)
        expect(page.locator("#your-checks")).to_be_hidden()
        shown.show_state({SLUG: state})
        expect(page.locator("#your-checks")).to_contain_text("ran: it ran <b>0</b> times")
        expect(page.locator(f"nav.pages a[data-exercise='{SLUG}'] .badge")).to_have_text("started")
        shown.show_problem("README.md:3: wrong")
        expect(page.get_by_role("alert")).to_have_text("README.md:3: wrong")
        newer = {
            **site.files,
            EXERCISE: site.files[EXERCISE].replace(b"<h1>", b"<h1>Newer: "),
        }
        shown.show_files(newer)
        expect(page.locator("h1")).to_contain_text("Newer: ")
        expect(page.locator("#your-checks")).to_contain_text("Your last check failed.")
    context.close()
