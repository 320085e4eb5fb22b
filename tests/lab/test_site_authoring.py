"""What an author can do wrong stops the build with the file, the line and the fix."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from grader.exercise_folder import load
from lab import checkout, cli
from lab.checkout import EXERCISES
from lab.website.authoring import AuthoringError, Source
from lab.website.build import Build, build_site, write_site
from lab.website.diagram import read_diagram
from lab.website.markdown import read_document
from lab.website.sources import Prose, Sources, read_exercise, read_sources
from vocabulary import exit_codes

SLUG = checkout.slugs()[0]
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 100"><title>t</title><desc>d</desc>'
    '<rect class="box" x="1" y="1" width="9" height="9"/></svg>'
)


@cache
def sources() -> Sources:
    return read_sources()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / SLUG
    shutil.copytree(EXERCISES / SLUG, made)
    return made


def page_of(folder: Path) -> bytes:
    """The exercise's page."""
    one = read_exercise(load(folder))
    return Build(sources(), with_solutions=False).exercise(one).body.encode()


def replaced(before: str, after: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert before in text
        return text.replace(before, after, 1)

    return change


def test_a_copy_of_an_exercise_builds(folder: Path) -> None:
    assert b"The idea" in page_of(folder)


@pytest.mark.parametrize(
    ("change", "line", "said", "fix"),
    [
        (
            replaced("## The idea", "## Idea"),
            "last",
            "the section 'The idea' is missing",
            "add `## The idea`",
        ),
        (lambda text: text.removeprefix("# "), 1, "no title", "# Title"),
        (
            lambda text: text + "\n```\nopen\n",
            "last",
            "this code block is never closed",
            "end it with a line ```",
        ),
        (lambda text: text + "\n```", "last", "this code block is never closed", "end it with"),
        (lambda text: text + "\n[x](../99-nothing/README.md)\n", "last", "leads nowhere", "README.md"),
        (
            lambda text: text + "\nSee `bpf_templates/none.bcc.c`.\n",
            "last",
            "there is no template",
            "one of: ",
        ),
        (lambda text: text + "\nType `lab chek 2`.\n", "last", "lab has no verb chek", "lab --help"),
        (
            lambda text: text + "\n```sh\nlab up --quick\n```\n",
            -1,
            "lab up has no option --quick",
            "lab --help",
        ),
        (
            lambda text: text + "\n```klingon\nx\n```\n",
            -2,
            "no highlighting for 'klingon'",
            "write c, python",
        ),
        (
            lambda text: text + "\n```{generated} luck\n```\n",
            -1,
            "nothing is called 'luck'",
            "one of: schedule",
        ),
        (lambda text: text + "\n## Steps\n\nmore\n", -2, "the heading 'Steps' is there twice", "rename one"),
        (lambda text: text + "\n![x](y.png)\n", "last", "a picture by address", "diagram.svg"),
    ],
    ids=[
        "section missing",
        "no title",
        "unclosed fence",
        "fence opened in the last line",
        "dangling link",
        "unknown template",
        "unknown verb",
        "unknown option",
        "unknown language",
        "unknown block",
        "heading twice",
        "picture",
    ],
)
def test_a_mistake_in_a_readme_is_named_with_its_line(
    folder: Path, change: Callable[[str], str], line: int | str, said: str, fix: str
) -> None:
    path = folder / "README.md"
    text = change(path.read_text())
    path.write_text(text)
    with pytest.raises(AuthoringError) as caught:
        page_of(folder)
    lines = len(text.splitlines())
    at = caught.value.message.removeprefix(f"{path}:").partition(":")[0]
    assert said in caught.value.message
    assert fix in caught.value.hint
    if line == "last":
        assert int(at) in (lines, lines - 1)
    else:
        assert isinstance(line, int)
        assert int(at) == (line if line > 0 else lines + line)


def test_a_link_to_an_anchor_that_is_not_there_is_named() -> None:
    build = Build(sources(), with_solutions=False)
    page = sources().pages[0]
    text = "# T\n\nfirst\n\n[x](#nowhere)\n"
    source = Source("site/pages/index.md", text)
    document = replace(read_document(source), settings=page.document.settings)
    made = build.prose(Prose(document, "index.html"))
    with pytest.raises(AuthoringError, match=r"site/pages/index\.md:5: there is no #nowhere on index\.html"):
        build.addresses.check({made.address: made.facts.ids})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DRAWING.replace("<desc>d</desc>", ""), "no <desc>"),
        (DRAWING.replace("</svg>", ""), "no XML"),
        (DRAWING.replace("0 0 400", "0 0 900"), "the drawing is 900 wide"),
        (DRAWING.replace('class="box"', 'fill="#fff"'), 'fill="#fff"'),
        (DRAWING.replace("<rect", "<script/><rect"), "<script> in a drawing"),
        (DRAWING.replace('class="box"', 'href="https://x"'), "https://x"),
        (DRAWING.replace(' viewBox="0 0 400 100"', ""), "no <svg> with a viewBox"),
    ],
)
def test_a_drawing_that_some_could_not_see_is_refused(text: str, said: str) -> None:
    with pytest.raises(AuthoringError) as caught:
        read_diagram(Source("exercises/x/diagram.svg", text))
    assert said in caught.value.message
    assert caught.value.message.startswith("exercises/x/diagram.svg:")


def test_a_drawing_takes_the_place_of_the_letters(folder: Path) -> None:
    (folder / "diagram.svg").unlink(missing_ok=True)
    with_letters = page_of(folder)
    (folder / "diagram.svg").write_text(DRAWING)
    drawn = page_of(folder)
    assert b"<svg" not in with_letters
    assert b'<svg role="img" aria-labelledby="diagram-title diagram-desc"' in drawn
    assert drawn.count(b"<pre") == with_letters.count(b"<pre") - 1


def test_an_exercise_without_a_drawing_builds_and_is_remarked() -> None:
    missing = [one.exercise.slug for one in sources().exercises if not one.diagram]
    assert [remark.split("/")[1] for remark in build_site().remarks] == missing


@pytest.mark.parametrize("text", ["# T\n", "---\ntitle: T\norder: 1\n---\n# T\n", "---\nno setting\n---\n"])
def test_a_page_without_its_settings_is_named(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new.md").write_text(text)
    monkeypatch.setattr("lab.website.sources.PAGES", tmp_path)
    with pytest.raises(AuthoringError, match=r"new\.md:\d+: "):
        read_sources()


def test_the_command_writes_the_site_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "pages"
    assert cli.run(["site", "build", "--out", str(out)]) == exit_codes.PASSED
    assert capsys.readouterr().out.strip() == (out / "index.html").as_uri()
    assert (out / "assets" / "style.css").exists()
    # Its own folder it may replace.
    assert cli.run(["site", "build", "--out", str(out)]) == exit_codes.PASSED


def test_a_folder_with_something_else_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert cli.run(["site", "build", "--out", str(tmp_path)]) == exit_codes.USAGE
    assert "was not made by this command" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_write_that_breaks_off_leaves_the_old_site(tmp_path: Path) -> None:
    site = build_site()
    out = tmp_path / "pages"
    write_site(site, out, lambda _: None)
    broken = replace(site, files={"index.html": b"new", "index.html/impossible": b"x"})
    with pytest.raises(OSError):
        write_site(broken, out, lambda _: None)
    assert (out / "index.html").read_bytes() == site.files["index.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]
