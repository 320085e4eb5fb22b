"""A kept result counts as long as nothing has changed that decides it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.checkout import ROOT, slugs
from lab.dev.deciding import deciding
from lab.dev.record import record_of

SETTINGS = """number = 4
title = "x"
goal = "x"
minutes = 1
workload = "server"
starter_files = ["tracer.py"]
"""
FILES = {
    "exercises/04-kprobes/exercise.toml": SETTINGS,
    "exercises/04-kprobes/README.md": "",
    "exercises/04-kprobes/sentences.toml": "",
    "exercises/04-kprobes/checks.py": "from grader.checks.pairs import pairs\n",
    "exercises/04-kprobes/mistakes/late.py": "import grader.mistakes.clocks\n",
    "exercises/05-uprobes/checks.py": "",
    "grader/__init__.py": "",
    "grader/judge.py": "from grader.judging import wording\n",
    "grader/observe.py": "from .observing import host_files, session\n",
    "grader/observing/__init__.py": "",
    "grader/observing/host_files.py": "",
    "grader/observing/session.py": "",
    "grader/judging/__init__.py": "",
    "grader/judging/wording.py": "",
    "grader/checks/__init__.py": "",
    "grader/checks/pairs.py": "def pairs():\n    from vocabulary import units\n",
    "grader/checks/of_others.py": "",
    "grader/mistakes/__init__.py": "",
    "grader/mistakes/clocks.py": "",
    "grader/sentences/pairs.toml": "",
    "grader/onhost/session.py": "",
    "grader/onhost/recorder/recorder.bpf.c": "",
    "vocabulary/__init__.py": "",
    "vocabulary/units.py": "",
    "workloads/__init__.py": "",
    "workloads/image.py": "",
    "workloads/server/__init__.py": "",
    "workloads/server/workload.py": "from vm import machine\nfrom workloads import image\n",
    "workloads/server/root.toml": "",
    "workloads/of_others/workload.py": "",
    "solutions/04-kprobes/rejected/late.diff": "",
    "solutions/04-kprobes/observation.json.gz": "",
    "lab/show.py": "",
    "vm/machine.py": "",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_what_it_imports_decides_and_what_others_import_does_not(checkout: Path) -> None:
    names = {str(path.relative_to(checkout)) for path in deciding("04-kprobes", checkout)}
    assert set(FILES) - names == {
        "exercises/04-kprobes/README.md",
        "exercises/04-kprobes/sentences.toml",
        "exercises/05-uprobes/checks.py",
        "grader/checks/of_others.py",
        "grader/sentences/pairs.toml",
        "lab/show.py",
        "solutions/04-kprobes/observation.json.gz",
        "solutions/04-kprobes/rejected/late.diff",
        "vm/machine.py",
        "workloads/of_others/workload.py",
    }


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ("grader/judging/wording.py", False),
        ("grader/onhost/recorder/recorder.bpf.c", False),
        ("workloads/server/root.toml", False),
        ("exercises/04-kprobes/exercise.toml", False),
        ("exercises/04-kprobes/README.md", True),
        ("grader/checks/of_others.py", True),
        ("tests/attacks/forger.py", True),
    ],
)
def test_a_record_is_of_what_decides(checkout: Path, changed: str, same: bool) -> None:
    before = record_of("matrix", "04-kprobes", root=checkout)
    (checkout / changed).parent.mkdir(parents=True, exist_ok=True)
    (checkout / changed).write_text((SETTINGS if changed.endswith(".toml") else "") + "# changed")
    assert (record_of("matrix", "04-kprobes", root=checkout) == before) is same


def test_a_record_of_attacks_is_of_the_attacks_too(checkout: Path) -> None:
    before = record_of("attacks", "04-kprobes", "tests/attacks", root=checkout)
    (checkout / "tests/attacks").mkdir(parents=True)
    (checkout / "tests/attacks/forger.py").write_text("")
    assert record_of("attacks", "04-kprobes", "tests/attacks", root=checkout) != before


def test_each_exercise_is_decided_by_its_own_checks_and_a_part_of_the_grader() -> None:
    for slug in slugs():
        names = {str(path.relative_to(ROOT)) for path in deciding(slug, ROOT)}
        assert {f"exercises/{slug}/checks.py", "grader/verdict.py", "grader/onhost/session.py"} <= names
        others = (*(f"exercises/{other}/" for other in slugs() if other != slug), "lab/", "tests/")
        assert not [name for name in names if name.startswith(others)]
