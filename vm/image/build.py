"""Builds the image in three stages, each of which is either done or not there, so Ctrl-C costs one stage."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from vm.errors import HostSetupError
from vm.folders import require_free
from vm.image.apt_settings import source_lines, transport_options
from vm.image.initrd import MODULES, make_initrd
from vm.image.recipe import HERE, SUITE, Recipe
from vm.image.store import DISK, INITRD, KERNEL, MANIFEST, Image, load_image, write_manifest
from vm.programs import require_programs, run_program, search_path
from vm.side_by_side import in_turn

Progress = Callable[[str], None]

DISK_SIZE = "24G"
"""Sparse: room for containers, not space that is used."""
ROOTS = ("root", "rootfs.tar")
"""The root file system between the stages: as a folder, as an archive."""
NEEDED_BYTES = 5 * 2**30
# What mmdebstrap says when a step begins, our words for it, and the share of its time passed by then.
# Shares: one build, measured; they only feed the estimate.
STEPS = (
    ("running apt-get update", "fetching package lists", 0.02),
    ("downloading packages", "downloading the base system", 0.08),
    ("extracting archives", "unpacking the base system", 0.14),
    ("installing essential packages", "installing the base system", 0.18),
    ("installing remaining packages", "installing kernel, BCC and Docker", 0.28),
    ("running special hook", "", 0.88),
    ("running --customize-hook", "fitting it to the lab", 0.88),
    ("cleaning package lists", "cleaning up", 0.91),
    ("creating tarball", "packing", 0.93),
)
# The root is a folder where root made it, and an archive where it was made without: then its files belong to
# other users, and only in a user namespace can they be files at all.
MAKE_DISK = r"""
set -eu
work=$1; root=$work/root; shift
tidy() { rm -f "$work/disk.new"; if [ -e "$work/rootfs.tar" ]; then rm -rf "$root"; fi; }
trap tidy EXIT
trap 'exit 130' INT TERM
if [ -e "$work/rootfs.tar" ]; then
    rm -rf "$root"; mkdir -p "$root"
    tar -xpf "$work/rootfs.tar" -C "$root"
fi
rm -rf "$root"/dev/*
release=$(ls "$root/usr/lib/modules")
printf '%s' "$release" > "$work/release"
cp "$root/boot/vmlinuz-$release" "$work/vmlinuz.new"
cp "$root/bin/busybox" "$work/busybox"
mkdir -p "$work/modules"
for module in "$@"; do
    xz -dc "$root/usr/lib/modules/$release/kernel/$module.ko.xz" > "$work/modules/${module##*/}.ko"
done
mke2fs -q -t ext4 -O ^has_journal -m 0 -E lazy_itable_init=1 -d "$root" "$work/disk.new" "$DISK_SIZE"
chmod 0644 "$work/vmlinuz.new" "$work/busybox"
mv "$work/vmlinuz.new" "$work/vmlinuz"
mv "$work/disk.new" "$work/disk.raw"
rm -rf "$root"
"""


def built_image(images: Path, recipe: Recipe, progress: Progress) -> Image:
    """The image of `recipe`, built now if the cache lacks it. Takes a minute or two and 5 GiB.

    Raises HostSetupError when a program, disk space or a right is missing.
    """
    folder = images / recipe.digest
    if (image := load_image(folder)) is not None:
        return image
    images.mkdir(parents=True, exist_ok=True)
    lock = FileLock(images / f"{recipe.digest}.lock")
    if lock_is_taken(lock):
        progress("another lab command is building the image, waiting for it")
    with in_turn(lock):
        if (image := load_image(folder)) is not None:
            return image
        return _build(images, folder, recipe, progress)


def lock_is_taken(lock: FileLock) -> bool:
    """Whether somebody else holds `lock` right now; it is free afterwards if it was."""
    try:
        with lock.acquire(blocking=False):
            return False
    except TimeoutError:
        return True


def _build(images: Path, folder: Path, recipe: Recipe, progress: Progress) -> Image:
    require_programs("mmdebstrap", "mke2fs", "tar", "xz", *(() if os.getuid() == 0 else ("newuidmap",)))
    require_free(images, NEEDED_BYTES, "building the image")
    require_user_ids()
    work = images / f"{recipe.digest}.building"
    work.mkdir(exist_ok=True)
    if not any((work / name).exists() for name in (*ROOTS, DISK)):
        _install(work, recipe, progress)
    else:
        progress("image 1/3: continuing with the root file system of an interrupted build")
    if not (work / DISK).exists():
        progress("image 2/3: making the disk (about 15 s)")
        _make_disk(work)
    progress("image 3/3: making the initrd")
    modules = {path.name: path.read_bytes() for path in (work / "modules").iterdir()}
    (work / INITRD).write_bytes(make_initrd((work / "busybox").read_bytes(), recipe.initrd_init, modules))
    write_manifest(work, recipe.digest, (work / "release").read_text())
    for path in work.iterdir():
        if path.name not in (DISK, KERNEL, INITRD, MANIFEST):
            _removed(path)
    shutil.rmtree(folder, ignore_errors=True)
    work.rename(folder)
    image = load_image(folder)
    if image is None:
        raise HostSetupError("the image that was just built is not complete", "lab doctor")
    return image


def _install(work: Path, recipe: Recipe, progress: Progress) -> None:
    options = work / "apt.conf"
    options.write_text(transport_options())
    root = os.getuid() == 0
    name = ROOTS[0] if root else ROOTS[1]
    part = work / f"{name}.part"
    _removed(part)
    argv = [
        *("mmdebstrap", f"--mode={'root' if root else 'unshare'}", "--variant=minbase"),
        *(f"--format={'directory' if root else 'tar'}", f"--architectures={recipe.architecture}"),
        f"--include={','.join(recipe.packages)}",
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale", "info")),
        # What is interrupted is thrown away, so nothing waits for the disk.
        "--dpkgopt=force-unsafe-io",
        *([f"--aptopt={options}"] if options.stat().st_size else []),
        # Copied in first: without root the hook runs as another user, who may not enter this user's home.
        f"--customize-hook=copy-in {shlex.join([str(HERE / 'customize.sh'), str(HERE / 'guest')])} /mnt",
        '--customize-hook=sh "$1/mnt/customize.sh" "$1" "$1/mnt/guest" && rm -rf "$1"/mnt/*',
        *(SUITE, str(part), *source_lines(SUITE)),
    ]
    # The kernel is started with an initrd of ours, so its package need not make one.
    environment = {**os.environ, "PATH": search_path(), "INITRD": "No"}
    if root:
        environment["TMPDIR"] = str(work)  # /tmp may be small; unshare's other user ids cannot enter a home
    try:
        run_program(argv, "building the root file system", _told(progress), environment)
        part.rename(work / name)
    finally:
        # A disk that was too full must not stay full of something useless.
        _removed(part)


def _removed(path: Path) -> None:
    # Not into what a killed mmdebstrap left mounted in it.
    subprocess.run(["rm", "-rf", "--one-file-system", "--", str(path)], check=False, capture_output=True)


def _told(progress: Progress) -> Callable[[str], None]:
    """Turns mmdebstrap's lines into ours, with an estimate of what is left from what has passed."""
    began = time.monotonic()

    def tell(line: str) -> None:
        for beginning, words, share in STEPS:
            if line.startswith(f"I: {beginning}") and words:
                passed = time.monotonic() - began
                left = f", about {passed * (1 - share) / share:.0f} s left" if share > 0.1 else ""
                progress(f"image 1/3: {words}{left}")

    return tell


def _make_disk(work: Path) -> None:
    enter: list[str] = []
    if os.getuid() != 0:
        enter = ["unshare", "--user", "--map-root-user", "--map-auto", "--"]
    environment = {**os.environ, "PATH": search_path(), "DISK_SIZE": DISK_SIZE}
    argv = [*enter, "sh", "-c", MAKE_DISK, "sh", str(work), *MODULES]
    run_program(argv, "making the disk", environment=environment)


def require_user_ids() -> None:
    """Without root, building needs a range of user ids of one's own. Raises HostSetupError."""
    if os.getuid() == 0:
        return
    name = pwd.getpwuid(os.getuid()).pw_name
    ranges = Path("/etc/subuid")
    if not ranges.exists() or not any(
        line.startswith(f"{name}:") for line in ranges.read_text().splitlines()
    ):
        raise HostSetupError(
            f"building the image without root needs subordinate user ids, {name} has none",
            f"sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {name}",
        )
