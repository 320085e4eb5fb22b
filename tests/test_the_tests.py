"""Where tests lie, and what they may not do: build on each other, or know by heart what can be found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.checkout import slugs

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
MIRRORED = ("grader", "vm", "workloads", "lab")


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
            yield from (module, *(f"{module}.{alias.name}" for alias in node.names))


@pytest.mark.parametrize("package", MIRRORED)
def test_every_folder_of_tests_is_a_folder_of_what_it_tests(package: str) -> None:
    tested = {path.parent.relative_to(TESTS) for path in (TESTS / package).rglob("test_*.py")}
    assert len(tested) > 1
    assert [folder.as_posix() for folder in sorted(tested) if not (ROOT / folder).is_dir()] == []


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
