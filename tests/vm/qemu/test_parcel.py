"""What a machine is born with, as far as it can be seen from outside."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from vm.qemu import parcel

pytestmark = pytest.mark.skipif(shutil.which("qemu-img") is None, reason="qemu-img is not installed")
CONTENT = b"x" * 10240


def disk_of(path: Path) -> dict[str, Any]:
    argv = ["qemu-img", "info", "--output=json", str(path)]
    info: dict[str, Any] = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    return info


@pytest.mark.parametrize("name", ["root.tar", "root.tar.gz"])
def test_the_disk_begins_with_the_files_unpacked_content(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(gzip.compress(CONTENT) if file.suffix == ".gz" else CONTENT)
    work = tmp_path / "work"
    work.mkdir()
    disk, brought = parcel.packed(file, work)
    assert brought == parcel.Parcel(file, len(CONTENT))
    subprocess.run(["qemu-img", "convert", "-O", "raw", str(disk), str(tmp_path / "raw")], check=True)
    with (tmp_path / "raw").open("rb") as raw:
        assert raw.read(len(CONTENT) + 1) == CONTENT + b"\0"


def test_a_machine_that_brings_nothing_has_a_disk_of_the_same_size(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    empty = parcel.empty(tmp_path)
    size = disk_of(empty)["virtual-size"]
    full, _ = parcel.packed(tmp_path / "file", tmp_path)
    assert size == disk_of(full)["virtual-size"] == parcel.DISK_BYTES
