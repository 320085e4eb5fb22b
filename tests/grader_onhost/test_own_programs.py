"""What a kernel lacks for good is said at once, with what to do."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.onhost.contract.syscall_numbers import FUNCTION_PREFIXES, numbers
from grader.onhost.recorder import object_file, own_programs
from grader.onhost.recorder.cannot_start import CannotStart
from grader.onhost.recorder.libbpf import LoadFailed
from grader.onhost.recorder.own_programs import explained

PREFIX = FUNCTION_PREFIXES["x86_64"]
NOT_FOUND = LoadFailed("loading the programs", errno.ESRCH)


@pytest.fixture(autouse=True)
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel's files: it tells its types and has all functions."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    (tmp_path / "types").write_text("")
    functions = [f"ffffffff81000000 T {PREFIX}{name}\n" for name in numbers("x86_64")]
    (tmp_path / "symbols").write_text("".join(functions))
    monkeypatch.setattr(own_programs, "TYPES", tmp_path / "types")
    monkeypatch.setattr(own_programs, "SYMBOLS", tmp_path / "symbols")
    monkeypatch.setattr(own_programs, "SECURITY_MODULES", tmp_path / "lsm")
    return tmp_path


def test_a_function_that_the_kernel_does_not_have_is_named(kernel: Path) -> None:
    symbols = (kernel / "symbols").read_text().replace(f"{PREFIX}readv", "other")
    (kernel / "symbols").write_text(symbols)
    told = explained(NOT_FOUND)
    assert isinstance(told, CannotStart)
    assert f"has no function {PREFIX}readv" in str(told)
    assert "apt-get install linux-image" in str(told)


def test_a_kernel_that_does_not_tell_its_types_is_named(kernel: Path) -> None:
    (kernel / "types").unlink()
    assert "does not tell its types" in str(explained(NOT_FOUND))


def test_anything_else_stays_what_it_is_and_may_be_tried_again() -> None:
    out_of_memory = LoadFailed("loading the programs", errno.ENOMEM)
    assert explained(out_of_memory) is out_of_memory
    assert str(out_of_memory) == "loading the programs: Cannot allocate memory"


class FakeObject:
    """Has no programs; what is opened must be what the compiler wrote."""

    def __init__(self, path: Path) -> None:
        self.programs: dict[str, object] = {}
        if path.read_text() != "whole":
            raise LoadFailed(f"opening {path}", errno.EINVAL)

    def load(self) -> None: ...


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets what the compiler writes from now on."""
    monkeypatch.setattr(own_programs, "BpfObject", FakeObject)

    def writes(text: str) -> None:
        script = f'#!/bin/sh\nfor last; do :; done\nprintf {text} > "$last"\n'
        (tmp_path / "clang").write_text(script)
        (tmp_path / "clang").chmod(0o755)
        monkeypatch.setattr(object_file, "CLANG", str(tmp_path / "clang"))

    return writes


def test_a_kept_object_that_cannot_be_opened_is_compiled_once_more(
    tmp_path: Path, compiler: Callable[[str], None]
) -> None:
    compiler("cut")
    kept = tmp_path / "kept"
    kept.mkdir()
    path = object_file.compiled(kept)
    compiler("whole")
    own_programs.start(kept, lambda _step: None)
    assert path.read_text() == "whole"


def test_an_object_that_cannot_be_opened_twice_is_an_error(
    tmp_path: Path, compiler: Callable[[str], None]
) -> None:
    compiler("cut")
    with pytest.raises(LoadFailed, match="opening"):
        own_programs.start(tmp_path, lambda _step: None)


def test_a_kernel_without_bpf_among_its_security_modules_has_no_gate(kernel: Path) -> None:
    (kernel / "lsm").write_text("lockdown,yama,apparmor\n")
    assert "bpf is not among its security modules (lockdown,yama,apparmor)" in own_programs.no_gate_here()
    (kernel / "lsm").write_text("lockdown,bpf,ima\n")
    assert own_programs.no_gate_here() == ""
