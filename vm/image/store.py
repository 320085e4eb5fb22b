"""Images in the cache: a folder each, complete or not there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vm.errors import HostSetupError

DISK, KERNEL, INITRD, MANIFEST = "disk.raw", "vmlinuz", "initrd", "image.json"
CHOSEN = "chosen"
"""Names the imported image that is used instead of the built one."""


@dataclass(frozen=True)
class Image:
    """A root disk with its kernel and initrd, never written to after it was made."""

    folder: Path
    digest: str
    """Of everything it was built from, or of the file it was imported from."""
    kernel_release: str

    @property
    def disk(self) -> Path:
        return self.folder / DISK

    @property
    def kernel(self) -> Path:
        return self.folder / KERNEL

    @property
    def initrd(self) -> Path:
        return self.folder / INITRD


def write_manifest(folder: Path, digest: str, kernel_release: str) -> None:
    """The last file of an image; it also notes the disk's size, so that a cut-off copy shows."""
    manifest = {
        "digest": digest,
        "kernel_release": kernel_release,
        "disk_bytes": (folder / DISK).stat().st_size,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")


def load_image(folder: Path) -> Image | None:
    """The image in `folder`, or None when there is none or it is damaged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        image = Image(folder, str(manifest["digest"]), str(manifest["kernel_release"]))
        whole = image.disk.stat().st_size == manifest["disk_bytes"]
        whole = whole and image.kernel.stat().st_size > 0 and image.initrd.stat().st_size > 0
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return image if whole else None


def chosen_image(images: Path) -> Image | None:
    """The imported image the user chose, or None. Raises HostSetupError when it is not usable any more."""
    try:
        name = (images / CHOSEN).read_text().strip()
    except FileNotFoundError:
        return None
    image = load_image(images / name)
    if image is None:
        raise HostSetupError(f"the imported image {name} is damaged or gone", "lab up --image built")
    return image


def choose(images: Path, image: Image | None) -> None:
    """Use `image` from now on; None goes back to the one built from the recipe."""
    if image is None:
        (images / CHOSEN).unlink(missing_ok=True)
        return
    temporary = images / f"{CHOSEN}.new"
    temporary.write_text(image.folder.name + "\n")
    temporary.replace(images / CHOSEN)
