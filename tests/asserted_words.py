"""Which words a test file asserts: compares something with, where a failed comparison fails the test.

A word counts that stands in an assertion's comparison, and one that reaches it: as a parameter's value, out
of a table, or by a name. In a comment, in a test's name or as an argument it proves nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path


def asserted_words(path: Path) -> set[str]:
    """Of one test file."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    tables = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    tests = (node for node in module.body if isinstance(node, ast.FunctionDef))
    return {word for test in tests if test.name.startswith("test_") for word in _asserted_in(test, tables)}


def _asserted_in(test: ast.FunctionDef, tables: dict[str, ast.expr]) -> set[str]:
    claims = [node for node in ast.walk(test) if isinstance(node, ast.Assert)]
    compared = [node for claim in claims for node in ast.walk(claim) if isinstance(node, ast.Compare)]
    operands = [node for one in compared for side in (one.left, *one.comparators) for node in _operands(side)]
    words = set(_words(operands))
    for name in {node.id for node in operands if isinstance(node, ast.Name)}:
        for source in _sources(test, name):
            used = (node.id for node in ast.walk(source) if isinstance(node, ast.Name))
            words |= set(_words(_all_in([source, *(tables[one] for one in used if one in tables)])))
    return words


def _operands(side: ast.expr) -> Iterator[ast.AST]:
    """What is compared on this side: no arguments, for they only lead to it."""
    if isinstance(side, ast.Call):
        return
    yield side
    for node in ast.iter_child_nodes(side):
        if isinstance(node, ast.expr):
            yield from _operands(node)


def _sources(test: ast.FunctionDef, name: str) -> Iterator[ast.expr]:
    """What this name is bound to: a column of the parameters, what a loop runs over, what is assigned."""
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize"):
            names, values = decorator.args[:2]
            columns = list(_words(_all_in([names])))
            columns = columns[0].split(",") if isinstance(names, ast.Constant) else columns
            if name in columns:
                yield from _column(values, columns.index(name), len(columns))
    for node in ast.walk(test):
        if isinstance(node, ast.For | ast.comprehension) and _binds(node.target, name):
            yield node.iter
        elif isinstance(node, ast.Assign) and any(_binds(target, name) for target in node.targets):
            yield node.value


def _column(values: ast.expr, place: int, of: int) -> Iterator[ast.expr]:
    """This parameter's values where they are written down as rows; else all that the rows are made of."""
    rows = values.elts if isinstance(values, ast.List | ast.Tuple) else []
    if of == 1 or not rows:
        yield values
    for row in rows:
        yield row.elts[place] if isinstance(row, ast.Tuple) and len(row.elts) == of else row


def _binds(target: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(target))


def _all_in(trees: Iterable[ast.AST]) -> Iterator[ast.AST]:
    return (node for tree in trees for node in ast.walk(tree))


def _words(nodes: Iterable[ast.AST]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
