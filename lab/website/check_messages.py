"""What each check may say when it fails, read from the checks' own source, so that no page repeats it.

A check is a function; the functions it calls are followed as far as they lie in the grader's own checks or in
the exercise. Collected are the texts that end up in a finding: messages, hints and causes.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from grader.exercise import Exercise
from grader.judging.diagnosis import sentence

CAUSE = re.compile(r"^[a-z0-9]+(?:_[a-z0-9…]+)+$")
NOT_FOLLOWED = re.compile(r"/grader/(?:loading/|truth/|report/|judging/evidence|observing/|written/)")
"""These decide what is so; what is said of it is said elsewhere. (Messages of compiler and kernel have rules
of their own, too many for a page.)"""
PARTS = ("message", "hint", "cause")
NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Saying:
    """One thing a check may say. Where a value is filled in stands an ellipsis."""

    cause: str = ""
    message: str = ""
    hint: str = ""

    @property
    def likely(self) -> str:
        """The cause as `lab check` prints it."""
        return self.cause.replace("_", " ").removesuffix("…").strip()


@dataclass(frozen=True)
class CheckSayings:
    """One check of an exercise."""

    name: str
    title: str
    sayings: tuple[Saying, ...]


def sayings_of(exercise: Exercise) -> tuple[CheckSayings, ...]:
    """Every check of the exercise with what it may say."""
    found = []
    for check in exercise.checks:
        title = (check.__doc__ or "").strip().partition("\n")[0]
        found.append(CheckSayings(check.__name__, title, tuple(distinct(walk(check, set())))))
    return tuple(found)


def mistakes_of(exercise: Exercise) -> tuple[Saying, ...]:
    """The exercise's named wrong ideas: their numbers are recognised."""
    return tuple(Saying(cause, sentence(wrong, cause)) for cause, wrong in exercise.misconceptions.items())


def distinct(sayings: Iterator[Saying]) -> Iterator[Saying]:
    """Each once; of two about the same cause the one that says more."""
    kept: dict[str, Saying] = {}
    for one in sayings:
        key = one.cause or one.message or one.hint
        before = kept.get(key)
        if before is None or len(one.message) + len(one.hint) > len(before.message) + len(before.hint):
            kept[key] = one
    yield from kept.values()


def walk(function: Any, seen: set[FunctionType]) -> Iterator[Saying]:
    """What this function says, then what the functions it uses say."""
    if not isinstance(function, FunctionType) or function in seen:
        return
    seen.add(function)
    node = node_of(function)
    if node is None:
        return
    yield from said_in(node)
    closed = {
        name: cell.cell_contents
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    }
    for name in names_in(node, closed):
        value = closed[name] if name in closed else function.__globals__.get(name)
        if isinstance(value, FunctionType) and followed(value):
            yield from walk(value, seen)
        elif isinstance(value, tuple | dict):
            yield from said_in_table(value)


def names_in(node: ast.AST, closed: dict[str, Any]) -> list[str]:
    """Names the function uses, in the order of its text; what it closes over first."""
    used = [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)]
    return list(dict.fromkeys([*closed, *used]))


def followed(function: FunctionType) -> bool:
    """Whether it is part of a check: the exercise's own, or the grader's."""
    file = Path(function.__code__.co_filename).as_posix()
    return ("/grader/" in file or file.endswith("/checks.py")) and not NOT_FOLLOWED.search(file)


@cache
def nodes(file: str) -> dict[int, ast.AST]:
    """First line -> function, for one file of the checkout."""
    found: dict[int, ast.AST] = {}
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            decorators = getattr(node, "decorator_list", [])
            found[min([node.lineno, *(one.lineno for one in decorators)])] = node
    return found


def node_of(function: FunctionType) -> ast.AST | None:
    """The function's part of its file's syntax tree."""
    return nodes(function.__code__.co_filename).get(function.__code__.co_firstlineno)


def said_in(node: ast.AST) -> Iterator[Saying]:
    """Findings that are made in this function, and the pieces of them that are put together here."""
    texts = constants(node)
    for inner in ast.walk(node):
        for body in (getattr(inner, name, None) for name in ("body", "orelse")):
            if isinstance(body, list):
                yield from of_assignments(body)
        if isinstance(inner, ast.Call):
            yield from of_call(inner, texts)
        elif isinstance(inner, ast.Tuple) and isinstance(inner.ctx, ast.Load):
            yield from of_pair([said for one in inner.elts if (said := text_of(one, texts))])


def constants(node: ast.AST) -> dict[str, str]:
    """Names that stand for one text in this function."""
    found: dict[str, list[str]] = {}
    for one in ast.walk(node):
        if isinstance(one, ast.Assign):
            for target in one.targets:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        found.setdefault(name.id, []).append(text_of(one.value) if name is target else "")
    return {name: texts[0] for name, texts in found.items() if len(texts) == 1 and texts[0]}


def of_call(call: ast.Call, texts: Mapping[str, str]) -> Iterator[Saying]:
    """`failed("message", cause="...", hint="...")` and its like. The message may be numbers only."""
    given = {one.arg: text_of(one.value, texts) for one in call.keywords if one.arg in PARTS}
    message = given.get("message") or (text_of(call.args[0]) if call.args else "")
    one = Saying(given.get("cause", ""), message, given.get("hint", ""))
    if one.hint:
        yield one


def of_assignments(body: list[ast.stmt]) -> Iterator[Saying]:
    """`cause, hint = "...", "..."`, or one after the other in the same block."""
    given: dict[str, str] = {}
    for statement in body:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target, value = statement.targets[0], statement.value
        if isinstance(target, ast.Name) and target.id in PARTS:
            given[target.id] = text_of(value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            names = [getattr(one, "id", "") for one in target.elts]
            given.update(
                (name, text_of(one)) for name, one in zip(names, value.elts, strict=False) if name in PARTS
            )
    message = given.get("message", "").removeprefix("…; ")
    one = Saying(given.get("cause", ""), message, given.get("hint", ""))
    # An empty cause is said too: then the comparison of the numbers names it.
    if one.hint and ("cause" in given or one.message):
        yield one


def of_pair(texts: list[str]) -> Iterator[Saying]:
    """A cause and the sentence behind it, as tables and return values hold them."""
    for cause, hint in itertools.pairwise(texts):
        if CAUSE.match(cause) and " " in hint:
            yield Saying(cause, "", hint)


def said_in_table(table: tuple[Any, ...] | dict[Any, Any]) -> Iterator[Saying]:
    """A constant table of causes and hints, or of messages and hints by name."""
    if isinstance(table, dict):
        for value in table.values():
            if isinstance(value, tuple) and len(value) == 2 and all(isinstance(one, str) for one in value):
                yield Saying("", value[0], value[1])
        return
    for row in table:
        if isinstance(row, tuple) and all(isinstance(one, str) for one in row):
            yield from of_pair(list(row))


def text_of(node: ast.AST, texts: Mapping[str, str] = NONE) -> str:
    """A constant text or the name of one, an ellipsis for what is filled in; empty for what is no text."""
    if isinstance(node, ast.Name):
        return texts.get(node.id, "")
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(one) if isinstance(one, ast.Constant) else "…" for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return left + (right or "…") if left else ""
    return ""
