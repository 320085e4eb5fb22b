"""An exercise that changed after the attendee began: said by every verb that matters, taken in on demand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab import checkout, cli, workspace
from lab.workspace import Workspace
from vocabulary.exit_codes import PASSED, USAGE

SLUG = checkout.slugs()[0]
NUMBER = str(int(SLUG[:2]))


@pytest.fixture(autouse=True)
def exercises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of all exercises that a test may change; one of them is started."""
    monkeypatch.chdir(tmp_path)
    for name in ("STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    copy = tmp_path / "exercises"
    shutil.copytree(checkout.EXERCISES, copy)
    monkeypatch.setattr(checkout, "EXERCISES", copy)
    # The default of a dataclass field is kept in its __init__.
    monkeypatch.setattr(workspace.Workspace.__init__, "__defaults__", (copy,))
    assert cli.run(["start", NUMBER, "--no-host"]) == PASSED
    return copy / SLUG


def changed(path: Path, before: str, after: str) -> None:
    """Replace a text in a file once."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


def place() -> Workspace:
    """Made anew each time: its folder of exercises is the test's."""
    return Workspace(Path("lab-work"))


def mine(name: str) -> Path:
    return place().folder(SLUG) / name


@pytest.mark.parametrize("words", [["start", NUMBER, "--no-host"], ["status"]], ids=" ".join)
def test_a_changed_starter_is_said_with_the_command_that_shows_it(
    exercises: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert cli.run(words) == PASSED
    assert "--diff" not in capsys.readouterr().err
    (exercises / "tracer.py").write_text("# new\n")
    (exercises / "checks.py").open("a").close()
    assert cli.run(words) == PASSED
    said = capsys.readouterr().err
    assert f"{SLUG}: the starter's tracer.py changed since you started; your files are untouched" in said
    assert f"hint: lab start {NUMBER} --diff" in said


def test_changed_checks_are_said_and_shown_too(exercises: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (exercises / "checks.py").open("a") as file:
        file.write("# stricter\n")
    assert cli.run(["status"]) == PASSED
    assert f"{SLUG}: the checks changed since you started" in capsys.readouterr().err
    assert cli.run(["start", NUMBER, "--diff"]) == PASSED
    assert "+# stricter" in capsys.readouterr().out
    assert cli.run(["start", NUMBER, "--merge"]) == PASSED
    assert cli.run(["status"]) == PASSED
    assert "changed since" not in capsys.readouterr().err


def test_the_difference_is_from_the_starter_then_to_the_starter_now(
    exercises: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (exercises / "tracer.py").read_text().splitlines()[0]
    changed(exercises / "tracer.py", first, '"""A better beginning."""')
    mine("tracer.py").write_text("my own work\n")
    capsys.readouterr()
    assert cli.run(["start", NUMBER, "--diff"]) == PASSED
    shown = capsys.readouterr()
    assert f"-{first}" in shown.out
    assert '+"""A better beginning."""' in shown.out
    assert "my own work" not in shown.out
    assert f"lab start {NUMBER} --merge" in shown.err


def test_changes_are_merged_into_the_work_and_a_backup_is_kept(
    exercises: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (exercises / "tracer.py").read_text().splitlines()[0]
    changed(exercises / "tracer.py", first, '"""A better beginning."""')
    with mine("tracer.py").open("a") as file:
        file.write("\n\nmy_work = 1\n")
    before = mine("tracer.py").read_text()
    assert cli.run(["start", NUMBER, "--merge"]) == PASSED
    after = mine("tracer.py").read_text()
    assert after.startswith('"""A better beginning."""')
    assert after.endswith("my_work = 1\n")
    (backup,) = (place().hidden / "backups" / SLUG).iterdir()
    assert (backup / "tracer.py").read_text() == before
    assert str(backup) in capsys.readouterr().err
    assert place().changed_since_start(SLUG) == []


def test_work_that_meets_a_change_stays_and_the_change_is_still_offered(
    exercises: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (exercises / "tracer.py").read_text().splitlines()[0]
    changed(exercises / "tracer.py", first, "theirs")
    changed(mine("tracer.py"), first, "mine")
    before = mine("tracer.py").read_text()
    assert cli.run(["start", NUMBER, "--merge"]) == PASSED
    assert mine("tracer.py").read_text() == before
    assert f"lab reset {NUMBER} --file tracer.py" in capsys.readouterr().err
    assert place().changed_since_start(SLUG) == ["tracer.py"]
    assert cli.run(["reset", NUMBER, "--file", "tracer.py"]) == PASSED
    assert place().changed_since_start(SLUG) == []


def test_a_starter_that_is_no_longer_part_of_the_exercise_takes_nothing_away(exercises: Path) -> None:
    before = mine("tracer.py").read_text()
    place().remember_origin(SLUG, ("checks.py",))
    (exercises / "tracer.py").unlink()
    assert place().changed_since_start(SLUG) == ["tracer.py"]
    place().remember_origin(SLUG, ("tracer.py",))
    assert place().changed_since_start(SLUG) == []
    assert mine("tracer.py").read_text() == before


@pytest.mark.parametrize("option", ["--diff", "--merge"])
def test_an_exercise_that_is_not_started_has_nothing_to_compare(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = checkout.slugs()[1]
    assert cli.run(["start", str(int(other[:2])), option]) == USAGE
    assert f"lab start {int(other[:2])}" in capsys.readouterr().err
