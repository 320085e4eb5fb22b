"""What lies in rejected/ is a tracer, or is named: nothing is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import checkout
from lab.dev.entries import entries
from lab.dev.rejected.tracers import rejected_tracers
from lab.one_check import capture
from lab.verbs.grade import attempt_of
from lab.website import sources
from lab.website.authoring import AuthoringError
from lab.workspace import Workspace
from tests.lab.dev.rejected.a_solution import FIRST, FORGETS_NOTHING, PROGRAM, exercise_in
from vocabulary.errors import Unusable


def test_whole_tracers_and_edit_lists_are_found_by_name(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, by_list=FORGETS_NOTHING)
    rejected = tmp_path / "solutions" / "04-kprobes" / "rejected"
    (rejected / "a_whole_one").mkdir()
    (rejected / "a_whole_one" / "tracer.py").write_text(FIRST)
    for name in ("__pycache__/a.pyc", ".a.swp", "a.diff~", "not_here.md"):
        (rejected / name).parent.mkdir(exist_ok=True)
        (rejected / name).write_text("no tracer")
    whole, listed = rejected_tracers(exercise, tmp_path / "solutions")
    assert (whole.name, listed.name) == ("a_whole_one", "by_list")
    assert whole.files == {"tracer.py": FIRST.encode(), "tracer.bpf.c": PROGRAM.encode()}
    assert listed.files["tracer.bpf.c"] != PROGRAM.encode()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("wrong.patch", "neither a folder nor an edit list"),
        ("wrong/tracer.py", "a folder and an edit list of this name"),
        ("other/notes.md", "the file is missing"),
    ],
)
def test_what_is_no_tracer_stops_the_matrix(tmp_path: Path, name: str, said: str) -> None:
    exercise = exercise_in(tmp_path, wrong=FORGETS_NOTHING)
    path = tmp_path / "solutions" / "04-kprobes" / "rejected" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(FIRST)
    with pytest.raises(AuthoringError, match=said):
        rejected_tracers(exercise, tmp_path / "solutions")


@pytest.mark.parametrize("slug", checkout.slugs())
def test_every_rejected_tracer_of_the_checkout_is_python_and_no_solution(slug: str) -> None:
    found = entries(checkout.exercise(slug))
    (solution,) = (one for one in found if one.kind == "solution")
    for one in (one for one in found if one.kind == "rejected"):
        assert one.files != solution.files
        for name in (name for name in one.files if name.endswith(".py")):
            compile(one.files[name], f"{one.title}/{name}", "exec")


@pytest.mark.parametrize("slug", checkout.slugs())
def test_tracer_names_an_edit_list_as_it_does_a_folder(slug: str, tmp_path: Path) -> None:
    exercise = checkout.exercise(slug)
    rejected = checkout.SOLUTIONS / slug / "rejected"
    for one in rejected_tracers(exercise):
        path = rejected / f"{one.name}.diff"
        if path.exists():
            assert attempt_of(exercise, Workspace(tmp_path), path).files == one.files


def test_a_list_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="there is no such"):
        attempt_of(checkout.exercise(checkout.slugs()[0]), Workspace(tmp_path), tmp_path / "gone.diff")


def test_edit_lists_in_a_folder_are_other_attempts(tmp_path: Path) -> None:
    exercise = exercise_in(tmp_path, wrong=FORGETS_NOTHING)
    folder = tmp_path / "solutions" / "04-kprobes"
    (folder / "rejected" / "not_here.md").write_text("- Nothing.\n")
    assert sorted(capture(folder, exercise).files) == ["tracer.bpf.c", "tracer.py"]


def test_an_edit_that_does_not_fit_stops_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = exercise_in(tmp_path, wrong=FORGETS_NOTHING.replace("delete", "forget"))
    monkeypatch.setattr(
        sources, "rejected_tracers", lambda _any: rejected_tracers(wrong, tmp_path / "solutions")
    )
    with pytest.raises(AuthoringError, match=r"wrong\.diff:4: .* does not have this text"):
        sources.read_sources()
