"""A small exercise with its solution on disk, and the edit lists that a test writes beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.exercise import Exercise
from lab.dev.rejected.applying import Solution
from lab.dev.rejected.edit_list import EditList, parse
from lab.website.authoring import Source
from tests.lab.test_comparison import EXERCISE

TRACER = '''"""Exercise 4, solution: counts calls."""

import time

bpf = load("tracer.bpf.c")
attach("read", "entered")
attach("read", "returned")

report(counts())
'''
PROGRAM = """// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 4, solution: every call.

int entered(void *ctx)
{
\tstarts.update(ctx);
\treturn 0;
}

int returned(void *ctx)
{
\tstarts.delete(ctx);
\treturn 0;
}
"""
SOLUTION = Solution("04-kprobes", {"tracer.bpf.c": PROGRAM.encode(), "tracer.py": TRACER.encode()})

FIRST = '''# expect: calls no_pairing
"""Exercise 4, rejected: forgets nothing."""
'''
FORGETS_NOTHING = f"""{FIRST}
@@ tracer.bpf.c @@
-\tstarts.delete(ctx);
"""


def edit_list(text: str) -> EditList:
    """The list with this text, as if it lay in the checkout."""
    return parse(Source("solutions/04-kprobes/rejected/wrong.diff", text))


def exercise_in(root: Path, **lists: str) -> Exercise:
    """The exercise, its solution below `root`, and these lists (name -> text)."""
    folder = root / "solutions" / "04-kprobes"
    (folder / "rejected").mkdir(parents=True, exist_ok=True)
    for name, content in SOLUTION.files.items():
        (folder / name).write_bytes(content)
    for name, text in lists.items():
        (folder / "rejected" / f"{name}.diff").write_text(text)
    return replace(EXERCISE, starter_files=("tracer.bpf.c", "tracer.py"))
