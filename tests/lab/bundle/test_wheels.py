"""Which Python versions a bundle may name: those whose every needed package is in it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lab.bundle.wheels import Wheel, lacking, read_wheel


def wheel(name: str, version: str = "1.0", *requires: str) -> Wheel:
    return Wheel(name, version, tuple(Requirement(line) for line in requires))


@pytest.mark.parametrize(
    ("wheels", "missing"),
    [
        ([wheel("a"), wheel("b")], []),
        ([wheel("a")], ["b<2"]),
        ([wheel("a"), wheel("b", "2.0")], ["b<2"]),
        ([wheel("a", "1.0", "c>=1"), wheel("b")], ["c>=1"]),
        ([wheel("a", "1.0", "B"), wheel("b", "1.0", "a")], []),
        ([wheel("a", "1.0", 'c; python_version < "3.13"'), wheel("b")], []),
        ([wheel("a", "1.0", 'c; python_version >= "3.13"'), wheel("b")], ["c"]),
        ([wheel("a", "1.0", 'c; sys_platform == "win32"'), wheel("b")], []),
        ([wheel("a", "1.0", 'c; extra == "more"'), wheel("b")], []),
        ([wheel("a", "1.0", "b[more]"), wheel("b", "1.0", 'c; extra == "more"')], ["c"]),
    ],
    ids=[
        "complete",
        "one is missing",
        "too new",
        "what another one needs",
        "in a circle",
        "only for older Pythons",
        "only for newer Pythons",
        "only for another system",
        "an extra nobody wants",
        "an extra somebody wants",
    ],
)
def test_what_no_wheel_meets_is_named(wheels: list[Wheel], missing: list[str]) -> None:
    assert lacking(["a", "b<2"], wheels, "3.13") == missing


def test_a_wheel_says_what_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "some_thing-1.2-py3-none-any.whl"
    text = "Metadata-Version: 2.1\nName: Some_Thing\nVersion: 1.2\nRequires-Dist: other>=3\n\ntext\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("some_thing-1.2.dist-info/METADATA", text)
    assert read_wheel(path) == wheel("some-thing", "1.2", "other>=3")
