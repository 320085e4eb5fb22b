"""An image of a few bytes, as the store keeps it."""

from __future__ import annotations

from pathlib import Path

from vm.image.store import Image, load_image, write_manifest


def small_image(folder: Path) -> Image:
    """Put it into this folder, which must not be there yet."""
    folder.mkdir(parents=True)
    for name in ("disk.raw", "vmlinuz", "initrd"):
        (folder / name).write_bytes(name.encode() * 1000)
    write_manifest(folder, folder.name, "6.12-test")
    image = load_image(folder)
    assert image is not None
    return image
