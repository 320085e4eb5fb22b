"""The site as this machine serves it: to itself alone, with news, until it ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from grader.verdict import Finding, Outcome
from lab import checkout, cli
from lab.one_check import saved
from lab.settle import Settled
from lab.website import watch_sources
from lab.website.authoring import AuthoringError, Source
from lab.website.build import Site
from lab.website.check_states import check_states
from lab.website.run_blocks import typed
from lab.website.serve import Shown, serving
from lab.website.watch_sources import Keeper, fingerprint
from lab.workspace import Workspace
from tests.lab.test_comparison import RIGHT, VERDICT
from vocabulary.errors import Unusable
from vocabulary.exit_codes import USAGE

SLUG = checkout.slugs()[-1]
FILES = {"index.html": b"<body>start</body>", "assets/site.js": b"1;"}


@pytest.fixture
def shown() -> Shown:
    made = Shown()
    made.show_files(FILES)
    return made


@pytest.fixture
def address(shown: Shown) -> Iterator[str]:
    with serving(shown, 0) as where:
        yield where


def ask(address: str, path: str, host: str = "") -> HTTPResponse:
    """The answer to GET; its body can still be read."""
    where = urlsplit(address).netloc
    connection = HTTPConnection(where, timeout=30)
    connection.request("GET", path, headers={"Host": host or where})
    return connection.getresponse()


def got(address: str, path: str, host: str = "") -> tuple[int, str, bytes]:
    """Status, kind and content."""
    with closing(ask(address, path, host)) as answer:
        return answer.status, answer.headers["Content-Type"], answer.read()


def test_a_page_is_served_with_the_place_for_news_and_an_asset_as_it_is(address: str) -> None:
    live = b'<body>start<script type="application/json" data-live="/_lab/events"></script>\n</body>'
    for path in ("/", "/index.html"):
        assert got(address, path) == (200, "text/html; charset=utf-8", live)
    assert got(address, "/assets/site.js") == (200, "text/javascript; charset=utf-8", b"1;")


@pytest.mark.parametrize("path", ["/nothing.html", "/../../etc/passwd", "/assets/"])
def test_what_is_no_page_is_not_found(address: str, path: str) -> None:
    assert got(address, path)[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1"])
def test_another_name_for_this_machine_is_refused(address: str, host: str) -> None:
    assert got(address, "/", host)[0] == 403


def test_it_listens_on_the_loopback_address_alone(address: str) -> None:
    assert urlsplit(address).hostname == "127.0.0.1"


def test_a_port_that_is_taken_is_named(address: str) -> None:
    port = urlsplit(address).port
    assert port
    with pytest.raises(Unusable, match=f"port {port} is not to be had"), serving(Shown(), port):
        pass


def next_event(answer: HTTPResponse) -> tuple[str, str]:
    """Name and data of the next event."""
    name = data = ""
    while line := answer.readline().decode().rstrip("\n"):
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            data = line.removeprefix("data: ")
    return name, data


def test_news_arrive_and_end_with_the_server(shown: Shown) -> None:
    server = serving(shown, 0)
    address = server.__enter__()
    with closing(ask(address, "/_lab/events")) as answer:
        assert [next_event(answer), next_event(answer)] == [("pages", "1"), ("problem", '""')]
        shown.show_state({"x": 1})
        assert next_event(answer) == ("state", '{"x": 1}')
        shown.show_problem("a\nb")
        assert next_event(answer) == ("problem", json.dumps("a\nb"))
        shown.show_files(FILES)
        assert next_event(answer) == ("pages", "2")
        assert next_event(answer) == ("problem", '""')
        server.__exit__(None, None, None)
        assert answer.read() == b""
    assert not [thread for thread in threading.enumerate() if "serve_forever" in thread.name]


def checked(place: Workspace, outcome: Outcome, checks: tuple[Finding, ...]) -> None:
    """A verdict as if `lab check` had made it."""
    verdict = replace(VERDICT, exercise=SLUG, outcome=outcome, checks=checks)
    saved(place, Settled(verdict, (replace(RIGHT, exercise=SLUG),)), practice=False)


def test_the_state_of_checks_is_what_the_last_verdict_said(tmp_path: Path) -> None:
    place = Workspace(tmp_path / "work")
    assert check_states(place) == {}
    place.start(SLUG, checkout.exercise(SLUG).starter_files)
    assert check_states(place)[SLUG]["headline"] == "Started, not checked yet."
    wrong = Finding(
        "ran", "it ran", Outcome.FAIL, message="it ran 0 times", hint="attach it", cause="never_ran"
    )
    checked(place, Outcome.FAIL, (wrong,))
    state = check_states(place)[SLUG]
    assert state["outcome"] == "fail"
    assert state["wrong"] == [{"name": "ran", "message": "it ran 0 times", "hint": "attach it"}]
    checked(place, Outcome.PASS, ())
    state = check_states(place)[SLUG]
    assert (state["state"], state["wrong"]) == ("passed", [])
    assert state["counts"] == "2 checks, 1 passed, 0 hints taken."


class Builds:
    """Stands for the build: gives one result after the other."""

    def __init__(self, *results: Site | Exception) -> None:
        self.results = list(results)

    def __call__(self, *, with_solutions: bool) -> Site:
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


def test_the_keeper_builds_when_a_source_changed_and_shows_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "docs" / "page.md"
    source.parent.mkdir()
    source.write_text("one")
    first, second = (Site((), {"index.html": text}, ()) for text in (b"first", b"second"))
    builds = Builds(first, AuthoringError("docs/page.md:1: wrong", "mend it"), second)
    monkeypatch.setattr(watch_sources, "ROOT", tmp_path)
    monkeypatch.setattr(watch_sources, "build_site", builds)
    shown, said = Shown(), list[str]()
    keeper = Keeper(shown, Workspace(tmp_path / "work"), said.append)
    keeper.look()
    keeper.look()
    assert shown.file("index.html") == b"first"
    source.write_text("other")
    keeper.look()
    assert shown.file("index.html") == b"first"
    assert "docs/page.md:1: wrong" in capsys.readouterr().err
    assert "docs/page.md:1: wrong" in next(iter(shown.news()))["problem"]
    source.write_text("longer")
    keeper.look()
    assert shown.file("index.html") == b"second"
    assert next(iter(shown.news()))["problem"] == '""'
    assert builds.results == []
    assert len(said) == 2


def test_a_mistake_at_the_start_stops_before_anything_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("one")
    monkeypatch.setattr(watch_sources, "ROOT", tmp_path)
    monkeypatch.setattr(
        watch_sources, "build_site", Builds(AuthoringError("docs/page.md:1: wrong", "mend it"))
    )
    with pytest.raises(AuthoringError, match=r"docs/page\.md:1: wrong"):
        Keeper(Shown(), Workspace(tmp_path / "work"), lambda _: None).look()


def test_a_fingerprint_changes_with_a_file_that_is_saved_made_or_deleted(tmp_path: Path) -> None:
    seen = [fingerprint(tmp_path)]
    (tmp_path / "a").write_text("1")
    seen.append(fingerprint(tmp_path))
    (tmp_path / "a").write_text("22")
    seen.append(fingerprint(tmp_path))
    (tmp_path / "a").unlink()
    assert len(set(seen)) == 3
    assert fingerprint(tmp_path) == seen[0]


def test_open_of_an_exercise_that_is_none_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["open", "99"]) == USAGE
    assert "exercise 99 does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("expected", "output", "fits"),
    [
        ("Linux …", "Linux 6.12\n", True),
        ("Linux …", "Windows\n", False),
        ("Linux …", "Linux 6.12\nmore\n", False),
        ("…", "one\ntwo\n", True),
        ("…", "", False),
        ("", "", True),
        ("", "noise\n", False),
        ("a\n…\nb", "a\n1\n2\nb\n", True),
        ("a (1)", "a (1)\n", True),
        ("a.c", "abc\n", False),
    ],
)
def test_the_output_of_a_marked_block_is_compared(expected: str, output: str, fits: bool) -> None:
    (one,) = typed(Source("x.md", ""), 1, f"$ true\n{expected}\n" if expected else "$ true\n")
    assert one.fits(output) is fits


def test_a_marked_block_has_its_commands_with_their_lines() -> None:
    found = list(typed(Source("x.md", ""), 10, "$ a\n1\n2\n$ b\n"))
    assert [(one.line, one.command, one.expected) for one in found] == [(11, "a", "1\n2"), (14, "b", "")]
    with pytest.raises(AuthoringError, match=r"x\.md:11: a block marked as run begins with a command"):
        list(typed(Source("x.md", ""), 10, "a\n"))
