"""What pages say a command prints on the lab host, it prints there."""

from __future__ import annotations

import pytest

from grader.host import Host
from lab.website.run_blocks import Typed, typed_in
from lab.website.sources import read_sources

pytestmark = pytest.mark.lab_host


def all_typed() -> list[Typed]:
    """Every command in a marked block of an exercise or a page."""
    sources = read_sources()
    documents = [one.readme for one in sources.exercises] + [one.hints for one in sources.exercises]
    documents += [page.document for page in sources.pages]
    return [typed for document in documents for typed in typed_in(document)]


def test_every_marked_command_prints_what_its_page_says(lab_host: Host) -> None:
    wrong = []
    commands = all_typed()
    for typed in commands:
        # A login shell, as `lab shell` gives: its PATH knows the programs for root.
        done = lab_host.run(["sh", "-lc", typed.command], check=False)
        if not typed.fits(done.stdout):
            wrong.append(f"{typed.source.path}:{typed.line}: {typed.command}\n{done.stdout}{done.stderr}")
    assert wrong == []
    assert commands
