"""The verdict's JSON, field by field, from the dataclasses that make it."""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, Union

from grader.verdict import Verdict

PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "null"}


@dataclass(frozen=True)
class Field:
    """One key of an object."""

    name: str
    kind: str
    meaning: str
    inner: str = ""
    """The shape that is in it; empty for plain values."""


@dataclass(frozen=True)
class Shape:
    """One object, or a set of words."""

    kind: type
    name: str
    """Class name: `Finding`."""
    meaning: str
    fields: tuple[Field, ...]


def verdict_shapes() -> tuple[Shape, ...]:
    """The verdict first, then every object and set of words that is in it."""
    found: dict[type, Shape] = {}
    open_ones: list[type] = [Verdict]
    while open_ones:
        kind = open_ones.pop(0)
        if kind not in found:
            found[kind] = shape_of(kind)
            open_ones += inner_types(kind)
    return tuple(found.values())


def inner_types(kind: type) -> list[type]:
    """Objects and sets of words in the fields of this one."""
    if not is_dataclass(kind):
        return []
    hints = typing.get_type_hints(kind)
    candidates = [part for hint in hints.values() for part in (hint, *typing.get_args(hint))]
    return [one for one in candidates if isinstance(one, type) and (is_dataclass(one) or is_words(one))]


def inner_name(hint: Any) -> str:
    """The object or set of words that a field's type is, or is a list of."""
    parts = (hint, *typing.get_args(hint))
    return next((one.__name__ for one in parts if is_dataclass(one) or is_words(one)), "")


def is_words(kind: Any) -> bool:
    """Whether this is a set of words."""
    return isinstance(kind, type) and issubclass(kind, Enum)


def shape_of(kind: type) -> Shape:
    """One class, with the text that stands under each of its fields."""
    notes = notes_of(kind)
    about = " ".join((inspect.getdoc(kind) or "").split())
    if is_words(kind):
        members: Mapping[str, Any] = getattr(kind, "__members__", {})
        words = tuple(Field(one.value, "word", notes.get(name, "")) for name, one in members.items())
        return Shape(kind, kind.__name__, about, words)
    hints = typing.get_type_hints(kind)
    names = [one.name for one in fields(typing.cast(Any, kind))]
    if "schema" in names:
        names = ["schema", *(name for name in names if name != "schema")]
    return Shape(
        kind,
        kind.__name__,
        about,
        tuple(
            Field(name, shown(hints[name]), notes.get(name, ""), inner_name(hints[name])) for name in names
        ),
    )


def notes_of(kind: type) -> dict[str, str]:
    """Field -> the text right under it in the source."""
    (node,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(node, ast.ClassDef)
    notes = {}
    for before, after in zip(node.body, node.body[1:], strict=False):
        target = before.target if isinstance(before, ast.AnnAssign) else None
        if isinstance(before, ast.Assign):
            target = typing.cast(ast.Name, before.targets[0])
        if (
            isinstance(target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            notes[target.id] = " ".join(str(after.value.value).split())
    return notes


def shown(hint: Any) -> str:
    """A type in words."""
    if hint is Any:
        return "any value"
    if hint in PLAIN:
        return PLAIN[hint]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(map(shown, inner))
    if origin is tuple:
        return f"list of {shown(inner[0])}"
    if origin is not None and issubclass(origin, Mapping):
        return f"object: {shown(inner[0])} to {shown(inner[1])}"
    return str(getattr(hint, "__name__", hint))
