"""Symbols of a binary, as offsets in its file."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest

from grader.onhost.recorder.elf_symbols import offsets

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and an ELF file")


def mapped(function: str) -> tuple[str, int]:
    """(file, offset in it) of a function of the C library, by where this process has it in memory."""
    address = ctypes.cast(getattr(ctypes.CDLL(None), function), ctypes.c_void_p).value or 0
    for line in Path("/proc/self/maps").read_text().splitlines():
        area, _, begin, _, _, *path = line.split()
        start, end = (int(part, 16) for part in area.split("-"))
        if start <= address < end:
            return path[0], address - start + int(begin, 16)
    raise AssertionError(f"{function} is in no mapping")


def test_an_offset_is_where_the_loader_has_taken_the_function_from() -> None:
    path, offset = mapped("labs")
    assert offsets(path, ["labs", "no_such_function"]) == {"labs": offset}


def test_two_names_of_one_place_have_one_offset() -> None:
    path, _ = mapped("labs")
    found = offsets(path, ["read", "__read"])
    assert found["read"] == found["__read"]


def test_what_is_no_binary_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("#!/bin/sh\n" * 20)
    with pytest.raises(ValueError, match="no 64-bit ELF"):
        offsets(str(tmp_path / "text"), ["main"])
