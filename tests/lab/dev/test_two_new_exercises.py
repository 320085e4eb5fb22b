"""A new exercise touches its own two folders: in a copy of the checkout an author begins two, and whatever
looks at all exercises finds them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.checkout import ROOT, slugs
from lab.dev.typed_exercises import type_check

NAMES = ("new-one", "new-two")
NUMBER = int(slugs()[-1][:2])
"""Of the last exercise that is there already."""
SLUGS = [f"{NUMBER + place:02}-{name}" for place, name in enumerate(NAMES, 1)]

AUTHOR = """
import json, sys
from lab import checkout, cli

begun = [cli.run(["dev", "new", name]) for name in sys.argv[1:]]
verbs = (["site", "build", "--out", "pages"], ["start", sys.argv[1], "--no-host"], ["list"], ["status"])
done = [cli.run(words) for words in verbs]
print(json.dumps({"codes": begun + done, "slugs": checkout.slugs(), "completed": checkout.complete("new")}))
"""
LOOKING_AT_ALL = (
    "tests/exercises/test_conditions_of_the_readmes.py",
    "tests/exercises/test_hints_point_at_the_starter.py",
    "tests/exercises/test_mistakes_looked_for.py",
    "tests/exercises/test_plans.py",
    "tests/exercises/test_words.py",
    "tests/grader/test_grader_knows_no_exercise.py",
    "tests/lab/comparison/test_show.py",
    "tests/lab/dev/rejected/test_page.py",
    "tests/lab/dev/rejected/test_tracers.py",
    "tests/lab/test_demo.py",
    "tests/lab/test_one_check.py",
    "tests/test_layout.py",
    "tests/test_the_tests.py",
)


def python(folder: Path, *words: str) -> str:
    """What it prints in a checkout; all of it is shown where it fails."""
    home = {f"XDG_{name}_HOME": str(folder.parent / name) for name in ("CACHE", "CONFIG", "DATA", "STATE")}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, **home, "PYTHONPATH": str(folder)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as it is now."""
    made = tmp_path_factory.mktemp("author") / "checkout"
    left = shutil.ignore_patterns(".git", ".*_cache", ".hypothesis", "__pycache__", "build", "*-work")
    shutil.copytree(ROOT, made, ignore=left)
    return made


@pytest.fixture(scope="module")
def said(copy: Path) -> list[str]:
    """What the commands print, with which an author begins two exercises and looks at them."""
    return python(copy, "-c", AUTHOR, *NAMES).splitlines()


def test_list_completion_start_and_site_have_them(copy: Path, said: list[str]) -> None:
    found = json.loads(said[-1])
    assert set(found["codes"]) == {0}, said
    assert found["slugs"] == [*slugs(), *SLUGS]
    assert found["completed"] == list(NAMES)
    assert [line.split(" (")[0] for line in said if "New " in line and "minutes)" in line] == [
        f"{SLUGS[0][:2]:>2}  New one",
        f"{SLUGS[1][:2]:>2}  New two",
    ]
    assert [(copy / "pages" / "exercises" / f"{slug}.html").is_file() for slug in SLUGS] == [True, True]
    assert (copy / "lab-work" / SLUGS[0] / "tracer.py").is_file()


def test_what_to_do_next_is_said_in_commands_that_can_be_typed(copy: Path, said: list[str]) -> None:
    folders = [copy / parent / SLUGS[0] for parent in ("exercises", "solutions")]
    assert said[:8] == [
        f"made   {folders[0]}",
        f"made   {folders[1]}",
        f"listed {copy}/docs/mistakes.md",
        f"read   {copy}/site/pages/authors/new-exercise.md",
        f"look   lab site serve   # its page: exercises/{SLUGS[0]}.html",
        f"run    lab run {NUMBER + 1} --tracer {folders[1]}",
        f"check  lab dev check {NUMBER + 1}",
        f"keep   git -C {copy} add exercises/{SLUGS[0]} solutions/{SLUGS[0]} docs/mistakes.md",
    ]


@pytest.mark.usefixtures("said")
def test_no_test_knows_by_heart_which_exercises_there_are(copy: Path) -> None:
    chosen = " or ".join([*NAMES, "not ["])  # those of one exercise or file have its name in brackets
    words = ("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-k", chosen, *LOOKING_AT_ALL)
    assert " passed" in python(copy, *words).splitlines()[-1]


@pytest.mark.usefixtures("said")
def test_their_types_are_checked(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "exercises").mkdir()
    for slug in SLUGS:
        (tmp_path / "exercises" / slug).symlink_to(copy / "exercises" / slug)
    assert type_check(tmp_path) == 0, capsys.readouterr().err
