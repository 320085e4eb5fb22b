"""The attendee's folder: work is never overwritten, progress survives, changes are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.workspace import Workspace
from vocabulary.errors import Unusable

FILES = ("tracer.bpf.c", "tracer.py")


@pytest.fixture
def exercises(tmp_path: Path) -> Path:
    """A folder of exercises with one starter in it."""
    folder = tmp_path / "exercises" / "04-kprobes"
    folder.mkdir(parents=True)
    (folder / "tracer.py").write_text("# TODO\n")
    (folder / "tracer.bpf.c").write_text("// TODO\n")
    (folder / "checks.py").write_text("CHECKS = ()\n")
    (folder / "sentences.toml").write_text("")
    (folder / "mistakes").mkdir()
    (folder / "mistakes" / "no_filter.py").write_text("")
    return folder.parent


@pytest.fixture
def place(tmp_path: Path, exercises: Path) -> Workspace:
    return Workspace(tmp_path / "lab-work", exercises)


def test_start_copies_the_starter(place: Workspace) -> None:
    assert place.start("04-kprobes", FILES) == ["tracer.bpf.c", "tracer.py"]
    assert (place.folder("04-kprobes") / "tracer.py").read_text() == "# TODO\n"


def test_start_never_overwrites_work(place: Workspace) -> None:
    place.start("04-kprobes", FILES)
    (place.folder("04-kprobes") / "tracer.py").write_text("my work\n")
    assert place.start("04-kprobes", FILES) == []
    assert (place.folder("04-kprobes") / "tracer.py").read_text() == "my work\n"


def test_start_brings_back_only_a_file_that_is_gone(place: Workspace) -> None:
    place.start("04-kprobes", FILES)
    (place.folder("04-kprobes") / "tracer.py").unlink()
    assert place.start("04-kprobes", FILES) == ["tracer.py"]


def test_reset_keeps_a_backup_of_the_work(place: Workspace) -> None:
    place.start("04-kprobes", FILES)
    (place.folder("04-kprobes") / "tracer.py").write_text("my work\n")
    backup = place.reset("04-kprobes", ("tracer.py",), FILES)
    assert backup is not None
    assert (backup / "tracer.py").read_text() == "my work\n"
    assert (place.folder("04-kprobes") / "tracer.py").read_text() == "# TODO\n"


def test_putting_files_back_does_not_mark_an_exercise_as_started(place: Workspace) -> None:
    place.reset("04-kprobes", FILES, FILES)
    assert not place.progress().of("04-kprobes").started


def test_two_backups_in_one_second_are_both_kept(place: Workspace) -> None:
    place.start("04-kprobes", FILES)
    first, second = place.back_up("04-kprobes"), place.back_up("04-kprobes")
    assert first is not None
    assert second is not None
    assert first != second
    assert sorted(path.name for path in second.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("name", ["tracer.py", "checks.py", "sentences.toml", "mistakes/no_filter.py"])
def test_a_starter_or_check_that_changed_since_start_is_named(
    place: Workspace, exercises: Path, name: str
) -> None:
    place.start("04-kprobes", FILES)
    assert place.changed_since_start("04-kprobes") == []
    (exercises / "04-kprobes" / name).write_text("# another\n")
    assert place.changed_since_start("04-kprobes") == [name]


def test_a_file_that_is_put_back_says_nothing_about_the_others(place: Workspace, exercises: Path) -> None:
    place.start("04-kprobes", FILES)
    for name in (*FILES, "checks.py"):
        (exercises / "04-kprobes" / name).write_text("another\n")
    place.reset("04-kprobes", ("tracer.py",), FILES)
    assert place.changed_since_start("04-kprobes") == ["checks.py", "tracer.bpf.c"]
    place.reset("04-kprobes", FILES, FILES)
    assert place.changed_since_start("04-kprobes") == []


def test_a_file_that_start_brings_back_is_as_new_as_it_is(place: Workspace, exercises: Path) -> None:
    place.start("04-kprobes", FILES)
    (exercises / "04-kprobes" / "tracer.py").write_text("another\n")
    (place.folder("04-kprobes") / "tracer.py").unlink()
    place.start("04-kprobes", FILES)
    assert place.changed_since_start("04-kprobes") == []


def test_progress_survives_another_process(place: Workspace, exercises: Path) -> None:
    place.start("04-kprobes", FILES)
    place.update(lambda old: old.having("04-kprobes", checks=3, passes=1))
    again = Workspace(place.root, exercises).progress().of("04-kprobes")
    assert (again.checks, again.passes, bool(again.started)) == (3, 1, True)


def test_fields_of_another_version_are_ignored(place: Workspace) -> None:
    place.hidden.mkdir(parents=True)
    document = {"schema": 1, "exercises": {"04-kprobes": {"checks": 2, "new_field": True}}}
    (place.hidden / "progress.json").write_text(json.dumps(document))
    assert place.progress().of("04-kprobes").checks == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 1}', '{"schema": 1, "exercises": []}'])
def test_a_damaged_progress_file_is_named_and_not_overwritten(place: Workspace, content: str) -> None:
    place.hidden.mkdir(parents=True)
    path = place.hidden / "progress.json"
    path.write_text(content)
    with pytest.raises(Unusable, match=r"progress\.json"):
        place.update(lambda old: old)
    assert path.read_text() == content


def test_a_progress_file_of_a_newer_lab_is_refused(place: Workspace) -> None:
    place.hidden.mkdir(parents=True)
    (place.hidden / "progress.json").write_text('{"schema": 99, "exercises": {}}')
    with pytest.raises(Unusable, match="newer"):
        place.progress()


def test_results_of_one_second_get_paths_of_their_own(place: Workspace) -> None:
    first = place.result_path("verdicts", "04-kprobes", ".json")
    first.touch()
    assert place.result_path("verdicts", "04-kprobes", ".json") != first


def test_an_exercise_that_is_not_started_names_the_command(place: Workspace) -> None:
    with pytest.raises(Unusable) as caught:
        place.started_folder("04-kprobes")
    assert caught.value.message == f"exercise 4 is not started in {place.root}"
    assert caught.value.hint == "lab start 4"
