"""What a newcomer reads while the demo works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab import checkout
from lab.demo import say_what_comes
from lab.reading import section


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACHE", "DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


def test_the_demo_says_how_long_it_takes_and_gives_something_to_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []
    say_what_comes(checkout.demo_exercise(), said.append)
    assert re.fullmatch(r"the demo takes about \d+ minutes, most of it once", said[0])
    shown = capsys.readouterr()
    assert "A server talks to the world through system calls." in shown.err
    assert "a thread of Triton      kernel" in shown.err
    assert "##" not in shown.err
    assert "Steps" not in shown.err
    assert shown.out == ""


@pytest.mark.parametrize("slug", checkout.slugs())
def test_every_exercise_has_an_idea_to_read(slug: str) -> None:
    assert section(checkout.EXERCISES / slug / "README.md", "The idea")


def test_a_section_that_is_not_there_is_empty(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Title\n\n## Steps\n\none\n")
    assert section(tmp_path / "README.md", "The idea") == ""
    assert section(tmp_path / "README.md", "Steps") == "one"
