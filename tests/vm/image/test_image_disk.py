"""The script that makes the image's disk, with a root of a few files and the system's own programs."""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from vm.image.build import MAKE_DISK
from vm.programs import search_path

MODULES = ("drivers/block/virtio_blk",)
needs_programs = pytest.mark.skipif(
    any(shutil.which(name, path=search_path()) is None for name in ("mke2fs", "debugfs", "xz", "tar")),
    reason="e2fsprogs, xz and tar are not all installed",
)


def small_root(root: Path) -> None:
    modules = root / "usr/lib/modules/6.12-test/kernel/drivers/block"
    for folder in (modules, root / "boot", root / "bin", root / "dev"):
        folder.mkdir(parents=True)
    (modules / "virtio_blk.ko.xz").write_bytes(lzma.compress(b"module"))
    (root / "boot/vmlinuz-6.12-test").write_bytes(b"kernel")
    (root / "bin/busybox").write_bytes(b"busybox")
    (root / "dev/null").write_bytes(b"no device")


def make_disk(work: Path, path: str = "") -> int:
    environment = {**os.environ, "PATH": path + search_path(), "DISK_SIZE": "16M"}
    return subprocess.run(["sh", "-c", MAKE_DISK, "sh", str(work), *MODULES], env=environment).returncode


def on_disk(disk: Path, path: str) -> str:
    argv = ["debugfs", "-R", f"cat {path}", str(disk)]
    return subprocess.run(
        argv, capture_output=True, text=True, env={**os.environ, "PATH": search_path()}
    ).stdout


@needs_programs
@pytest.mark.parametrize("packed", [False, True])
def test_a_disk_is_made_of_a_folder_and_of_an_archive_alike(packed: bool, tmp_path: Path) -> None:
    small_root(tmp_path / "root")
    if packed:
        with tarfile.open(tmp_path / "rootfs.tar", "w") as archive:
            archive.add(tmp_path / "root", ".")
        shutil.rmtree(tmp_path / "root")
    assert make_disk(tmp_path) == 0
    assert on_disk(tmp_path / "disk.raw", "/bin/busybox") == "busybox"
    assert on_disk(tmp_path / "disk.raw", "/dev/null") == ""
    assert (tmp_path / "release").read_text() == "6.12-test"
    assert (tmp_path / "modules/virtio_blk.ko").read_bytes() == b"module"
    assert not (tmp_path / "root").exists()


@needs_programs
@pytest.mark.parametrize("packed", [False, True])
def test_an_interrupted_stage_goes_on_from_the_root_and_leaves_no_half_disk(
    packed: bool, tmp_path: Path
) -> None:
    small_root(tmp_path / "root")
    if packed:
        with tarfile.open(tmp_path / "rootfs.tar", "w") as archive:
            archive.add(tmp_path / "root", ".")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "mke2fs").write_text('#!/bin/sh\ntouch "$0.called"; exit 1\n')
    (broken / "mke2fs").chmod(0o755)
    assert make_disk(tmp_path, f"{broken}:") != 0
    assert (broken / "mke2fs.called").exists()
    assert not list(tmp_path.glob("disk.*"))
    assert (tmp_path / "root").exists() is not packed
    assert make_disk(tmp_path) == 0
    assert on_disk(tmp_path / "disk.raw", "/bin/busybox") == "busybox"
