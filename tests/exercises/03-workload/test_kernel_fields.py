"""Exercise 3's file that asks the kernel's table of types, on a table written here."""

from __future__ import annotations

import importlib.util
import struct
from pathlib import Path
from types import ModuleType

import pytest

from tests.exercises.simulated import ROOT

FOLDERS = ("exercises", "solutions")
STRUCT, INT, WITH_BIT_FIELDS = 4 << 24, 1 << 24, 1 << 31


def source(folder: str) -> Path:
    """Where the file lies."""
    return ROOT / folder / "03-workload" / "kernel_fields.py"


def kernel_fields() -> ModuleType:
    """The solution's file as a module."""
    spec = importlib.util.spec_from_file_location("kernel_fields_of_03", source("solutions"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(path: Path) -> Path:
    """A BTF table: an int `file`, a struct `task` with a field `file`, a struct `file` with bit fields."""
    names = b"\0file\0task\0files\0inode\0"
    at = {name: names.index(b"\0" + name.encode() + b"\0") + 1 for name in ("file", "task", "files", "inode")}
    types = struct.pack("<IIII", at["file"], INT, 4, 32)
    types += struct.pack("<III", at["task"], STRUCT | 2, 32)
    types += struct.pack("<III", at["file"], 1, 0) + struct.pack("<III", at["files"], 1, 16 * 8)
    types += struct.pack("<III", at["file"], STRUCT | WITH_BIT_FIELDS | 1, 64)
    types += struct.pack("<III", at["inode"], 1, 5 << 24 | 40 * 8)
    header = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(names))
    path.write_bytes(header + types + names)
    return path


def test_starter_and_solution_have_the_same_file() -> None:
    starter, solution = (source(folder).read_text() for folder in FOLDERS)
    assert starter == solution


def test_each_field_becomes_an_option_with_its_offset_in_bytes(tmp_path: Path) -> None:
    module = kernel_fields()
    module.TABLE = table(tmp_path / "btf")  # type: ignore[attr-defined]
    assert module.flags({"task": ["files"], "file": ["inode"]}) == ["-DTASK_FILES=16", "-DFILE_INODE=40"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [({"task": ["inode"]}, "struct task has no field inode"), ({"socket": ["sk"]}, "nothing called socket")],
)
def test_what_the_kernel_does_not_have_is_named(
    tmp_path: Path, wanted: dict[str, list[str]], said: str
) -> None:
    module = kernel_fields()
    module.TABLE = table(tmp_path / "btf")  # type: ignore[attr-defined]
    with pytest.raises(LookupError, match=said):
        module.flags(wanted)
