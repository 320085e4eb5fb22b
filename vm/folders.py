"""Where this installation keeps its images, machines, templates and keys."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from vm.errors import HostSetupError

APPLICATION = "ebpf-lab"
LONGEST_SOCKET_PATH = 100
"""Bytes; the kernel's limit for a Unix socket's path is 108 on Linux and 104 on macOS."""


@dataclass(frozen=True)
class Folders:
    """Every folder below two roots: `cache` may be deleted at any time, `data` holds our keys."""

    cache: Path
    data: Path

    @staticmethod
    def of_user() -> Folders:
        """The user's own folders, as the operating system names them."""
        return Folders(
            Path(platformdirs.user_cache_dir(APPLICATION)), Path(platformdirs.user_data_dir(APPLICATION))
        )

    @property
    def images(self) -> Path:
        return self.cache / "images"

    @property
    def templates(self) -> Path:
        return self.cache / "templates"

    @property
    def shipped(self) -> Path:
        """Saved machines from a bundle that are not taken over yet."""
        return self.cache / "shipped"

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    def machine(self, name: str) -> Path:
        """The folder of one machine's running state."""
        return self.cache / "vms" / name


def socket_folder(folder: Path) -> Path:
    """`folder` itself if sockets in it have short enough paths, else a private one with a short path.

    Raises HostSetupError when the short one belongs to somebody else.
    """
    if len(os.fsencode(folder / "agent.sock")) <= LONGEST_SOCKET_PATH:
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    short = short_socket_folder(folder)
    short.mkdir(mode=0o700, exist_ok=True)
    owner = short.lstat()
    if owner.st_uid != os.getuid() or short.is_symlink() or owner.st_mode & 0o077:
        raise HostSetupError(f"{short} belongs to somebody else", f"ls -ld {short}")
    return short


def short_socket_folder(folder: Path) -> Path:
    """The one that stands in for `folder` when its path is too long."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"{APPLICATION}-{os.getuid()}-{digest}"


def require_free(folder: Path, needed_bytes: int, purpose: str) -> None:
    """Raise HostSetupError when the disk below `folder` lacks room for `purpose`."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise HostSetupError(
            f"{purpose} needs {needed_bytes / 2**30:.1f} GiB, {folder} has {free / 2**30:.1f} GiB left",
            f"lab gc; df -h {folder}",
        )
