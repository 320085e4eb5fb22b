"""The verdict's JSON Schema (draft 2020-12), from the dataclasses that make the verdict."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Union

from grader.verdict import SCHEMA, Verdict
from lab.website.data_shapes import Shape, is_words, verdict_shapes

ADDRESS = "reference/verdict.schema.json"
"""Where it lies on the site."""
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def text() -> str:
    """The file's text."""
    return json.dumps(verdict_schema(), indent=2, ensure_ascii=False) + "\n"


def verdict_schema() -> dict[str, Any]:
    """The schema as plain data. Every field must be there; further fields may come with newer labs."""
    first, *others = verdict_shapes()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Verdict of the eBPF observability lab, schema {SCHEMA}",
        **of_object(Verdict, first),
        "$defs": {shape.name: of_shape(shape) for shape in others},
    }


def of_shape(shape: Shape) -> dict[str, Any]:
    """An object, or a set of words, that is in the verdict."""
    if is_words(shape.kind):
        words = [{"const": one.name, "description": one.meaning} for one in shape.fields]
        return {"description": shape.meaning, "oneOf": words}
    return of_object(shape.kind, shape)


def of_object(kind: Any, shape: Shape) -> dict[str, Any]:
    """A dataclass."""
    hints = typing.get_type_hints(kind)
    properties = {one.name: {**of_type(hints[one.name]), "description": one.meaning} for one in shape.fields}
    if kind is Verdict:
        properties["schema"]["const"] = SCHEMA
    return {
        "description": shape.meaning,
        "type": "object",
        "properties": properties,
        "required": [one.name for one in fields(kind)],
    }


def of_type(hint: Any) -> dict[str, Any]:
    """What a field may hold. Raises TypeError for a type that no verdict has had so far."""
    if hint is Any:
        return {}
    if hint in PLAIN:
        return {"type": PLAIN[hint]}
    if is_dataclass(hint) or is_words(hint):
        return {"$ref": f"#/$defs/{hint.__name__}"}
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [of_type(one) for one in inner]}
    if origin is tuple:
        return {"type": "array", "items": of_type(inner[0])}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": of_type(inner[1])}
    raise TypeError(f"no JSON Schema is known for {hint}")
