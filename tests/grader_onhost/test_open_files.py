"""Descriptors that a child inherited are the parent's own open files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from grader.onhost.kernel.open_files import distinct

WAIT = [sys.executable, "-c", "import sys; sys.stdin.read()"]


def entry(pid: int, fd: int) -> dict[str, int]:
    return {"pid": pid, "fd": fd}


def test_what_a_child_inherited_counts_once_and_what_was_opened_twice_counts_twice(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with path.open() as first, path.open() as second:
        again = os.dup(first.fileno())
        child = subprocess.Popen(WAIT, stdin=subprocess.PIPE, pass_fds=[first.fileno()])
        try:
            me, one, other = os.getpid(), first.fileno(), second.fileno()
            entries = [entry(me, one), entry(me, again), entry(child.pid, one), entry(me, other)]
            assert list(distinct(entries)) == [entry(me, one), entry(me, other)]
        finally:
            child.communicate()
            os.close(again)


def test_what_was_closed_since_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with path.open() as opened:
        entries = [entry(os.getpid(), opened.fileno())]
    assert list(distinct(entries)) == []
