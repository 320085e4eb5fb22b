"""Two checkouts that are timed side by side: this one and an older commit, each with caches of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.checkout import ROOT
from lab.git import git
from vocabulary.errors import Unusable

XDG = ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
"""Where everything is kept that a checkout makes outside of itself."""


@dataclass(frozen=True)
class Side:
    """One checkout and the folder below which all its caches lie."""

    name: str
    checkout: Path
    caches: Path

    def command(self, *words: str) -> list[str]:
        """What a person would type in this checkout."""
        return [str(self.checkout / "bin" / "lab"), *words]

    def environment(self) -> Mapping[str, str]:
        """Nothing of the other side, or of the user's own lab host, is seen."""
        return {**os.environ, **{name: str(self.caches / name.lower()) for name in XDG}}

    def run(self, *words: str) -> None:
        """Run one verb to its end, its talk on ours. Raises Unusable when it does not end with 0."""
        done = subprocess.run(
            self.command(*words), env=self.environment(), stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise Unusable(
                f"`lab {' '.join(words)}` of {self.name} ended with {done.returncode}", "lab doctor"
            )


@contextlib.contextmanager
def against(commit: str, root: Path = ROOT) -> Iterator[tuple[Side, Side]]:
    """This checkout and that commit; machines, caches and the second checkout are gone afterwards.

    Raises Unusable when git does not know the commit, or cannot check it out.
    """
    found = (git(root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") or "").strip()
    if not found:
        raise Unusable(f"git knows no commit {commit} here", "git log --oneline")
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="ebpf-lab-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        there = folder / "checkout"
        if git(root, "worktree", "add", "--detach", str(there), found) is None:
            raise Unusable(f"git could not check out {commit} in {there}", "git worktree list; df -h")
        stack.callback(git, root, "worktree", "remove", "--force", str(there))
        sides = (
            Side("this checkout", root, folder / "here"),
            Side(found[:12], there, folder / "there"),
        )
        for side in sides:
            stack.callback(_down, side)
        yield sides


def _down(side: Side) -> None:
    """End the side's machine; where it never had one there is nothing to end."""
    if (side.caches / "xdg_cache_home").exists():
        subprocess.run(side.command("down"), env=side.environment(), capture_output=True, check=False)
