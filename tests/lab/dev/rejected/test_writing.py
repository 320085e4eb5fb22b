"""What is written as edits brings the same text back."""

from __future__ import annotations

import random

import pytest

from lab.dev.rejected.applying import edited
from lab.dev.rejected.writing import written
from tests.lab.dev.rejected.a_solution import FIRST, PROGRAM, SOLUTION, TRACER, edit_list


def test_one_line_that_is_there_once_needs_nothing_around_it() -> None:
    after = TRACER.replace("counts()", "numbers()")
    assert written("tracer.py", TRACER.split("\n"), after.split("\n")) == (
        "\n@@ tracer.py @@\n-report(counts())\n+report(numbers())\n"
    )


def test_a_line_that_is_there_twice_comes_with_the_one_that_tells_it_apart() -> None:
    after = "\treturn 1;".join(PROGRAM.rsplit("\treturn 0;", 1))
    assert written("tracer.bpf.c", PROGRAM.split("\n"), after.split("\n")) == (
        "\n@@ tracer.bpf.c @@\n \tstarts.delete(ctx);\n-\treturn 0;\n+\treturn 1;\n"
    )


def test_nothing_is_written_where_nothing_differs() -> None:
    assert written("tracer.py", TRACER.split("\n"), TRACER.split("\n")) == ""


def test_a_place_is_never_told_by_the_line_that_says_what_the_file_is() -> None:
    after = TRACER.replace("import time", "import os\nimport time")
    edits = written("tracer.py", TRACER.split("\n"), after.split("\n"))
    assert edits == "\n@@ tracer.py @@\n+import os\n import time\n"


@pytest.mark.parametrize("seed", range(60))
def test_what_was_written_makes_the_second_text_of_the_first(seed: int) -> None:
    chooser = random.Random(seed)
    after = PROGRAM.split("\n")
    for _ in range(chooser.randint(1, 5)):
        at = chooser.randrange(len(after))
        if chooser.random() < 0.5:
            after[at : at + chooser.randint(1, 3)] = []
        else:
            after[at:at] = chooser.choices(["\treturn 0;", "}", "", " +x", "-- y", "@@ z @@"], k=2)
    after = after or [""]
    text = written("tracer.bpf.c", PROGRAM.split("\n"), after)
    if text:
        assert edited(edit_list(FIRST + text), "tracer.bpf.c", SOLUTION) == after
    else:
        assert after == PROGRAM.split("\n")
