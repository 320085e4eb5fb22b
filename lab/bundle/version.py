"""Which checkouts a bundle fits. The standard library alone: `bin/lab` asks before it installs anything."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path

from lab.bundle.archive import Bundle, BundleError, use_its_own_checkout

DECIDES = (
    "pyproject.toml",
    "vm/packages.toml",
    "vm/image/recipe.py",
    "vm/image/*.sh",
    "vm/image/guest/**/*",
    "workloads/*/*.toml",
    "workloads/*/*.sh",
)
"""Files from which packages, image and containers of a bundle are made."""


def fits(checkout: Path) -> str:
    """A digest of everything in a checkout that decides what a bundle must bring.

    Exercises and programs are left out: when they change, the packages and the image still fit.
    """
    found = hashlib.sha256()
    for path in sorted(path for pattern in DECIDES for path in checkout.glob(pattern)):
        if not path.is_file() or path.name.endswith("~"):
            continue
        content = path.read_bytes()
        found.update(f"{path.relative_to(checkout)} {len(content)}\n".encode() + content)
    return found.hexdigest()[:20]


def require_fit(bundle: Bundle, checkout: Path) -> None:
    """Raise BundleError when a bundle was made for another version of the lab or another kind of machine."""
    about = bundle.about
    here = (platform.system(), platform.machine())
    if (about.system, about.machine) != here:
        raise BundleError(
            f"{bundle.path} is for {about.system} on {about.machine}, this is {here[0]} on {here[1]}",
            "bin/lab up --host ssh://root@DEBIAN-13-MACHINE   # needs a network",
        )
    if about.fits != fits(checkout):
        raise BundleError(
            f"{bundle.path} was made for another version of the lab ({about.lab}); "
            "it brings the checkout it fits",
            use_its_own_checkout(bundle.path),
        )
