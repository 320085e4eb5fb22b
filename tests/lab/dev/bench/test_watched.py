"""A watch that is timed: it begins with a verdict, and ends with the block."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil

from lab.dev.bench.sides import Side
from lab.dev.bench.watched import Watched

LAB = """#!/bin/sh
workspace=$4
[ "$1" = start ] && { mkdir -p "$5/04-kprobes" "$5/.lab/verdicts/04-kprobes"; exit; }
echo '{}' > "$workspace/.lab/verdicts/04-kprobes/1.json"
exec sleep 1000
"""


def test_the_watch_ends_with_the_block_even_where_ctrl_c_is_ignored(tmp_path: Path) -> None:
    program = tmp_path / "checkout" / "bin" / "lab"
    program.parent.mkdir(parents=True)
    program.write_text(LAB)
    program.chmod(0o755)
    side = Side("here", tmp_path / "checkout", tmp_path)
    others = set(psutil.Process().children())
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a shell's background
    try:
        with Watched(side, 4, "04-kprobes", tmp_path / "watched", tmp_path / "log") as watched:
            watched.start({"tracer.py": b"print('READY')\n"})
            (running,) = set(psutil.Process().children()) - others
    finally:
        signal.signal(signal.SIGINT, before)
    assert not running.is_running()
