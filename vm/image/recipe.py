"""Everything an image is made from, and the digest that names the result."""

from __future__ import annotations

import hashlib
import platform
import tomllib
from dataclasses import dataclass
from pathlib import Path

from vm.errors import HostSetupError

HERE = Path(__file__).parent
PACKAGES = HERE.parent / "packages.toml"
SUITE = "trixie"
SCHEMA = 1
"""Raise it when the build steps themselves change what comes out."""
DEBIAN_ARCHITECTURES = {"x86_64": "amd64"}


@dataclass(frozen=True)
class Recipe:
    """The inputs of one image."""

    architecture: str
    """As Debian names it."""
    packages: tuple[str, ...]
    guest_files: tuple[tuple[str, bytes], ...]
    """Files laid over the root: path below it, content; sorted."""
    customize: bytes
    """The shell script that turns a fresh root into the lab host's."""
    initrd_init: bytes
    """The initrd's first program."""

    @property
    def digest(self) -> str:
        """Hexadecimal, 20 characters; another digest is another image."""
        found = hashlib.sha256()
        parts = [str(SCHEMA).encode(), SUITE.encode(), self.architecture.encode(), *self._contents()]
        for part in parts:
            found.update(len(part).to_bytes(8, "big") + part)
        return found.hexdigest()[:20]

    def _contents(self) -> list[bytes]:
        files = [part for path, content in self.guest_files for part in (path.encode(), content)]
        return [" ".join(sorted(self.packages)).encode(), *files, self.customize, self.initrd_init]


def recipe(machine: str | None = None) -> Recipe:
    """The recipe for this machine's architecture (or `machine`, as `uname -m` says it)."""
    machine = machine or platform.machine()
    architecture = DEBIAN_ARCHITECTURES.get(machine)
    if architecture is None:
        raise HostSetupError(
            f"the lab's own virtual machine runs on x86-64, this is {machine}",
            "lab up --host ssh://root@DEBIAN-13-MACHINE",
        )
    return Recipe(
        architecture=architecture,
        packages=image_packages(architecture),
        guest_files=_guest_files(HERE / "guest"),
        customize=(HERE / "customize.sh").read_bytes(),
        initrd_init=(HERE / "initrd-init.sh").read_bytes(),
    )


def image_packages(architecture: str) -> tuple[str, ...]:
    """Names of the Debian packages in the image, from `vm/packages.toml`."""
    table = tomllib.loads(PACKAGES.read_text())
    names = [*table["both"]["packages"], *table["image"]["packages"]]
    return tuple(name.format(arch=architecture) for name in names)


def _guest_files(root: Path) -> tuple[tuple[str, bytes], ...]:
    return tuple(
        (str(path.relative_to(root)), path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()
    )
