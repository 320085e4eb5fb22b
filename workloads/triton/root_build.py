"""Builds the container's root file system on the lab side, once: wheel, Debian part, both in one tar.

Every stage leaves a whole file in the cache or nothing, so an interrupted build goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import platformdirs

from vm.image import apt_settings
from vm.programs import require_programs, run_program
from vm.side_by_side import in_turn, side_by_side
from workloads.errors import WorkloadError
from workloads.triton.recipe import STRIP_SCRIPT, Recipe, WheelPin

Progress = Callable[[str], None]

SERVER_FOLDER = "opt/tritonserver"
"""Where NVIDIA's own images have it."""
LIBRARIES_FOLDER = f"{SERVER_FOLDER}/lib"
STUB = "pytriton/tritonserver/python_backend_stubs/3.11/triton_python_backend_stub"
BACKEND = "pytriton/tritonserver/backends/python/"
PYTHON_OF_OTHER_STUBS = "nvidia_pytriton.libs/libpython3"
COMPRESSION = 1
"""It travels once at most, to a host that is reached over ssh; the embedded one gets it unpacked."""


def roots_folder() -> Path:
    """Where roots are cached."""
    return platformdirs.user_cache_path("ebpf-lab") / "roots"


def build_root(recipe: Recipe, progress: Progress, folder: Path | None = None) -> Path:
    """The finished root as a gzipped tar; made when it is not in the cache yet.

    Raises HostSetupError when a tool is missing or a download fails, WorkloadError when it is not the pinned
    file.
    """
    folder = folder or roots_folder()
    root = folder / f"triton-{recipe.root_digest}.tar.gz"
    if root.exists():
        return root
    folder.mkdir(parents=True, exist_ok=True)
    with in_turn(filelock.FileLock(folder / ".lock")):
        if root.exists():  # another process has just made it
            return root
        wheel, base = side_by_side(
            lambda: _wheel(recipe, folder, progress), lambda: _base(recipe, folder, progress)
        )
        progress("container root: putting the server and Debian together")
        with whole_file(root) as unfinished:
            assemble(base, wheel, unfinished)
    return root


def _wheel(recipe: Recipe, folder: Path, progress: Progress) -> Path:
    """Stage 1: the wheel, through the user's own pip settings."""
    pin = recipe.wheel
    wheel = folder / f"{pin.name}-{pin.version}-{pin.platform}.whl"
    if wheel.exists():
        return wheel
    progress(f"container root: downloading {pin.name} {pin.version} (55 MB)")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        run_program(
            [*command, "--platform", pin.platform, "-d", temporary, f"{pin.name}=={pin.version}"],
            f"downloading {pin.name} {pin.version}",
            hint="pip config list",
        )
        (downloaded,) = Path(temporary).iterdir()
        require_pinned(downloaded, pin)
        downloaded.rename(wheel)
    return wheel


def require_pinned(wheel: Path, pin: WheelPin) -> None:
    """Raise WorkloadError when a file is not the one that is pinned."""
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != pin.sha256:
        raise WorkloadError(
            f"pip brought another {pin.name} {pin.version} than the pinned one "
            f"(sha256 {found[:12]}..., expected {pin.sha256[:12]}...)",
            "pip config list",
        )


def _base(recipe: Recipe, folder: Path, progress: Progress) -> Path:
    """Stage 2: the Debian part. Packages are extracted, not configured: nothing in it runs as a service."""
    base = folder / f"debian-{recipe.base_digest}.tar"
    if base.exists():
        return base
    require_programs("mmdebstrap")
    progress(f"container root: extracting {len(recipe.packages)} packages of Debian {recipe.suite}")
    with whole_file(base) as unfinished:
        command = [
            "mmdebstrap",
            "--variant=extract",
            "--format=tar",
            f"--architectures={recipe.architecture}",
            f"--include={','.join(recipe.packages)}",
            # The script's text, not its path: without root it runs as a user who may not read our folder.
            f"--extract-hook={STRIP_SCRIPT.read_text()}",
            *(f"--aptopt={line}" for line in apt_settings.transport_options().splitlines()),
            recipe.suite,
            str(unfinished),
            *apt_settings.source_lines(recipe.suite),
        ]
        run_program(command, "making the container's root", hint="apt-get update")
    return base


def assemble(base: Path, wheel: Path, root: Path) -> None:
    """Stage 3: `base` and the parts of `wheel` that this server needs, as one gzipped tar at `root`."""
    with (
        root.open("wb") as raw,
        gzip.GzipFile("", fileobj=raw, mode="wb", compresslevel=COMPRESSION, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as out,
    ):
        with tarfile.open(base) as debian:
            for member in debian:
                if member.isdev() or member.name.startswith("./var/"):
                    continue
                out.addfile(member, debian.extractfile(member) if member.isreg() else None)
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                place = place_of(name)
                if place is not None:
                    _add(out, place, archive.read(name))


def place_of(name: str) -> str | None:
    """Where a file of the wheel belongs in the root, None when the server does not need it."""
    if name.endswith("/") or name.startswith(PYTHON_OF_OTHER_STUBS):
        return None
    if name == "pytriton/tritonserver/bin/tritonserver":
        return f"{SERVER_FOLDER}/bin/tritonserver"
    if name == STUB:
        return f"{SERVER_FOLDER}/backends/python/triton_python_backend_stub"
    if name.startswith(BACKEND):
        return f"{SERVER_FOLDER}/backends/python/{name.removeprefix(BACKEND)}"
    if name.startswith("nvidia_pytriton.libs/"):
        return f"{LIBRARIES_FOLDER}/{name.removeprefix('nvidia_pytriton.libs/')}"
    return None


def _add(out: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o755
    out.addfile(entry, io.BytesIO(content))


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary name that becomes `path` when the block ends well, and nothing otherwise."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        yield unfinished
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
