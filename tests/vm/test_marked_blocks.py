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


TYPED = all_typed()


def test_there_are_marked_blocks() -> None:
    assert TYPED


@pytest.mark.parametrize("typed", TYPED, ids=lambda one: f"{one.source.path}:{one.line}")
def test_a_marked_command_prints_what_the_page_says(lab_host: Host, typed: Typed) -> None:
    # A login shell, as `lab shell` gives: its PATH knows the programs for root.
    done = lab_host.run(["sh", "-lc", typed.command], check=False)
    assert typed.fits(done.stdout), f"{typed.command}\n{done.stdout}{done.stderr}"
