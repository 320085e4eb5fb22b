"""Every page of the site, as it would be written now: links, commands, excerpts, size, and plain HTML."""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections import Counter

import pytest

from grader.judge import judge
from grader.written.observation_file import load
from lab import checkout
from lab.checkout import ROOT, SOLUTIONS
from lab.dev.soak.rates import all_rates
from lab.dev.soak.runs import load_runs, recorded
from lab.website.build import Build, Site
from lab.website.data_shapes import verdict_shapes
from lab.website.search_index import COMMON, WORD, searchable
from lab.website.sources import Sources, read_exercise
from lab.website.verbs import all_verbs, commands_in, wrong_with
from tests.lab.website.parsed_pages import ParsedPages, addresses, exercise_addresses, target, text_of

MOST_BYTES = 100 * 1024
MOST_INDEX_BYTES = 6 * 1024
"""For each page."""
INDEX = "assets/search-index.js"
PAGES = addresses()
EXERCISES = exercise_addresses()


def test_every_source_became_a_page(site: Site) -> None:
    assert sorted(page.address for page in site.pages) == sorted(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_the_html_is_valid_and_has_one_title(pages: ParsedPages, site: Site, page: str) -> None:
    assert site.files[page].startswith(b"<!doctype html>")
    assert pages.tree(page).find("head/title") is not None
    assert len(list(pages.elements(page, "h1"))) == 1


@pytest.mark.parametrize("page", PAGES)
def test_no_id_stands_on_a_page_twice(pages: ParsedPages, page: str) -> None:
    assert [name for name, count in Counter(pages.ids(page)).items() if count > 1] == []


@pytest.mark.parametrize("page", PAGES)
def test_headings_never_skip_a_level(pages: ParsedPages, page: str) -> None:
    main = next(one for one in pages.elements(page, "main"))
    levels = [int(one.tag[1]) for one in main.iter() if re.fullmatch("h[1-6]", str(one.tag))]
    assert levels[0] == 1
    assert [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_and_anchor_leads_somewhere(pages: ParsedPages, site: Site, page: str) -> None:
    wrong = []
    for link in pages.elements(page, "a"):
        href = link.attrib["href"]
        if href.startswith(("https://", "http://")):
            continue
        address, anchor = target(page, href)
        if address not in site.files or (anchor and anchor not in pages.ids(address)):
            wrong.append(href)
    assert wrong == []
    assert len(list(pages.elements(page, "a"))) > 5


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_loads_is_part_of_the_site(pages: ParsedPages, site: Site, page: str) -> None:
    loaded = [
        one.attrib["src"] for one in pages.elements(page, "script", "img", "iframe") if "src" in one.attrib
    ]
    loaded += [
        one.attrib["href"] for one in pages.elements(page, "link") if one.attrib["rel"] == "stylesheet"
    ]
    assert len(loaded) == 2
    assert [one for one in loaded if target(page, one)[0] not in site.files] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_a_page_exists_with_its_options(pages: ParsedPages, page: str) -> None:
    verbs = all_verbs()
    found = [words for code in pages.elements(page, "code") for _, words in commands_in(text_of(code))]
    assert [(words, wrong) for words in found if (wrong := wrong_with(words, verbs))] == []


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("check 4 --json", ""),
        ("dev soak [N…] --runs 3 --hogs 2", ""),
        ("VERB --help", ""),
        ("--install-completion", ""),
        ("chek 4", "lab has no verb chek"),
        ("check 4 --jason", "lab check has no option --jason"),
        ("dev image import", "lab dev image has no verb import"),
        ("hint 'x", 'the quotes in "hint \'x" do not match'),
    ],
)
def test_a_command_that_is_none_is_named(words: str, wrong: str) -> None:
    assert wrong_with(words, all_verbs()) == wrong


def test_commands_are_found_in_all_their_forms() -> None:
    text = "lab up\n$ lab check 4   # grade\nbin/lab list | head\nlabel x\n  lab down && lab up\n"
    assert [words for _, words in commands_in(text)] == ["up", "check 4", "list", "down"]


@pytest.mark.parametrize("page", PAGES)
def test_every_code_excerpt_is_the_files_current_text(pages: ParsedPages, page: str) -> None:
    for pre in pages.elements(page, "pre"):
        if "data-file" in pre.attrib:
            assert text_of(pre) == (ROOT / pre.attrib["data-file"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", EXERCISES)
def test_an_exercise_shows_its_whole_starter_with_every_todo_marked(pages: ParsedPages, page: str) -> None:
    exercise = checkout.exercise(page.removeprefix("exercises/").removesuffix(".html"))
    shown = [pre.attrib.get("data-file") for pre in pages.elements(page, "pre")]
    folded = [
        pre.attrib.get("data-file") for one in pages.elements(page, "details") for pre in one.iter("pre")
    ]
    found = []
    for name in exercise.starter_files:
        text, file = (exercise.folder / name).read_text(), f"exercises/{exercise.slug}/{name}"
        numbers = re.findall(r"TODO (\d+)", text)
        assert file in shown
        assert (file in folded) == ("TODO" not in text), name
        assert all(any(one.endswith(f"-todo-{number}") for one in pages.ids(page)) for number in numbers)
        found += numbers
    assert found


@pytest.mark.parametrize("page", EXERCISES)
def test_an_exercise_names_every_check_and_every_hint(site: Site, page: str) -> None:
    exercise = checkout.exercise(page.removeprefix("exercises/").removesuffix(".html"))
    shown = site.files[page].decode()
    for check in exercise.checks:
        assert f"<code>{check.name}</code>" in shown
    assert shown.count('<details class="hint">') == len(exercise.hints)
    assert "are not counted" in shown


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("01-setting-up", "the exercise asks for …; yours: …"),
        ("03-workload", "below 0 is an error, and 0 is the end of a connection"),  # beside numbers alone
        ("03-workload", "that is the number of connections, and one connection"),  # in one check alone
        ("04-kprobes", "see maxactive in tracer.py"),  # shared
        ("04-kprobes", "the filter lets only the server's process through"),  # a misconception
    ],
)
def test_what_a_check_may_say_is_on_the_page(pages: ParsedPages, slug: str, words: str) -> None:
    said = " ".join(text_of(one) for one in pages.elements(f"exercises/{slug}.html", "details"))
    assert words in said


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_small_with_everything_it_loads_when_it_is_opened(site: Site, page: str) -> None:
    assets = [name for name in site.files if name.startswith("assets/") and name != INDEX]
    assert sum(len(site.files[name]) for name in [page, *assets]) < MOST_BYTES


def test_the_search_index_which_is_loaded_when_somebody_searches_is_small_for_its_pages(site: Site) -> None:
    assert len(site.files[INDEX]) < MOST_INDEX_BYTES * len(PAGES)


def test_solutions_are_shown_only_when_asked_for(sources: Sources, site: Site) -> None:
    slug = checkout.slugs()[0]

    def body(asked: bool) -> str:
        # Rendering changes a document, so each is read anew.
        one = read_exercise(checkout.exercise(slug))
        return Build(sources, with_solutions=asked).exercise(one).body

    without, with_it = body(False), body(True)
    for part in ('id="solution"', f'data-file="solutions/{slug}/tracer.py"'):
        assert part not in without
        assert part not in site.files[f"exercises/{slug}.html"].decode()
        assert part in with_it
    assert not any(name.startswith("solutions/") for name in site.files)


def test_the_search_index_knows_every_page(pages: ParsedPages, site: Site) -> None:
    script = site.files[INDEX].decode()
    entries = json.loads(script.removeprefix("window.labSearchIndex = ").rstrip().removesuffix(";"))
    assert {entry[2].partition("#")[0] for entry in entries} == set(PAGES)
    for entry in entries:
        address, anchor = target("index.html", entry[2])
        assert not anchor or anchor in pages.ids(address)


def test_the_search_finds_every_word_of_every_section(site: Site) -> None:
    for page in site.pages:
        for part in page.facts.parts:
            shown, others = searchable(part.text)
            found = f"{shown.lower()} {others}"
            words = set(WORD.findall(part.text.lower())) - COMMON
            assert [word for word in words if word not in found] == [], (page.address, part.title)
            assert len(others) < len(part.text) or not others


def test_the_soak_figures_are_those_of_the_records(pages: ParsedPages) -> None:
    shown = " ".join(text_of(next(pages.elements("about/trust.html", "main"))).split())
    rows = all_rates(recorded())
    assert len(rows) > 1
    for row in rows:
        assert f"{row.runs} {row.rejects} (under {row.rejects_under * 100:.1f}%)" in shown


def test_the_map_of_a_request_counts_what_the_recording_holds(pages: ParsedPages) -> None:
    raw = gzip.decompress((SOLUTIONS / "04-kprobes" / "observation.json.gz").read_bytes())
    ledger = json.loads(raw)["ledger"]
    requests = sum(entry["kind"] == "http" and entry["who"] == "lab-target" for entry in ledger)
    assert f"of {requests} requests" in text_of(next(pages.elements("reference/request-map.html", "main")))


def test_the_map_of_descriptors_agrees_with_what_the_check_says_of_the_run(pages: ParsedPages) -> None:
    exercise = checkout.exercise("03-workload")
    seen = load(SOLUTIONS / exercise.slug / "observation.json.gz")
    said = next(one.message for one in judge(exercise, seen).checks if one.name == "one_request")
    table = next(
        one for one in pages.elements("reference/request-map.html", "table") if "eventfd" in text_of(one)
    )
    rows = [[text_of(cell) for cell in row] for row in table.iter("tr")][1:]
    shown = {
        kind: ", ".join(f"{row[4]} {row[1]}" for row in rows if row[0] == kind) for kind in ("HTTP", "gRPC")
    }
    assert said.endswith(f"http: {shown['HTTP']}; grpc: {shown['gRPC']}")
    assert {row[0] for row in rows} == {"HTTP", "gRPC", "unix socket", "eventfd"}


def test_every_field_of_the_verdict_has_a_meaning() -> None:
    shapes = verdict_shapes()
    assert shapes[0].name == "Verdict"
    assert shapes[0].fields[0].name == "schema"
    assert [(shape.name, one.name) for shape in shapes for one in shape.fields if not one.meaning] == []


def test_every_verb_is_on_the_reference_page(pages: ParsedPages) -> None:
    shown = pages.ids("reference/verbs.html")
    assert [verb.id for verb in all_verbs().leaves() if verb.id not in shown] == []


def test_words_of_the_glossary_are_links_where_they_are_first_used(pages: ParsedPages) -> None:
    for page in EXERCISES:
        links = [one.attrib["href"] for one in pages.elements(page, "a") if one.attrib.get("class") == "term"]
        assert links
        assert len(links) == len(set(links))


def test_no_line_of_a_soak_record_is_left_out() -> None:
    records = sorted((ROOT / "docs" / "soak").glob("*.jsonl"))
    assert records
    for path in records:
        assert len(load_runs(path)) == len(path.read_text(encoding="utf-8").splitlines()), path.name
