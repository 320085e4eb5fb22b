"""A solution changes: its edit lists come along, but for the edits of the lines that changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grader.exercise import Exercise
from lab import checkout, cli
from lab.dev.rejected.refitting import refit
from lab.dev.rejected.tracers import rejected_tracers
from tests.lab.dev.rejected.a_solution import FIRST, FORGETS_NOTHING, exercise_in
from vocabulary.exit_codes import FAILED, PASSED

COUNTED_TWICE = f"""{FIRST}
@@ tracer.bpf.c @@
 int entered(void *ctx)
 {{
 \tstarts.update(ctx);
-\treturn 0;
+\tcalls += 2;
+\treturn 0;

@@ tracer.py @@
-report(counts())
+report(twice())
"""


def commit(root: Path) -> None:
    """Everything as it is now."""
    words = ["-c", "user.name=a", "-c", "user.email=a@b.test", "commit", "-qm", "as it is"]
    for argv in (["init", "-q"], ["add", "-A"], words):
        subprocess.run(["git", *argv], cwd=root, check=True)


def change(root: Path, old: str, new: str, name: str = "tracer.bpf.c") -> None:
    """The solution, in one place."""
    path = root / "solutions" / "04-kprobes" / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def list_of(root: Path, name: str = "wrong") -> str:
    return (root / "solutions" / "04-kprobes" / "rejected" / f"{name}.diff").read_text()


def program_of(exercise: Exercise, root: Path) -> str:
    """The only rejected tracer's C file."""
    (one,) = rejected_tracers(exercise, root / "solutions")
    return one.files["tracer.bpf.c"].decode()


def test_a_list_is_carried_over_when_only_the_lines_around_its_edit_changed(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, wrong=COUNTED_TWICE)
    commit(tmp_path)
    before = program_of(exercise, tmp_path)
    change(tmp_path, "int entered(void *ctx)", "int entered(void *context)")
    (one,) = refit(exercise, tmp_path / "solutions")
    assert one.trouble == ()
    assert list_of(tmp_path).startswith(FIRST)
    assert program_of(exercise, tmp_path) == before.replace("entered(void *ctx)", "entered(void *context)")


def test_a_line_beside_an_edit_can_make_it_wrong_so_its_author_decides(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, wrong=COUNTED_TWICE)
    commit(tmp_path)
    change(tmp_path, "starts.update(ctx);", "starts.update(ctx, now);")
    (one,) = refit(exercise, tmp_path / "solutions")
    assert "wrong.diff:4: the solution changed these lines too:" in one.trouble[0]


def test_a_text_that_is_there_twice_now_is_told_apart(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, wrong=FORGETS_NOTHING)
    commit(tmp_path)
    before = program_of(exercise, tmp_path)
    change(tmp_path, "int entered(void *ctx)\n{\n", "int entered(void *ctx)\n{\n\tstarts.delete(ctx);\n")
    (one,) = refit(exercise, tmp_path / "solutions")
    assert one.trouble == ()
    assert list_of(tmp_path).startswith(FIRST)
    assert program_of(exercise, tmp_path) == before.replace(
        "int entered(void *ctx)\n{\n", "int entered(void *ctx)\n{\n\tstarts.delete(ctx);\n"
    )


def test_only_the_lists_that_the_change_contradicts_are_written(tmp_path: Path) -> None:
    other = f"{FIRST}\n@@ tracer.py @@\n-report(counts())\n"
    exercise = exercise_in(tmp_path, wrong=FORGETS_NOTHING, other=other)
    commit(tmp_path)
    change(tmp_path, "int entered(void *ctx)\n{\n", "int entered(void *ctx)\n{\n\tstarts.delete(ctx);\n")
    assert [one.path.stem for one in refit(exercise, tmp_path / "solutions")] == ["wrong"]
    assert list_of(tmp_path, "other") == other


def test_an_edit_of_lines_that_changed_is_shown_and_the_list_left_alone(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, wrong=COUNTED_TWICE)
    commit(tmp_path)
    change(tmp_path, "report(counts())", "report(counts(), events)", "tracer.py")
    (one,) = refit(exercise, tmp_path / "solutions")
    (trouble,) = one.trouble
    assert "wrong.diff:12: the solution changed these lines too:" in trouble
    assert "\n    -report(counts())\n    +report(twice())" in trouble
    assert "git diff " in one.hint
    assert list_of(tmp_path) == COUNTED_TWICE


def test_the_newest_commit_that_fits_is_what_the_list_was_made_for(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, wrong=FORGETS_NOTHING)
    commit(tmp_path)
    # Committed although the list does not fit it.
    change(tmp_path, "\treturn 0;", "\tstarts.delete(ctx);\n\treturn 0;")
    change(tmp_path, "\tstarts.delete(ctx);\n\tstarts.delete(ctx);", "\tstarts.delete(ctx);")
    commit(tmp_path)
    (one,) = refit(exercise, tmp_path / "solutions")
    assert one.trouble == ()
    assert program_of(exercise, tmp_path).count("starts.delete") == 1


def test_a_mistake_that_the_solution_makes_now_is_none(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, wrong=FORGETS_NOTHING)
    commit(tmp_path)
    change(tmp_path, "\tstarts.delete(ctx);\n", "")
    (one,) = refit(exercise, tmp_path / "solutions")
    assert "the solution makes this mistake now" in one.trouble[0]


@pytest.mark.parametrize("committed", [True, False], ids=["never fitted", "no git"])
def test_without_a_solution_that_it_fitted_a_list_is_left_to_its_author(
    tmp_path: Path, committed: bool
) -> None:
    exercise = exercise_in(tmp_path, wrong=FORGETS_NOTHING.replace("delete", "forget"))
    if committed:
        commit(tmp_path)
    (one,) = refit(exercise, tmp_path / "solutions")
    assert "does not have this text:\n    \tstarts.forget(ctx);" in one.trouble[0]
    assert "wrong.diff" in one.hint


def test_the_command_says_what_it_carried_over_and_what_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number, slug = checkout.slugs()[0][:2], checkout.slugs()[0]
    assert cli.run(["dev", "check", number, "--refit"]) == PASSED
    said = capsys.readouterr()
    assert (said.out, "every edit list fits its solution" in said.err) == ("", True)
    exercise = exercise_in(tmp_path, wrong=FORGETS_NOTHING.replace("delete", "forget"))
    monkeypatch.setattr("lab.verbs.develop.refit", lambda _exercise: refit(exercise, tmp_path / "solutions"))
    assert cli.run(["dev", "check", slug, "--refit"]) == FAILED
    assert "hint: correct the text in" in capsys.readouterr().out
