"""docs/mistakes.md is what the rejected tracers say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import cli
from lab.dev.rejected import page
from lab.dev.rejected.page import PAGE, mistakes_of, page_of_checkout, page_text
from tests.lab.dev.rejected.a_solution import FORGETS_NOTHING, exercise_in
from vocabulary.exit_codes import PASSED


def test_the_page_is_that_of_the_rejected_tracers() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_of_checkout(), "run: lab dev mistakes"


def test_the_command_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "mistakes.md")
    assert cli.run(["dev", "mistakes"]) == PASSED
    assert (tmp_path / "mistakes.md").read_text(encoding="utf-8") == page_of_checkout()
    assert capsys.readouterr().out == f"wrote {tmp_path / 'mistakes.md'}\n"


def test_a_tracer_stands_in_its_exercise_with_what_it_does_wrong(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, forgetful=FORGETS_NOTHING.replace("nothing.", "a | b."))
    text = page_text([mistakes_of(exercise, tmp_path / "solutions")])
    assert "\n## Exercise 4: Kprobes\n" in text
    assert "\n| forgetful | forgets a \\| b. | calls | no_pairing |\n" in text
    assert "Not here" not in text


def test_what_an_exercise_has_no_tracer_for_it_says_itself(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, forgetful=FORGETS_NOTHING)
    notes = tmp_path / "solutions" / "04-kprobes" / "rejected" / "not_here.md"
    notes.write_text("- It has no buffer.\n")
    text = page_text([mistakes_of(exercise, tmp_path / "solutions")])
    assert "\nNot here:\n\n- It has no buffer.\n" in text


def test_a_cause_of_several_exercises_has_a_row_with_the_tracers_of_each(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    found = [
        mistakes_of(exercise_in(folder, **{folder.name: FORGETS_NOTHING}), folder / "solutions")
        for folder in folders
    ]
    assert "\n| no_pairing | one | two |\n" in page_text(found)
    assert "no_pairing | one" not in page_text(found[:1])
