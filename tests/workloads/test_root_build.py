from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from workloads.errors import WorkloadError
from workloads.triton.recipe import WheelPin, recipe_for
from workloads.triton.root_build import assemble, build_root, place_of, require_pinned, whole_file

BACKEND = "pytriton/tritonserver/backends/python"


@pytest.mark.parametrize(
    ("in_wheel", "in_root"),
    [
        ("pytriton/tritonserver/bin/tritonserver", "opt/tritonserver/bin/tritonserver"),
        (f"{BACKEND}/libtriton_python.so", "opt/tritonserver/backends/python/libtriton_python.so"),
        (
            "pytriton/tritonserver/python_backend_stubs/3.11/triton_python_backend_stub",
            "opt/tritonserver/backends/python/triton_python_backend_stub",
        ),
        ("pytriton/tritonserver/python_backend_stubs/3.12/triton_python_backend_stub", None),
        ("nvidia_pytriton.libs/libssl-57118d4e.so.3", "opt/tritonserver/lib/libssl-57118d4e.so.3"),
        ("nvidia_pytriton.libs/libpython3-419a3a08.13.so.1.0", None),
        ("pytriton/client/client.py", None),
        (f"{BACKEND}/", None),
    ],
)
def test_only_what_the_server_needs_is_taken_from_the_wheel(in_wheel: str, in_root: str | None) -> None:
    assert place_of(in_wheel) == in_root


def make_parts(folder: Path) -> tuple[Path, Path]:
    """A small Debian part and a small wheel."""
    base, wheel = folder / "base.tar", folder / "wheel.whl"
    with tarfile.open(base, "w") as debian:
        for name in ("./bin/sh", "./var/lib/apt/lists/big"):
            entry = tarfile.TarInfo(name)
            entry.size = 5
            debian.addfile(entry, io.BytesIO(b"12345"))
        link = tarfile.TarInfo("./lib/libblas.so.3")
        link.type, link.linkname = tarfile.SYMTYPE, "blas/libblas.so.3"
        debian.addfile(link)
        device = tarfile.TarInfo("./dev/null")
        device.type = tarfile.CHRTYPE
        debian.addfile(device)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pytriton/tritonserver/bin/tritonserver", b"server")
        archive.writestr("pytriton/client/client.py", b"client")
    return base, wheel


def test_a_root_is_debian_without_devices_and_caches_plus_the_server(tmp_path: Path) -> None:
    base, wheel = make_parts(tmp_path)
    assemble(base, wheel, tmp_path / "root.tar.gz")
    with tarfile.open(tmp_path / "root.tar.gz") as root:
        members = {member.name: member for member in root}
        assert set(members) == {"./bin/sh", "./lib/libblas.so.3", "opt/tritonserver/bin/tritonserver"}
        server = members["opt/tritonserver/bin/tritonserver"]
        assert server.mode == 0o755
        content = root.extractfile(server)
        assert content is not None
        assert content.read() == b"server"


def test_the_same_parts_make_the_same_bytes(tmp_path: Path) -> None:
    base, wheel = make_parts(tmp_path)
    for name in ("one", "two"):
        assemble(base, wheel, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_cached_root_is_taken_without_a_word(tmp_path: Path) -> None:
    recipe = recipe_for("x86_64")
    cached = tmp_path / f"triton-{recipe.root_digest}.tar.gz"
    cached.write_bytes(b"whole")
    told: list[str] = []
    assert build_root(recipe, told.append, tmp_path) == cached
    assert told == []


def test_an_interrupted_stage_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupted() -> None:
        with whole_file(tmp_path / "root") as unfinished:
            unfinished.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_only_the_pinned_wheel_is_taken(tmp_path: Path) -> None:
    wheel = tmp_path / "server.whl"
    wheel.write_bytes(b"wheel")
    sha256 = "1cf14c4b4b3d2bbc8d4e4d1cd5a1c7a2b4bb8a0bf7b9a1f3c4a9a4e0c6d2f111"
    with pytest.raises(WorkloadError, match=r"another server 1\.0 than the pinned one"):
        require_pinned(wheel, WheelPin("server", "1.0", "any", sha256))
    require_pinned(wheel, WheelPin("server", "1.0", "any", hashlib.sha256(b"wheel").hexdigest()))
