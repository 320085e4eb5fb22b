"""Exit codes, error lines and help texts of the command."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from grader.errors import ExerciseError, RecorderDidNotStart
from lab import cli, failures
from lab.bundle.archive import BundleError
from lab.launch.trouble import CannotStart
from vm.errors import HostUnavailable
from vocabulary import errors, exit_codes
from workloads.errors import WorkloadError


class GoneFromElsewhere(HostUnavailable):
    """Its module says nothing about who is to blame."""


class NotOfTheLab(Exception):
    """Another library's error that happens to have our attributes."""

    message, hint = "secret", ""


def commands(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every verb, with the words that lead to it."""
    for name, command in getattr(group, "commands", {}).items():
        if getattr(command, "commands", None):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


VERBS = list(commands(typer.main.get_command(cli.app_for(()))))


@pytest.mark.parametrize("group", cli.GROUPS)
def test_each_group_registers_the_verbs_it_is_imported_for(group: str) -> None:
    verbs = cli.GROUPS[group]
    registered = getattr(typer.main.get_command(cli.app_for(verbs)), "commands", {})
    assert sorted(registered) == sorted(verbs)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, crash reports and the workspace of a test are its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_the_help_of_every_verb_has_an_example(
    verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*verb, "--help"]) == exit_codes.PASSED
    assert re.search(rf"Example: lab {' '.join(verb)}\b", capsys.readouterr().out)


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_no_option_in_a_help_has_an_empty_name(
    verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run([*verb, "--help"])
    assert not re.findall(r"^ +/ --.*", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "no such command 'chek'"),
        (["hint"], "missing argument 'EXERCISE'"),
        (["hint", "--bogus", "4"], "no such option: --bogus"),
        (["hint", "99"], "exercise 99 does not exist"),
        (["list", "4"], "got unexpected extra argument"),
    ],
)
def test_wrong_usage_is_two_lines_and_exit_code_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(words) == exit_codes.USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"lab: {said}")
    assert lines[1].startswith("hint: lab ")


def test_without_a_verb_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == exit_codes.PASSED
    assert "Usage: lab" in capsys.readouterr().out


def test_the_nearest_exercise_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["hint", "kporbes"]) == exit_codes.USAGE
    assert "did you mean kprobes?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Unusable("no", "lab list"), exit_codes.USAGE),
        (errors.Unavailable("gone", "lab up"), exit_codes.UNAVAILABLE),
        (HostUnavailable("gone", "lab up"), exit_codes.UNAVAILABLE),
        (ExerciseError("no", "lab list"), exit_codes.USAGE),
        (RecorderDidNotStart("no", "lab shell"), exit_codes.UNAVAILABLE),
        (WorkloadError("no", "lab logs"), exit_codes.UNAVAILABLE),
        (BundleError("no", "ls"), exit_codes.UNAVAILABLE),
        (CannotStart("no", "ls"), exit_codes.UNAVAILABLE),
        (errors.LabError("no"), exit_codes.BROKEN),
        (GoneFromElsewhere("gone"), exit_codes.UNAVAILABLE),
        (KeyboardInterrupt(), exit_codes.INTERRUPTED),
        (RuntimeError("what?"), exit_codes.BROKEN),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_error_has_its_exit_code(error: BaseException, code: int) -> None:
    assert failures.explain(error).exit_code == code


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full", "df -h . "),
        (OSError(errno.ENOSPC, "No space left", "/a/b/c"), "the disk is full", "df -h /a/b"),
        (PermissionError(errno.EACCES, "Permission denied", "/a"), "/a cannot be used", "ls -ld /a"),
        (OSError(errno.EROFS, "Read-only file system", "lab-work"), "/", "cd FOLDER"),
    ],
    ids=["full", "full, and known where", "not permitted", "a folder to work in that is read-only"],
)
def test_what_is_wrong_with_a_disk_is_said_and_no_crash(error: OSError, message: str, hint: str) -> None:
    explained = failures.explain(error)
    assert explained.message.startswith(message)
    assert explained.hint.startswith(hint)
    assert explained.exit_code == exit_codes.UNAVAILABLE


def test_the_error_of_another_library_is_unexpected_whatever_attributes_it_has() -> None:
    assert failures.explain(NotOfTheLab()).message == "something unexpected happened (NotOfTheLab)"


def test_an_unexpected_error_is_saved_and_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise RuntimeError("what?")
    except RuntimeError as error:
        explained = failures.explain(error)
    explained.show()
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    saved = re.search(r"less (\S+)", shown)
    assert saved is not None
    assert "RuntimeError: what?" in Path(saved[1]).read_text()


def test_a_hint_that_is_empty_leaves_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    failures.explain(HostUnavailable("gone")).show()
    assert capsys.readouterr().err == "lab: gone\n"
