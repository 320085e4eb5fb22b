"""The attendee's verbs that need no lab host, over the real exercises."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.verdict import Outcome
from grader.written import observation_file, verdict_json
from lab import checkout, cli
from lab.one_check import saved
from lab.settings import Settings, save_settings
from lab.settle import Settled
from lab.workspace import Workspace
from tests.lab.test_comparison import RIGHT, VERDICT
from vocabulary.exit_codes import FAILED, PASSED, UNAVAILABLE, USAGE

SLUG = checkout.slugs()[-1]
NUMBER = str(int(SLUG[:2]))
PLACE = Workspace(Path("lab-work"))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


@pytest.fixture
def started() -> None:
    assert cli.run(["start", NUMBER, "--no-host"]) == PASSED


def checked(outcome: Outcome) -> None:
    """A verdict as if `lab check` had made it."""
    verdict = replace(VERDICT, exercise=SLUG, outcome=outcome)
    saved(PLACE, Settled(verdict, (replace(RIGHT, exercise=SLUG),)), practice=False)


def test_the_list_names_every_exercise(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["list"]) == PASSED
    shown = capsys.readouterr().out
    assert all(checkout.exercise(slug).title in shown for slug in checkout.slugs())


def test_start_copies_every_starter_file_and_says_what_to_edit(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["start", NUMBER, "--no-host"]) == PASSED
    shown = capsys.readouterr().out
    for name in checkout.exercise(NUMBER).starter_files:
        assert (PLACE.folder(SLUG) / name).read_bytes() == (checkout.EXERCISES / SLUG / name).read_bytes()
        assert name in shown


@pytest.mark.usefixtures("started")
def test_each_hint_is_taken_once_and_the_last_one_names_the_solution(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hints = checkout.exercise(NUMBER).hints
    for count in range(1, len(hints) + 1):
        capsys.readouterr()
        assert cli.run(["hint", NUMBER]) == PASSED
        shown = capsys.readouterr()
        assert shown.out.count(" of 3: ") == count
    assert f"lab solution {NUMBER} --give-up" in shown.err
    assert cli.run(["hint", NUMBER]) == PASSED
    assert PLACE.progress().of(SLUG).hints == len(hints)


@pytest.mark.usefixtures("started")
def test_the_solution_is_shown_after_giving_up_and_that_is_remembered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["solution", NUMBER]) == USAGE
    assert "--give-up" in capsys.readouterr().err
    assert cli.run(["solution", NUMBER, "--give-up"]) == PASSED
    assert "from lab_tracer import" in capsys.readouterr().out
    assert PLACE.progress().of(SLUG).solution_seen == "given_up"


@pytest.mark.usefixtures("started")
def test_the_solution_is_shown_after_a_pass() -> None:
    checked(Outcome.PASS)
    assert cli.run(["solution", NUMBER]) == PASSED
    assert PLACE.progress().of(SLUG).solution_seen == "passed"


@pytest.mark.parametrize("words", [[], ["--file", "tracer.py"]], ids=["all files", "one file"])
def test_reset_of_an_exercise_that_is_not_started_starts_nothing(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["reset", NUMBER, *words]) == USAGE
    assert capsys.readouterr().err.endswith(f"hint: lab start {NUMBER}\n")
    assert not PLACE.folder(SLUG).exists()
    assert cli.run(["status"]) == PASSED
    assert "not started" in next(line for line in capsys.readouterr().out.splitlines() if SLUG[3:] in line)


@pytest.mark.usefixtures("started")
def test_reset_brings_back_an_exercise_whose_folder_was_deleted() -> None:
    shutil.rmtree(PLACE.folder(SLUG))
    assert cli.run(["reset", NUMBER]) == PASSED
    assert (PLACE.folder(SLUG) / "tracer.py").exists()


@pytest.mark.usefixtures("started")
def test_a_workspace_that_was_moved_still_shows_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    checked(Outcome.FAIL)
    PLACE.root.rename("moved")
    assert cli.run(["show", NUMBER, "-w", "moved"]) == PASSED
    assert "Counts are exact." in capsys.readouterr().out


@pytest.mark.usefixtures("started")
def test_reset_puts_one_file_back(capsys: pytest.CaptureFixture[str]) -> None:
    mine = PLACE.folder(SLUG) / "tracer.py"
    mine.write_text("my work\n")
    assert cli.run(["reset", NUMBER, "--file", "tracer.py"]) == PASSED
    assert "is kept in" in capsys.readouterr().err
    assert mine.read_bytes() == (checkout.EXERCISES / SLUG / "tracer.py").read_bytes()
    assert cli.run(["reset", NUMBER, "--file", "other.py"]) == USAGE


@pytest.mark.usefixtures("started")
def test_status_counts_and_names_the_next_command(capsys: pytest.CaptureFixture[str]) -> None:
    checked(Outcome.FAIL)
    capsys.readouterr()
    assert cli.run(["status"]) == PASSED
    shown = capsys.readouterr()
    (line,) = [line for line in shown.out.splitlines() if SLUG[3:] in line]
    assert "started" in line
    assert "next: lab " in shown.err


@pytest.mark.usefixtures("started")
def test_show_writes_a_page_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["show", NUMBER]) == USAGE
    checked(Outcome.FAIL)
    capsys.readouterr()
    assert cli.run(["show", NUMBER]) == PASSED
    assert f"{SLUG}.html" in capsys.readouterr().out
    assert "Counts are exact." in (PLACE.hidden / "pages" / f"{SLUG}.html").read_text()


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda text: text.replace('"schema": 1', '"schema": 99', 1), "no verdict of schema"),
        (lambda text: text[: len(text) // 2], "cut off"),
        (lambda text: "", "cut off"),
        (lambda text: text.replace('"outcome": "fail"', '"outcome": "maybe"'), "maybe"),
    ],
    ids=["of another version", "cut off", "empty", "with unknown words"],
)
def test_a_verdict_that_cannot_be_read_says_so_and_how_to_get_a_new_one(
    spoil: Callable[[str], str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checked(Outcome.FAIL)
    path = PLACE.root / PLACE.progress().of(SLUG).last_verdict
    spoilt = spoil(path.read_text(encoding="utf-8"))
    assert spoilt != path.read_text(encoding="utf-8")
    path.write_text(spoilt, encoding="utf-8")
    capsys.readouterr()
    assert cli.run(["show", NUMBER]) == USAGE
    message, hint = capsys.readouterr().err.splitlines()
    assert str(path) in message
    assert why in message
    assert hint == f"hint: lab check {NUMBER}"


@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_tracer_that_is_not_there_is_no_reason_to_start_the_exercise(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([verb, NUMBER, "--tracer", "nosuch/deep"]) == USAGE
    assert capsys.readouterr().err.splitlines() == [
        "lab: --tracer names nosuch/deep, and there is no such folder",
        "hint: ls .",
    ]
    Path("empty").mkdir()
    assert cli.run([verb, NUMBER, "--tracer", "empty"]) == USAGE
    message, hint = capsys.readouterr().err.splitlines()
    assert "lacks tracer" in message
    assert hint == "hint: ls empty"


def test_replay_prints_json_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    # A run that ended without READY: whatever the exercise checks, this is a fail.
    tracer = replace(RIGHT.tracer, ready=False, ended_by="exited", exit_code=1)
    seen = replace(RIGHT, exercise=SLUG, traffic_ran=False, tracer=tracer)
    observation_file.save(seen, Path("seen.json.gz"))
    assert cli.run(["replay", "seen.json.gz", "--json"]) == FAILED
    shown = capsys.readouterr()
    assert json.loads(shown.out)["outcome"] == "fail"
    assert verdict_json.loads(shown.out).exercise == SLUG
    assert shown.err == ""


def test_replay_of_something_else_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    Path("seen.json").write_text("{}")
    assert cli.run(["replay", "seen.json"]) == USAGE
    assert cli.run(["replay", "nothing.json"]) == USAGE
    assert capsys.readouterr().out == ""


def test_a_check_of_an_exercise_that_is_not_started_names_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["check", NUMBER]) == USAGE
    assert capsys.readouterr().err.splitlines()[1] == f"hint: lab start {NUMBER}"


def test_one_exercise_says_that_it_is_the_one_to_show_to_newcomers() -> None:
    shown = checkout.demo_exercise()
    assert [slug for slug in checkout.slugs() if checkout.exercise(slug).demo] == [shown.slug]


def test_the_shell_completes_exercise_names() -> None:
    assert NUMBER in checkout.complete("")
    assert SLUG[3:] in checkout.complete(SLUG[3:6])
    assert checkout.complete("zzz") == []


def test_the_server_is_started_again_whichever_exercise_needs_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    save_settings(Settings("ssh://root@127.0.0.1:1"))
    for words in (["reset", "--workload"], ["reset", "4", "--workload"]):
        assert cli.run(words) == UNAVAILABLE
        assert "127.0.0.1 does not answer" in capsys.readouterr().err


def test_an_exercise_without_a_server_has_none_to_start_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["reset", "2", "--workload"]) == USAGE
    assert capsys.readouterr().err == (
        "lab: exercise 2 has no server of its own to start again\n"
        "hint: lab reset --host   # puts the whole lab host back\n"
    )
