"""What the lab keeps on this machine, how large it is, and what of it nobody needs any more."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from lab.failures import APP
from vm import suspended
from vm.folders import Folders, short_socket_folder
from vm.open_vm import embedded_machine


@dataclass(frozen=True)
class Kept:
    """One folder or file of ours outside the checkout."""

    what: str
    path: Path
    bytes: int
    """Space on the disk, which for sparse files is less than their length."""


def everything() -> list[Kept]:
    """All that the lab keeps on this machine, by what it is; the attendee's workspace is not part of it."""
    folders = Folders.of_user()
    cache = platformdirs.user_cache_path(APP)
    places = {
        "images of the lab host": folders.images,
        "saved machines": folders.templates,
        "saved machines of a bundle": folders.shipped,
        "running machines": folders.cache / "vms",
        "containers' root file systems": cache / "roots",
        "python environments": cache / "python",
        "keys of this installation": folders.data,
        "how long things took": cache / "pace.json",
        "settings": platformdirs.user_config_path(APP),
        "crash reports, and a list of your workspaces": platformdirs.user_state_path(APP),
    }
    sockets = short_socket_folder(embedded_machine().folder)
    places["sockets of the running machine"] = sockets
    kept = [Kept(what, path, size_bytes(path)) for what, path in places.items() if path.exists()]
    others = (
        [path for path in sorted(cache.iterdir()) if path not in places.values()] if cache.is_dir() else []
    )
    return kept + [Kept("other", path, size_bytes(path)) for path in others]


def unneeded(running_template: str | None) -> list[Kept]:
    """What can go: all saved machines but the running or newest one, older images, other environments.

    A start that was interrupted is kept while no saved machine is newer.

    `running_template` is the key of the saved machine below the one that runs, None when none does.
    """
    folders = Folders.of_user()
    gone: list[Kept] = []
    templates = _newest_first(folders.templates)
    saved = [path for path in templates if suspended.MARK not in path.name]
    keep = [path for path in saved if path.name == running_template] or saved[:1]
    keep += [path for path in templates[:1] if path not in saved]
    for path in [path for path in templates if path not in keep]:
        what = "saved machine" if path in saved else "interrupted start"
        gone.append(Kept(what, path, size_bytes(path)))
    if saved:
        # Before the first start it is what spares the minutes of a cold one.
        shipped = _newest_first(folders.shipped)
        gone += [Kept("saved machine of a bundle", path, size_bytes(path)) for path in shipped]
    images = [path for path in _newest_first(folders.images) if path.is_dir()]
    whole = [path for path in images if not path.name.endswith(".building")]
    chosen = _chosen(folders.images)
    used = {path for path in whole if path.name == chosen} | set(whole[:1])
    for path in [path for path in images if path not in used]:
        what = "image" if path in whole else "unfinished image"
        gone.append(Kept(what, path, size_bytes(path)))
    own = Path(sys.prefix)
    for path in _newest_first(platformdirs.user_cache_path(APP) / "python"):
        # Without the mark this Python is no environment of ours, and then any of them may be somebody's.
        if path.is_dir() and path != own and (own / "made").exists():
            gone.append(Kept("python environment", path, size_bytes(path)))
    return gone


def remove(kept: Kept) -> None:
    """Delete it, folder or file."""
    if kept.path.is_dir() and not kept.path.is_symlink():
        shutil.rmtree(kept.path, ignore_errors=True)
    else:
        kept.path.unlink(missing_ok=True)


def remove_empty_roots() -> None:
    """The folders that held all of it, where nothing is left in them."""
    for find in (
        platformdirs.user_cache_path,
        platformdirs.user_data_path,
        platformdirs.user_config_path,
        platformdirs.user_state_path,
    ):
        with contextlib.suppress(OSError):
            find(APP).rmdir()


def size_bytes(path: Path) -> int:
    """Space on the disk of a file or of everything below a folder."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            total += _blocks(Path(folder) / name)
    return total or (_blocks(path) if path.is_file() else 0)


def shown_size(size: int) -> str:
    """`1.2 GB`, `35 MB`, `under 1 MB`."""
    if size < 1e6:
        return "under 1 MB"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _blocks(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except OSError:
        return 0


def _newest_first(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    entries = [path for path in folder.iterdir() if path.is_dir()]
    return sorted(entries, key=lambda path: path.stat().st_mtime, reverse=True)


def _chosen(images: Path) -> str:
    try:
        return (images / "chosen").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
