"""Parts of an exercise's text, for reading in the terminal."""

from __future__ import annotations

import re
from pathlib import Path

from rich.markdown import Markdown
from rich.padding import Padding

from lab.terminal import talk

WIDEST = 96


def section(readme: Path, title: str) -> str:
    """The Markdown below the heading `## title`; empty where there is none."""
    parts = re.split(r"^## (.+)\n", readme.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {heading.strip(): text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}
    return found.get(title, "")


def show_text(markdown: str) -> None:
    """On standard error, set for the terminal's width: it is read while something else goes on."""
    # A drawing in letters is no program, and keeps the terminal's own colours.
    shown = Markdown(markdown, code_theme="ansi_dark")
    width = min(talk.width, WIDEST)
    talk.print(Padding(shown, (0, 2, 1, 2)), width=width, soft_wrap=False)
