"""Attacks are found in their folders, and each says what must come of it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from grader.host import Host
from grader.verdict import Outcome
from lab import checkout
from lab.checkout import ROOT
from lab.dev.attack import state
from lab.dev.attacks import SHARED_FILE, attacks, runs_of, sample
from lab.dev.matrix import TRACERS_PER_RUN
from tests.lab.test_comparison import RIGHT
from vocabulary.errors import Unusable


def test_every_attack_is_known_by_name_and_attacks_an_exercise_that_exists() -> None:
    found = attacks()
    assert len(found) >= 25
    assert all(checkout.exercise(one.exercise) for one in found)
    assert all({"tracer.py", SHARED_FILE} <= one.entry.files.keys() for one in found)


def test_what_an_attack_is_expected_to_pass_with_stands_in_the_document_about_trust() -> None:
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    still_open = [one.name for one in attacks() if one.is_open]
    assert [name for name in still_open if f"`{name}`" not in text] == []
    assert all(one.entry.expected.outcome is Outcome.FAIL for one in attacks() if not one.is_open)


def test_attacks_that_destroy_have_a_run_for_themselves() -> None:
    runs = list(runs_of(attacks()))
    assert all(len(run) == 1 for run in runs if any(one.entry.alone for one in run))
    assert all(len(run) <= TRACERS_PER_RUN for run in runs)
    assert sorted(one.name for run in runs for one in run) == [one.name for one in attacks()]


def test_a_sample_of_the_attacks_shares_one_run_and_the_seed_chooses_it() -> None:
    chosen = sample(attacks(), 5)
    assert len(list(runs_of(chosen))) == 1
    assert (len(chosen), sample(attacks(), 5)) == (TRACERS_PER_RUN, chosen)
    assert sample(attacks(), 6) != chosen


@pytest.mark.parametrize(
    ("printed", "shortfall"),
    [
        ("attack: a key: refused (OSError: no)\n", ""),
        ("attack: a key: refused (OSError: no)\nattack: ptrace: done (0)\n", "not refused: ptrace"),
        ("READY\n", "it says of nothing that it tried it"),
    ],
)
def test_what_the_jail_let_through_is_told(printed: str, shortfall: str) -> None:
    (attack,) = attacks(["signals"])
    seen = replace(RIGHT, tracer=replace(RIGHT.tracer, stdout_tail=printed))
    assert attack.shortfall(seen) == shortfall


def test_an_unknown_attack_and_one_that_expects_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no attack nonsense"):
        attacks(["nonsense"])
    (tmp_path / "vague").mkdir()
    (tmp_path / "vague" / "tracer.py").write_text('"""Does something."""\n')
    with pytest.raises(Unusable, match="does not begin with"):
        attacks(folder=tmp_path)


class ThisMachine:
    """A host whose commands run here."""

    def run(self, argv: Sequence[str], check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, check=check, capture_output=True, text=True)


def test_a_host_without_any_jail_has_none_called_star() -> None:
    assert "*" not in state(cast(Host, ThisMachine()))
