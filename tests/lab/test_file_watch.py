"""What counts as a save."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lab.file_watch import SavedFiles, watching

NAMES = ("tracer.bpf.c", "tracer.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_text("old\n")
    return tmp_path


def test_a_saved_file_is_named(folder: Path) -> None:
    with watching(folder, NAMES) as saved:
        (folder / "tracer.py").write_text("new\n")
        assert saved.wait_for_change() == ["tracer.py"]


def test_an_editor_that_replaces_the_file_is_noticed(folder: Path) -> None:
    with watching(folder, NAMES) as saved:
        (folder / ".tracer.py.swp").write_text("new\n")
        (folder / ".tracer.py.swp").replace(folder / "tracer.py")
        assert saved.wait_for_change() == ["tracer.py"]


def test_without_events_the_files_are_looked_at(folder: Path) -> None:
    saved = SavedFiles(folder, NAMES)
    saved.polls = True
    (folder / "tracer.bpf.c").write_text("new\n")
    assert saved.wait_for_change() == ["tracer.bpf.c"]


def test_a_file_system_that_gives_no_events_is_found_out(folder: Path) -> None:
    assert not SavedFiles(folder, NAMES).probe(lambda: None)


def test_other_files_and_mere_touching_are_no_save(folder: Path) -> None:
    with watching(folder, NAMES) as saved:
        found: list[list[str]] = []
        waiter = threading.Thread(target=lambda: found.append(saved.wait_for_change()))
        waiter.start()
        (folder / "notes.txt").write_text("new\n")
        (folder / "tracer.py").touch()
        (folder / "tracer.bpf.c").write_text("new\n")
        waiter.join()
    assert found == [["tracer.bpf.c"]]
