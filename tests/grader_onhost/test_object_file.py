"""Our eBPF programs are compiled once for each state of sources, flags and kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.onhost.recorder import object_file
from grader.onhost.recorder.cannot_start import CannotStart
from grader.onhost.recorder.object_file import compiled

CLANG = """#!/bin/sh
echo once >> {log}
for last; do :; done
echo object > "$last"
"""
FAULTY = """#!/bin/sh
echo "programs.bpf.c:3:1: warning: odd" >&2
echo "programs.bpf.c:7:1: error: no such thing" >&2
exit 1
"""


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of sources, one for objects, and a compiler that counts its runs in `log`."""
    for name in ("sources", "kept"):
        (tmp_path / name).mkdir()
    (tmp_path / "sources/programs.bpf.c").write_text("one")
    monkeypatch.setattr(object_file, "FOLDER", tmp_path / "sources")
    use_compiler(tmp_path, monkeypatch, CLANG.format(log=tmp_path / "log"))
    return tmp_path


def use_compiler(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    (folder / "clang").write_text(script)
    (folder / "clang").chmod(0o755)
    monkeypatch.setattr(object_file, "CLANG", str(folder / "clang"))


def runs(folder: Path) -> int:
    return len((folder / "log").read_text().splitlines())


def test_the_same_sources_are_compiled_once(folders: Path) -> None:
    first, again = (compiled(folders / "kept") for _ in range(2))
    assert first == again
    assert first.read_text() == "object\n"
    assert runs(folders) == 1


def test_changed_sources_are_compiled_anew_and_the_older_object_goes(folders: Path) -> None:
    compiled(folders / "kept")
    (folders / "sources/more.bpf.h").write_text("two")
    path = compiled(folders / "kept")
    assert runs(folders) == 2
    assert list((folders / "kept").iterdir()) == [path]


def test_another_kernel_gets_an_object_of_its_own(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled(folders / "kept")
    monkeypatch.setattr(object_file, "kernel_release", lambda: "7.0-other")
    compiled(folders / "kept")
    assert runs(folders) == 2


def test_a_host_without_a_compiler_is_told_what_to_install(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_file, "CLANG", "no-such-clang")
    with pytest.raises(CannotStart, match=r"no no-such-clang .*apt-get install clang libbpf-dev"):
        compiled(folders / "kept")


def test_what_the_compiler_finds_fault_with_is_told_and_nothing_is_kept(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_compiler(folders, monkeypatch, FAULTY)
    with pytest.raises(CannotStart, match="7:1: error: no such thing"):
        compiled(folders / "kept")
    assert list((folders / "kept").iterdir()) == []
