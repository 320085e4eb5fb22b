"""The Python packages of a bundle: for each CPython version, all that the lab needs, or not that version."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from vocabulary.errors import LabError

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Those that a bundle is made for, as far as the package index has files for them."""
GLIBCS = ("2_28", "2_27", "2_26", "2_24", "2_17", "2_12", "2_5")
"""Wheels for these run on any Linux with glibc 2.28 (2018) or newer."""
PLATFORMS = (*(f"manylinux_{one}_x86_64" for one in GLIBCS), "manylinux2014_x86_64", "manylinux2010_x86_64")


@dataclass(frozen=True)
class Wheel:
    """What a wheel's file says about itself."""

    name: str
    version: str
    requires: tuple[Requirement, ...]


def download_all(
    wanted: Sequence[str], folder: Path, progress: Callable[[str], None]
) -> tuple[tuple[str, ...], list[Path]]:
    """The versions of CPython that got everything, and the files, each once. Raises LabError for none."""
    served, files = [], {}
    for version in PYTHONS:
        progress(f"fetching Python packages for CPython {version}")
        place = folder / version
        try:
            fetch(wanted, version, place)
            lacks = lacking(wanted, [read_wheel(path) for path in place.iterdir()], version)
        except LabError as error:
            progress(f"CPython {version} is left out: {error.message}")
            continue
        if lacks:
            progress(f"CPython {version} is left out: there is no {', '.join(lacks)} for it")
            continue
        served.append(version)
        files.update({path.name: path for path in place.iterdir()})
    if not served:
        raise LabError("pip could not download the lab's Python packages", "python3 -m pip config list")
    return tuple(served), [files[name] for name in sorted(files)]


def fetch(wanted: Sequence[str], version: str, folder: Path) -> None:
    """Download wheels for one version of CPython. Raises LabError with pip's last line."""
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest"]
    options = ["--only-binary=:all:", f"--python-version={version}", "--implementation=cp"]
    options += [f"--platform={name}" for name in PLATFORMS]
    with tempfile.TemporaryDirectory() as empty:
        argv += [str(folder), *options, *wanted]
        done = subprocess.run(argv, cwd=empty, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise LabError(
            lines[-1] if lines else f"pip: exit code {done.returncode}", "python3 -m pip config list"
        )


def read_wheel(path: Path) -> Wheel:
    """Name, version and requirements."""
    with zipfile.ZipFile(path) as archive:
        name = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        headers = HeaderParser().parsestr(archive.read(name).decode())
    required = tuple(Requirement(line) for line in headers.get_all("Requires-Dist", []))
    return Wheel(canonicalize_name(headers["Name"]), headers["Version"], required)


def lacking(wanted: Sequence[str], wheels: Sequence[Wheel], version: str) -> list[str]:
    """Requirements that hold under this version of CPython and that no wheel meets.

    pip asks conditions such as `python_version < "3.12"` of the Python it runs in, not of the one it
    downloads for: so it is checked again here.
    """
    by_name = {wheel.name: wheel for wheel in wheels}
    environment = environment_of(version)
    missing, seen = set(), set()
    todo = [(Requirement(line), frozenset[str]()) for line in wanted]
    while todo:
        required, extras = todo.pop()
        if not applies(required, environment, extras):
            continue
        wheel = by_name.get(canonicalize_name(required.name))
        if wheel is None or not required.specifier.contains(wheel.version, prereleases=True):
            missing.add(str(required).partition(";")[0].strip())
        elif (wheel.name, key := frozenset(required.extras)) not in seen:
            seen.add((wheel.name, key))
            todo += [(one, key) for one in wheel.requires]
    return sorted(missing)


def applies(required: Requirement, environment: Mapping[str, str], extras: frozenset[str]) -> bool:
    """Whether a requirement's condition holds, with any of the extras that were asked for."""
    if required.marker is None:
        return True
    return any(required.marker.evaluate({**environment, "extra": extra}) for extra in extras or {""})


def environment_of(version: str) -> dict[str, str]:
    """What conditions in requirements are asked of: CPython of this version on Linux."""
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{version}.0",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{version}.0",
        "python_version": version,
        "sys_platform": "linux",
    }
