"""Keeps what is served up to date: pages when a source changes, states when a check was made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.checkout import ROOT
from lab.failures import explain
from lab.website.build import build_site
from lab.website.check_states import check_states
from lab.website.serve import Shown
from lab.workspace import Workspace

LOOK_EVERY_S = 0.5
SOURCES = ("exercises", "solutions", "bpf_templates", "docs", "site")
"""Folders that pages are made from. The code itself is read once: start the command again after a change."""

Fingerprint = frozenset[tuple[str, int, int]]


def fingerprint(*roots: Path) -> Fingerprint:
    """Name, time and size of every file below these. (Looking is cheap, and works on every file system.)"""
    found = set()
    for path in (one for root in roots for one in (root.rglob("*") if root.is_dir() else [root])):
        try:
            facts = path.stat()
        except OSError:
            continue
        if path.is_file() and "__pycache__" not in path.parts:
            found.add((str(path), facts.st_mtime_ns, facts.st_size))
    return frozenset(found)


@dataclass
class Keeper:
    """Looks at sources and workspace, and shows what is new."""

    shown: Shown
    place: Workspace
    say: Callable[[str], None]
    with_solutions: bool = False
    sources: Fingerprint = frozenset()
    progress: Fingerprint | None = None

    def look(self) -> None:
        """Once: build when a source changed, read the states when a check was made.

        The first time raises what is wrong in a source: no good pages are there yet to show it on.
        """
        sources = fingerprint(*(ROOT / name for name in SOURCES))
        if sources != self.sources:
            first, self.sources = not self.sources, sources
            self.build(first)
        progress = fingerprint(self.place.hidden / "progress.json")
        if progress != self.progress:
            self.progress = progress
            self.shown.show_state(check_states(self.place))

    def build(self, first: bool) -> None:
        """Show the new pages, or what is wrong beside the last good ones."""
        try:
            site = build_site(with_solutions=self.with_solutions)
        except Exception as error:
            if first:
                raise
            problem = explain(error)
            problem.show()
            self.shown.show_problem(f"{problem.message}\n{problem.hint}")
            return
        self.shown.show_files(site.files)
        self.say(f"{len(site.pages)} pages are up to date")

    def keep(self, ended: threading.Event) -> None:
        """Look again and again until `ended`."""
        while not ended.wait(LOOK_EVERY_S):
            self.look()
