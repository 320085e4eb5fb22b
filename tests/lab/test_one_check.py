"""What is captured, what is saved, and what counts as progress."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.verdict import Outcome
from grader.written import observation_file, verdict_json
from lab import checkout
from lab.one_check import capture, exit_code, saved
from lab.settle import Settled
from lab.workspace import Workspace
from tests.lab.test_comparison import EXERCISE, RIGHT, VERDICT
from vocabulary.errors import Unusable


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "lab-work")


def test_an_attempt_is_the_folder_without_leftovers(tmp_path: Path) -> None:
    for name in ("tracer.py", "more.py", ".tracer.py.swp", "tracer.py~", "__pycache__/tracer.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert sorted(capture(tmp_path, EXERCISE).files) == ["more.py", "tracer.py"]


def test_other_attempts_in_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("tracer.py", "parts/names.py", "old/tracer.py", "old/parts/names.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    assert sorted(capture(tmp_path, EXERCISE).files) == ["parts/names.py", "tracer.py"]


@pytest.mark.parametrize("slug", checkout.slugs())
def test_a_folder_of_solutions_is_the_solution_without_variants_and_rejected_tracers(slug: str) -> None:
    attempt = capture(checkout.SOLUTIONS / slug, checkout.exercise(slug))
    assert not [name for name in attempt.files if name.startswith(("variants/", "rejected/"))]


def test_the_digest_of_an_attempt_follows_its_content(tmp_path: Path) -> None:
    (tmp_path / "tracer.py").write_text("one")
    before = capture(tmp_path, EXERCISE).digest
    assert capture(tmp_path, EXERCISE).digest == before
    (tmp_path / "tracer.py").write_text("two")
    assert capture(tmp_path, EXERCISE).digest != before


def test_a_folder_without_the_tracer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"lacks tracer\.py"):
        capture(tmp_path, EXERCISE)


def test_a_folder_that_is_far_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tracer.py").write_bytes(b"x" * 2_000_000)
    with pytest.raises(Unusable, match="more than a tracer needs"):
        capture(tmp_path, EXERCISE)


def test_a_link_that_leads_out_of_the_folder_is_refused_and_one_inside_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "attempt"
    folder.mkdir()
    (tmp_path / "key").write_text("secret")
    (folder / "tracer.py").write_text("print()")
    (folder / "tracer.bpf.c").symlink_to(folder / "tracer.py")
    assert capture(folder, EXERCISE).files["tracer.bpf.c"] == b"print()"
    (folder / "notes").symlink_to(tmp_path / "key")
    with pytest.raises(Unusable, match="leads out of"):
        capture(folder, EXERCISE)


@pytest.mark.parametrize(
    ("outcome", "checks", "passes"), [(Outcome.PASS, 1, 1), (Outcome.FAIL, 1, 0), (Outcome.ERROR, 0, 0)]
)
def test_a_verdict_is_saved_and_counted(place: Workspace, outcome: Outcome, checks: int, passes: int) -> None:
    checked = saved(place, Settled(replace(VERDICT, outcome=outcome), (RIGHT,)), practice=False)
    one = place.progress().of(VERDICT.exercise)
    assert (one.checks, one.passes, one.last_outcome) == (checks, passes, str(outcome))
    kept = verdict_json.loads((place.root / one.last_verdict).read_text())
    assert kept == checked.verdict
    assert kept.trust == "self-reported"
    assert observation_file.load(Path(kept.observation)).seed == RIGHT.seed


def test_practice_is_saved_but_is_no_progress(place: Workspace) -> None:
    checked = saved(place, Settled(replace(VERDICT, outcome=Outcome.PASS), (RIGHT,)), practice=True)
    assert checked.verdict.trust == "practice"
    assert place.progress().exercises == {}


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.PASS, 0), (Outcome.FAIL, 1), (Outcome.ERROR, 70)])
def test_the_exit_code_says_what_the_verdict_says(outcome: Outcome, code: int) -> None:
    assert exit_code(replace(VERDICT, outcome=outcome)) == code
