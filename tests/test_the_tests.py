"""Where tests lie, how long a file is, and what tests may not do: build on each other, or know by heart what
can be found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.checkout import slugs

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
MIRRORED = ("grader", "vm", "workloads", "lab", "exercises")
CODE = (*MIRRORED, "vocabulary", "solutions", "bpf_templates", "tests")
MOST_LINES = 300
"""Of a Python or C file."""


def ours() -> list[Path]:
    """Every Python file of the tests but the attacks, which are tracers."""
    return [path for path in sorted(TESTS.rglob("*.py")) if path.relative_to(TESTS).parts[0] != "attacks"]


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def imports(path: Path) -> Iterator[str]:
    """Every module a file may import from, with its package: of `from a import b` both `a` and `a.b`."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (module, *(f"{module}.{alias.name}".lstrip(".") for alias in node.names))


def about_one_exercise(path: Path) -> bool:
    """Whether a file is called after one exercise, or names one and does not ask which others there are."""
    every = list(nodes(path))
    named = {node.value for node in every if isinstance(node, ast.Constant)} & set(slugs())
    asks = any(isinstance(node, ast.Name) and node.id.lower() == "slugs" for node in every)
    return bool(re.search(r"_\d\d(_|$)", path.stem)) or (len(named) == 1 and not asks)


@pytest.mark.parametrize("package", MIRRORED)
def test_every_folder_of_tests_is_a_folder_of_what_it_tests(package: str) -> None:
    tested = {path.parent.relative_to(TESTS) for path in (TESTS / package).rglob("test_*.py")}
    assert len(tested) > 1
    assert [folder.as_posix() for folder in sorted(tested) if not (ROOT / folder).is_dir()] == []


def test_what_is_about_one_exercise_lies_in_its_folder() -> None:
    # Here every file is about all of them, or about what several share.
    folder = TESTS / "exercises"
    everywhere = [path for path in ours() if re.search(r"_of_\d\d(_|$)", path.stem)]
    wrong = [*everywhere, *(path for path in sorted(folder.glob("*.py")) if about_one_exercise(path))]
    assert [f"{path.relative_to(ROOT)} belongs in tests/exercises/NN-slug/" for path in wrong] == []


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    files = [path for top in CODE for kind in ("*.py", "*.c", "*.h") for path in (ROOT / top).rglob(kind)]
    lines = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert len(lines) > 500
    assert {str(path): number for path, number in lines.items() if number > MOST_LINES} == {}


def test_no_test_is_imported() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in ours()
        for name in imports(path)
        if re.search(r"(^|\.)test_\w+$", name) and name.startswith(("tests", "test_"))
    ]
    assert wrong == []


def test_exercises_are_found_and_not_listed() -> None:
    every = set(slugs())
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in ours()
        for node in nodes(path)
        if isinstance(node, ast.List | ast.Tuple | ast.Set)
        and 2 * len(every & {one.value for one in node.elts if isinstance(one, ast.Constant)}) > len(every)
    ]
    assert wrong == []
