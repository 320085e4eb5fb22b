"""Words that a test only mentions are told from those that it asserts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.asserted_words import asserted_words

HEAD = """
import pytest
TABLE = {"a mistake": (3, "of_the_table"), "another": (4, "too")}
UNUSED = ["never_looked_at"]
def found(document): return ("check", "made_by_hand")
"""


@pytest.mark.parametrize(
    ("test", "word"),
    [
        ("def test_it():\n    assert found(1) == ('check', 'compared')", "compared"),
        ("def test_it():\n    assert found(1)[1] in {'one', 'of_several'}", "of_several"),
        (
            "@pytest.mark.parametrize('cause', ['of_a_column'])\n"
            "def test_it(cause):\n    assert found(1) == ('check', cause)",
            "of_a_column",
        ),
        (
            "@pytest.mark.parametrize(('document', 'cause'), [({}, 'of_a_row')])\n"
            "def test_it(document, cause):\n    assert found(document)[1] == cause",
            "of_a_row",
        ),
        (
            "@pytest.mark.parametrize('mistake', TABLE)\n"
            "def test_it(mistake):\n    number, cause = TABLE[mistake]\n    assert found(number)[1] == cause",
            "of_the_table",
        ),
        (
            "def test_it():\n    for cause, document in {'in_a_loop': 1}.items():\n"
            "        assert found(document)[1] == cause",
            "in_a_loop",
        ),
    ],
)
def test_a_word_that_reaches_a_comparison_is_asserted(tmp_path: Path, test: str, word: str) -> None:
    path = tmp_path / "test_x.py"
    path.write_text(HEAD + test)
    assert word in asserted_words(path)
    assert asserted_words(path).isdisjoint({"never_looked_at", "made_by_hand"})


@pytest.mark.parametrize(
    "test",
    [
        "def test_it():\n    found('mentioned')",
        "def test_it():\n    # 'mentioned'\n    assert found(1)",
        "def test_it():\n    assert found({'cause': 'mentioned'})",
        "def helper():\n    assert found(1) == 'mentioned'",
        "def test_it():\n    other = 'mentioned'\n    assert found(other) is not None or found(2) == 'x'",
        "@pytest.mark.parametrize(('document', 'cause'), [('mentioned', 'of_a_row')])\n"
        "def test_it(document, cause):\n    seen = found(document)\n    assert seen[1] == cause",
    ],
    ids=["argument", "comment", "argument in an assertion", "no test", "not compared", "another column"],
)
def test_a_word_that_reaches_none_is_not(tmp_path: Path, test: str) -> None:
    path = tmp_path / "test_x.py"
    path.write_text(HEAD + test)
    assert "mentioned" not in asserted_words(path)
