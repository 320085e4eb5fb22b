"""An edit list makes its tracer of the solution, byte for byte, or says why it cannot."""

from __future__ import annotations

import pytest

from lab.dev.rejected.applying import Misfit, Solution, applied
from lab.website.authoring import AuthoringError
from tests.lab.dev.rejected.a_solution import FIRST, FORGETS_NOTHING, PROGRAM, SOLUTION, TRACER, edit_list


def files(text: str) -> dict[str, str]:
    """What a list with this text makes of the solution."""
    return {name: content.decode() for name, content in applied(edit_list(text), SOLUTION).items()}


def test_the_first_lines_and_each_edit_are_in_the_files_and_nothing_else_changes() -> None:
    assert files(FORGETS_NOTHING) == {
        "tracer.py": FIRST + TRACER.partition("\n")[2],
        "tracer.bpf.c": PROGRAM.replace("\tstarts.delete(ctx);\n", "").replace(
            "solution: every call.", "rejected: forgets nothing."
        ),
    }


def test_a_file_without_an_edit_is_the_solutions() -> None:
    text = f"{FIRST}\n@@ tracer.py @@\n-report(counts())\n"
    assert files(text)["tracer.bpf.c"] == PROGRAM
    assert files(text)["tracer.py"] == FIRST + TRACER.partition("\n")[2].replace("report(counts())\n", "")


def test_other_lines_on_top_come_along() -> None:
    alone = "# alone: it takes minutes to load\n"
    text = FORGETS_NOTHING.replace('"""Exercise', f'{alone}"""Exercise')
    assert files(text)["tracer.py"].splitlines(keepends=True)[:2] == ["# expect: calls no_pairing\n", alone]


def test_a_title_of_its_own_stays() -> None:
    title = "@@ tracer.bpf.c @@\n-// Exercise 4, solution: every call.\n+// Exercise 4, rejected: mine.\n"
    assert "// Exercise 4, rejected: mine.\n" in files(f"{FORGETS_NOTHING}\n{title}")["tracer.bpf.c"]


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (' attach("read", "returned")\n+again()\n', 'attach("read", "returned")\nagain()\n\nreport'),
        ("+again()\n report(counts())\n", "\n\nagain()\nreport(counts())"),
        ("-report(counts())\n+a = b'\\n' # \\1 \\g<0>\n", "a = b'\\n' # \\1 \\g<0>\n"),
        ('-attach("read", "returned")\n-\n-report(counts())\n+report()\n', 'entered")\nreport()\n'),
        ('-attach("read", "returned")\n\n-report(counts())\n+report()\n', 'entered")\n\nreport()\n'),
        ("-\n report(counts())\n", 'returned")\nreport(counts())'),
        (" report(counts())\n+\n+\tlast()", "report(counts())\n\n\tlast()\n"),
    ],
    ids=[
        "behind a line",
        "in front of one",
        "no escapes",
        "an empty line goes",
        "an empty line stays",
        "an empty line goes by its neighbour",
        "at the end",
    ],
)
def test_lines_come_and_go_where_the_text_is(edit: str, line: str) -> None:
    assert line in files(f"{FIRST}\n@@ tracer.py @@\n{edit}")["tracer.py"]


@pytest.mark.parametrize(
    ("edits", "said", "fix"),
    [
        (
            "@@ tracer.py @@\n-report(numbers())\n",
            r"diff:4: solutions/04-kprobes/tracer\.py does not have this text:\n    report\(numbers\(\)\)",
            "lab dev check 04-kprobes --refit",
        ),
        (
            "@@ tracer.bpf.c @@\n-    starts.delete(ctx);\n",
            r"wrong\.diff:4: .* does not have this text",
            "correct the text",
        ),
        (
            "@@ tracer.bpf.c @@\n-\treturn 0;\n",
            r"wrong\.diff:4: .* has this text more than once, in line 7 and 13:\n    \treturn 0;",
            "lines from above or below",
        ),
        (
            "@@ tracer.c @@\n-int entered(void *ctx)\n",
            r"wrong\.diff:4: solutions/04-kprobes/tracer\.c does not exist",
            "tracer.bpf.c, tracer.py",
        ),
        ("@@ tracer.py @@\n+again()\n", r"wrong\.diff:4: the edit has no place", "the line above it"),
        (
            '@@ tracer.py @@\n-import time\n\n-bpf = load("tracer.bpf.c")\n\n@@ tracer.py @@\n-import time\n',
            r"wrong\.diff:9: this changes what the edit in line 4 changes",
            "one edit of the two",
        ),
    ],
    ids=["not there", "other indentation", "there twice", "no such file", "no place", "twice the same"],
)
def test_an_edit_that_does_not_fit_exactly_once_is_named_with_line_text_and_fix(
    edits: str, said: str, fix: str
) -> None:
    with pytest.raises(Misfit, match=said) as caught:
        files(f"{FIRST}\n{edits}")
    assert fix in caught.value.hint


def test_a_solution_without_a_docstring_has_no_place_for_the_first_lines() -> None:
    bare = Solution("04-kprobes", {**SOLUTION.files, "tracer.py": b"import time\n"})
    with pytest.raises(AuthoringError, match="does not begin with a docstring"):
        applied(edit_list(FORGETS_NOTHING), bare)
