"""The recorders' layout is written once: C has it from here, by clang's command line."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.onhost.contract import c_layout, record
from grader.onhost.contract.record import Record, Settings, Shared
from grader.onhost.contract.services import TRACER_UNIT_PREFIX
from grader.onhost.recorder import noted_refusal, object_file
from grader.onhost.recorder.noted_refusal import NotedRefusal

SOURCES = sorted((object_file.FOLDER).glob("*.bpf.[ch]"))
DEFINES = {**record.DEFINES, **noted_refusal.DEFINES}
TYPES = "".join(
    f"typedef {kind} {name};\n"
    for name, kind in {
        "u8": "unsigned char",
        "u16": "unsigned short",
        "u32": "unsigned int",
        "u64": "unsigned long long",
        "s32": "int",
        "s64": "long long",
    }.items()
)


def test_a_struct_in_c_has_its_members_where_python_has_them(tmp_path: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("this machine has no C compiler")
    structs = {"record": Record, "settings": Settings, "shared": Shared, "refusal": NotedRefusal}
    order = ("record", "settings", "shared", "refusal")
    lines = [f"struct {name} {{ {name.upper()}_MEMBERS }};" for name in order]
    for name, kind in structs.items():
        lines.append(f'_Static_assert(sizeof(struct {name}) == {ctypes.sizeof(kind)}, "{name}");')
        for field, *_ in kind._fields_:
            at = getattr(kind, field).offset
            lines.append(f'_Static_assert(__builtin_offsetof(struct {name}, {field}) == {at}, "{field}");')
    (tmp_path / "layout.c").write_text(TYPES + "\n".join(lines) + "\n")
    argv = [compiler, *c_layout.flags(DEFINES), "-fsyntax-only", str(tmp_path / "layout.c")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)


def test_no_source_in_c_says_again_what_comes_from_here() -> None:
    again = [
        f"{path.name}: {name}"
        for path in SOURCES
        for name in re.findall(r"#define (\w+)", path.read_text())
        if name in {one.partition("(")[0] for one in DEFINES}
    ]
    assert again == []


def test_every_name_that_comes_from_here_is_used_in_c() -> None:
    text = "".join(path.read_text() for path in SOURCES)
    named = {word for name in DEFINES for word in re.findall(r"^\w+", name)}
    # A call is what a record is about unless something else is said, and nothing asks for no descriptor.
    assert {name for name in named if not re.search(rf"\b{name}\b", text)} == {"KIND_CALL", "FD_NOT_ASKED"}


def test_whose_service_has_a_tracers_name_is_asked_letter_by_letter() -> None:
    (asked,) = [text for name, text in DEFINES.items() if name.startswith("IS_TRACERS")]
    letters = re.findall(r"unit\[(\d+)\] == '(.)'", asked)
    assert "".join(letter for _, letter in letters) == TRACER_UNIT_PREFIX
    assert [int(at) for at, _ in letters] == list(range(len(TRACER_UNIT_PREFIX)))


def test_clang_gets_all_of_it_for_either_cpu() -> None:
    for machine in ("x86_64", "aarch64"):
        flags = object_file.flags(machine)
        assert set(c_layout.flags(DEFINES)) <= set(flags)
