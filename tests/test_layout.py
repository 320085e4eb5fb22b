"""The import table of docs/design.md, held against every file of the repository."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("vocabulary", "grader", "vm", "workloads", "lab")

MAY_IMPORT: dict[str, set[str]] = {
    "vocabulary": {"vocabulary"},
    "grader": {"grader", "vocabulary"},
    "vm": {"vm", "vocabulary"},
    "workloads": {"workloads", "grader", "vm", "vocabulary"},
    "lab": {"lab", "grader", "vm", "workloads", "vocabulary"},
    "exercises": {"grader"},
    "solutions": set(),
}
ONHOST_MAY_IMPORT = {"bcc", "lab_tracer"}
ONHOST_ROOMS = ("tracer", "network", "jail", "recorder", "driver", "kernel", "contract")
"""Below `session.py`, from above. The other two hold no modules of the package: see host_files.py."""


def python_files(folder: str) -> list[Path]:
    """Every Python file below a folder of the repository."""
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Top-level names of what a file imports absolutely."""
    return (name.split(".")[0] for name in imported_whole(path))


def imported_whole(path: Path) -> Iterator[str]:
    """Modules that a file imports from absolutely, with their packages."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def imported_from_above(path: Path) -> Iterator[str]:
    """What a module in a folder imports from the folder around it: the names behind `from ..`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            yield from [node.module.split(".")[0]] if node.module else (alias.name for alias in node.names)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_the_design_allows(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files(folder)
        for name in imported(path)
        if name in PACKAGES and name not in MAY_IMPORT[folder]
    ]
    assert wrong == []


def test_what_runs_on_the_host_needs_only_the_standard_library_and_bcc() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files("grader/onhost")
        for name in imported(path)
        if name not in sys.stdlib_module_names | ONHOST_MAY_IMPORT
    ]
    assert wrong == []


def test_a_room_on_the_host_imports_only_rooms_that_stand_below_it() -> None:
    folder = ROOT / "grader" / "onhost"
    rooms = {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == {*ONHOST_ROOMS, "in_jail", "units"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for number, room in enumerate(ONHOST_ROOMS)
        for path in python_files(f"grader/onhost/{room}")
        for name in imported_from_above(path)
        if name not in ONHOST_ROOMS[number + 1 :]
    ]
    assert wrong == []


def test_what_runs_before_anything_is_installed_needs_only_the_standard_library() -> None:
    files = [
        ROOT / "bin" / "lab",
        ROOT / "lab" / "streams.py",
        ROOT / "lab" / "bundle" / "archive.py",
        ROOT / "lab" / "bundle" / "version.py",
        *python_files("lab/launch"),
        *python_files("vocabulary"),
    ]
    ours = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imported_whole(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not any(one.startswith(name) for one in ours)
    ]
    assert wrong == []


def test_no_package_names_a_single_exercise_or_workload() -> None:
    names = [
        folder.name
        for parent in ("exercises", "workloads")
        for folder in (ROOT / parent).iterdir()
        if folder.is_dir() and not folder.name.startswith("_")
    ]
    pattern = re.compile("|".join(rf"[\"']{re.escape(name)}[\"']" for name in names) or "(?!)")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for package in PACKAGES
        for path in python_files(package)
        if not (package == "workloads" and path.parent != ROOT / "workloads")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert wrong == []


def test_every_package_of_the_table_stands_in_the_design() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    assert [name for name in MAY_IMPORT if f"| `{name}/" not in design] == []


def test_site_is_no_importable_package() -> None:
    assert not (ROOT / "site" / "__init__.py").exists()
