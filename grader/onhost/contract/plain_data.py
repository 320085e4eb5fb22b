"""Frozen dataclasses to plain JSON values and back, strictly: unknown keys and wrong types are refused.

Both for what is said between lab side and host and for what is saved.
"""

from __future__ import annotations

import base64
import binascii
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

T = TypeVar("T")


class PlainDataError(ValueError):
    """A value that does not fit; the message names its path."""


def to_plain(value: Any) -> Any:
    """Dicts, lists, texts, numbers, booleans and None only. Tuples become lists, bytes base64."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise PlainDataError(f"a {type(value).__name__} cannot be written as JSON")


def from_plain(kind: type[T], data: Any, path: str = "") -> T:
    """The dataclass that `to_plain` wrote. Raises PlainDataError naming the path that does not fit."""
    return typing.cast(T, _decode(kind, data, path or kind.__name__))


def _decode(kind: Any, data: Any, path: str) -> Any:
    if kind is Any:
        return data
    if isinstance(kind, type) and is_dataclass(kind):
        return _decode_dataclass(kind, data, path)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(data)
        except ValueError:
            raise PlainDataError(
                f"{path} is {data!r}, which is none of {[one.value for one in kind]}"
            ) from None
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(inner, data, path)
    if origin is tuple:
        items = _expect(list, data, path)
        return tuple(_decode(inner[0], item, f"{path}[{index}]") for index, item in enumerate(items))
    if origin is not None and issubclass(origin, Mapping):
        entries = _expect(dict, data, path)
        return {
            _decode_key(inner[0], key, path): _decode(inner[1], value, f"{path}.{key}")
            for key, value in entries.items()
        }
    if origin is not None and issubclass(origin, Sequence):
        items = _expect(list, data, path)
        return [_decode(inner[0], item, f"{path}[{index}]") for index, item in enumerate(items)]
    if kind is bytes:
        return _decode_bytes(_expect(str, data, path), path)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return data
    return _expect(kind, data, path)


def _expect(kind: Any, data: Any, path: str) -> Any:
    if kind is None or kind is type(None):
        kind = type(None)
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise PlainDataError(f"{path} is a {type(data).__name__}, must be a {kind.__name__}")
    return data


def _decode_key(kind: Any, key: str, path: str) -> Any:
    """JSON has no keys but texts."""
    if kind is not int:
        return key
    try:
        return int(key)
    except ValueError:
        raise PlainDataError(f"{path} has the key {key!r}, must be a number") from None


def _decode_bytes(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PlainDataError(f"{path} is no base64") from None


def _decode_union(kinds: Sequence[Any], data: Any, path: str) -> Any:
    """The first kind that fits; dataclasses are told apart by their keys."""
    problems = []
    for kind in kinds:
        try:
            return _decode(kind, data, path)
        except PlainDataError as problem:
            problems.append(str(problem))
    raise PlainDataError(f"{path} fits nothing: {'; '.join(problems)}")


def _decode_dataclass(kind: Any, data: Any, path: str) -> Any:
    entries = _expect(dict, data, path)
    hints = _hints(kind)
    known = {field.name: field for field in fields(kind)}
    for key in entries:
        if key not in known:
            raise PlainDataError(f"{path}.{key} is not known")
    for name, field in known.items():
        if name not in entries and field.default is MISSING and field.default_factory is MISSING:
            raise PlainDataError(f"{path}.{name} is missing")
    return kind(**{key: _decode(hints[key], value, f"{path}.{key}") for key, value in entries.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
