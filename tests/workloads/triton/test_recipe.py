from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from workloads.errors import WorkloadError
from workloads.triton.recipe import folder_digest, recipe_for


def test_a_machine_without_a_pinned_wheel_is_refused_by_name() -> None:
    with pytest.raises(WorkloadError, match="riscv64") as caught:
        recipe_for("riscv64")
    assert caught.value.hint.startswith("lab ")
    with pytest.raises(WorkloadError):
        recipe_for("name")  # a key of the same table that is no machine


def test_every_ingredient_changes_the_root_digest() -> None:
    recipe = recipe_for("x86_64")
    others = [
        replace(recipe, packages=(*recipe.packages, "strace")),
        replace(recipe, suite="trixie"),
        replace(recipe, layout=recipe.layout + 1),
        replace(recipe, wheel=replace(recipe.wheel, sha256="0" * 64)),
        replace(recipe, wheel=replace(recipe.wheel, version="0.7.1")),
    ]
    assert len({recipe.root_digest, *(other.root_digest for other in others)}) == len(others) + 1


def test_another_wheel_leaves_the_debian_part_as_it_is() -> None:
    recipe = recipe_for("x86_64")
    assert replace(recipe, wheel=replace(recipe.wheel, version="9")).base_digest == recipe.base_digest


def test_a_folder_digest_sees_names_contents_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/a.py").write_text("1")
    first = folder_digest(tmp_path, ("*.py",))
    (tmp_path / "other.txt").write_text("unseen")
    assert folder_digest(tmp_path, ("*.py",)) == first
    (tmp_path / "deep/a.py").rename(tmp_path / "deep/b.py")
    renamed = folder_digest(tmp_path, ("*.py",))
    (tmp_path / "deep/b.py").write_text("2")
    assert len({first, renamed, folder_digest(tmp_path, ("*.py",))}) == 3
