"""Layouts and numbers that C code of ours shares, as clang's `-D` takes them: name -> what stands for it."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from enum import IntEnum
from typing import cast

C_TYPES = {
    ctypes.c_char: "char",
    ctypes.c_uint8: "u8",
    ctypes.c_uint16: "u16",
    ctypes.c_uint32: "u32",
    ctypes.c_uint64: "u64",
    ctypes.c_int32: "s32",
    ctypes.c_int64: "s64",
}


def members(structure: type[ctypes.Structure]) -> str:
    """What stands between the braces of its struct in C."""
    return " ".join(_member(name, kind) for name, kind, *_ in structure._fields_)


def numbers(prefix: str, of: type[IntEnum]) -> dict[str, str]:
    """Each with this prefix before its name."""
    return {f"{prefix}{one.name}": str(one.value) for one in of}


def flags(defines: Mapping[str, str]) -> list[str]:
    """For clang's command line."""
    return [f"-D{name}={text}" for name, text in defines.items()]


def _member(name: str, kind: type) -> str:
    if issubclass(kind, ctypes.Array):
        return f"{_c_type(cast(type, kind._type_))} {name}[{kind._length_}];"
    return f"{_c_type(kind)} {name};"


def _c_type(kind: type) -> str:
    return f"struct {kind.__name__.lower()}" if issubclass(kind, ctypes.Structure) else C_TYPES[kind]
