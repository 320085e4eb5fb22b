"""What a kernel lacks for good is said at once, with what to do."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from grader.onhost.contract.syscall_numbers import FUNCTION_PREFIXES, numbers
from grader.onhost.recorder import own_programs
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


def test_a_kernel_without_bpf_among_its_security_modules_has_no_gate(kernel: Path) -> None:
    (kernel / "lsm").write_text("lockdown,yama,apparmor\n")
    assert "bpf is not among its security modules (lockdown,yama,apparmor)" in own_programs.no_gate_here()
    (kernel / "lsm").write_text("lockdown,bpf,ima\n")
    assert own_programs.no_gate_here() == ""
