"""Images as one file: written by an export, read from a file or an address by an import."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from filelock import FileLock

from vm.errors import HostSetupError
from vm.folders import require_free
from vm.image.store import DISK, INITRD, KERNEL, MANIFEST, Image, choose, load_image, write_manifest
from vm.programs import require_programs, run_program

Progress = Callable[[str], None]

MEMBERS = (MANIFEST, KERNEL, INITRD, DISK)
CHUNK = 1 << 20
NEEDED_BYTES = 4 * 2**30
LITTLE_BYTES = 64 * 2**20
"""Less than this left after a failure: it was the disk."""
TELL_EVERY_S = 5.0
ANSWER_S = 30.0


def export_image(image: Image, path: Path, progress: Progress) -> str:
    """Write `image` to `path` (a tar archive packed with zstd), without any keys; the file's sha256."""
    require_programs("tar", "zstd")
    if not path.parent.is_dir():
        raise HostSetupError(f"there is no folder {path.parent}", f"mkdir -p {path.parent}")
    if path.is_dir():
        raise HostSetupError(f"{path} is a folder", f"lab dev image export {path / 'lab-image.tar.zst'}")
    part = path.with_name(f"{path.name}.part")
    progress("packing the image (about a minute)")
    try:
        argv = ["tar", "--sparse", "--use-compress-program=zstd -T0 -6", "-cf", str(part)]
        run_program([*argv, "-C", str(image.folder), *MEMBERS], "packing the image")
        digest = _sha256(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return digest


def imported_name(sha256: str) -> str:
    """Folder and digest of the image that is imported from a file with this sha256."""
    return f"imported-{sha256[:20]}"


def import_image(source: str, sha256: str, images: Path, progress: Progress) -> Image:
    """Take an exported image from a file or an http(s) address, and use it from now on.

    Raises HostSetupError when it is not to be had, is not the one named by `sha256`, or is no image.
    """
    wanted = sha256.strip().lower()
    if re.fullmatch(r"[0-9a-f]{64}", wanted) is None:
        hint = f"sha256sum {source}" if "://" not in source else f"lab up --image {source} --sha256 DIGEST"
        raise HostSetupError("an image is only taken together with its sha256 (64 hexadecimal digits)", hint)
    require_programs("tar", "zstd")
    images.mkdir(parents=True, exist_ok=True)
    folder = images / imported_name(wanted)
    with FileLock(images / f"{folder.name}.lock"):
        image = load_image(folder)
        if image is None:
            require_free(images, NEEDED_BYTES, "importing an image")
            image = _imported(source, wanted, folder, progress)
        choose(images, image)
    return image


def _imported(source: str, sha256: str, folder: Path, progress: Progress) -> Image:
    downloaded = folder.with_name(f"{folder.name}.part")
    remote = "://" in source
    if remote:
        _download(source, downloaded, progress, f"lab up --image {source} --sha256 {sha256}")
    archive = downloaded if remote else Path(source).expanduser()
    if not archive.is_file():
        raise HostSetupError(f"there is no file {archive}", f"ls -l {archive.parent}")
    progress("checking the image")
    if (got := _sha256(archive)) != sha256:
        downloaded.unlink(missing_ok=True)
        hint = f"lab up --image {source} --sha256 DIGEST   # with the digest that came with it"
        raise HostSetupError(f"{source} is damaged or another file: its sha256 is {got}", hint)
    work = folder.with_name(f"{folder.name}.building")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        progress("unpacking the image")
        argv = ["tar", "--use-compress-program=zstd", "--no-same-owner", "-xf", str(archive), "-C", str(work)]
        try:
            run_program([*argv, *MEMBERS], "unpacking the image")
        except HostSetupError:
            require_free(work, LITTLE_BYTES, "unpacking the image")
        inner = load_image(work)
        if inner is None:
            raise HostSetupError(f"{source} is no image of the lab", "lab up --image built")
        # Two builds of one recipe differ in package versions: the file's own digest tells them apart.
        write_manifest(work, folder.name, inner.kernel_release)
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    downloaded.unlink(missing_ok=True)
    image = load_image(folder)
    assert image is not None
    return image


def _download(address: str, path: Path, progress: Progress, again: str) -> None:
    """Into `path`, going on where an interrupted download ended, if the server can. `again` is the hint."""
    done = path.stat().st_size if path.exists() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
            resumed = done > 0 and answer.status == 206
            total = int(answer.headers.get("Content-Length") or 0) + (done if resumed else 0)
            with path.open("ab" if resumed else "wb") as file:
                _copy(answer, file, total, progress)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            return  # it was complete already
        raise HostSetupError(f"{address}: {error.code} {error.reason}", again) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise HostSetupError(f"{address} cannot be fetched: {reason}", again) from error


def _copy(source: IO[bytes], file: IO[bytes], total: int, progress: Progress) -> None:
    began, told = time.monotonic(), 0.0
    start = file.tell()
    while data := source.read(CHUNK):
        file.write(data)
        here, passed = file.tell(), time.monotonic() - began
        if passed - told > TELL_EVERY_S and total:
            told = passed
            left = passed / max(1, here - start) * (total - here)
            progress(f"downloading the image: {here / total:.0%}, about {left:.0f} s left")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
