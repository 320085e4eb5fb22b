"""What is no edit list is said with the line and what to write there."""

from __future__ import annotations

import pytest

from lab.dev.rejected.first_lines import read_first_lines
from lab.website.authoring import AuthoringError, Source
from tests.lab.dev.rejected.a_solution import FIRST, FORGETS_NOTHING, edit_list


def test_the_first_lines_say_what_must_come_of_it_and_what_it_does_wrong() -> None:
    first = edit_list(FORGETS_NOTHING).first
    assert (first.check, first.cause, first.mistake) == ("calls", "no_pairing", "forgets nothing.")


def test_a_whole_tracer_begins_in_the_same_way() -> None:
    text = f"{FIRST}\nimport time\n"
    assert read_first_lines(Source("tracer.py", text)) == edit_list(FORGETS_NOTHING).first


def test_each_edit_knows_its_file_and_its_line() -> None:
    some = edit_list(f"{FORGETS_NOTHING}\n@@ tracer.py @@\n-import time\n")
    assert [(edit.file, edit.line) for edit in some.edits] == [("tracer.bpf.c", 4), ("tracer.py", 7)]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "expect: <check> <cause>"),
        (FORGETS_NOTHING.replace("no_pairing", ""), 1, "expect: <check> <cause>"),
        (FORGETS_NOTHING.replace("rejected:", "wrong:"), 2, "what the tracer does wrong"),
        (FORGETS_NOTHING.partition('"""')[0], 2, "what the tracer does wrong"),
        (FIRST, 2, "no edit"),
        (FORGETS_NOTHING.replace("@@ tracer.bpf.c @@", "tracer.bpf.c"), 4, "belongs to no edit"),
        (FORGETS_NOTHING.replace("@@ tracer.bpf.c @@", "@@ -1,2 +1 @@"), 4, "names no file"),
        (FORGETS_NOTHING.replace("-\t", "\t"), 5, "begins with no sign"),
        (FORGETS_NOTHING.replace("-\t", " \t"), 4, "changes nothing"),
        (f"{FIRST}\n@@ tracer.py @@\n", 4, "changes nothing"),
    ],
    ids=[
        "empty",
        "no cause",
        "not rejected",
        "no docstring",
        "no edits",
        "no head",
        "line numbers",
        "no sign",
        "only what stays",
        "an empty edit",
    ],
)
def test_what_is_no_list_is_named_by_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(AuthoringError, match=rf"wrong\.diff:{line}: .*{said}") as caught:
        edit_list(text)
    assert caught.value.hint
