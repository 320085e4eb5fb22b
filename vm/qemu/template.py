"""Captured machines in the cache: disk, memory and device state together, complete or not there."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

DISK, MEMORY, STATE, MANIFEST = "disk.qcow2", "memory", "state", "template.json"
PAIR = (DISK, MEMORY, STATE)


@dataclass(frozen=True)
class Template:
    """A machine to restore. Its files are never written to after they were made."""

    folder: Path
    key: str
    image: str
    """Digest of the image below its disk."""

    @property
    def disk(self) -> Path:
        return self.folder / DISK

    @property
    def memory(self) -> Path:
        return self.folder / MEMORY

    @property
    def state(self) -> Path:
        return self.folder / STATE


def load_template(templates: Path, key: str) -> Template | None:
    """The template named `key`, or None when there is none or its files are not as they were written."""
    folder = templates / key
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        whole = all(_stamp(folder / name) == manifest["files"][name] for name in PAIR)
        template = Template(folder, str(manifest["key"]), str(manifest["image"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return template if whole and template.key == key else None


def finish_template(work: Path, templates: Path, key: str, image: str, *, durable: bool = True) -> Template:
    """Turn a folder with the three files into the template `key`; what else lies in it goes.

    `durable`: they are on the disk before it has its name.
    """
    for path in work.iterdir():
        if path.name not in PAIR:
            path.unlink()
    for name in PAIR if durable else ():
        with (work / name).open("rb") as file:
            os.fsync(file.fileno())
    files = {name: _stamp(work / name) for name in PAIR}
    (work / MANIFEST).write_text(json.dumps({"key": key, "image": image, "files": files}) + "\n")
    discard(templates / key)
    work.rename(templates / key)
    return Template(templates / key, key, image)


def discard(folder: Path) -> None:
    """Remove a template; a machine that was restored from it keeps the open files and goes on."""
    if folder.exists():
        doomed = folder.with_name(f"{folder.name}.removing-{os.getpid()}")
        folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def _stamp(path: Path) -> list[int]:
    seen = path.stat()
    return [seen.st_size, seen.st_mtime_ns]
