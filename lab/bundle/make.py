"""Makes a bundle: everything an attendee's machine would fetch or build, in one file."""

from __future__ import annotations

import contextlib
import platform
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import platformdirs

from lab import ready_host
from lab.atomic_file import write_atomically
from lab.bundle.archive import (
    CACHED,
    CHECKOUT_FOLDER,
    IMAGE,
    MACHINE,
    WHEELS,
    About,
    sha256_of,
    write_bundle,
)
from lab.bundle.version import fits
from lab.bundle.wheels import download_all
from lab.checkout import ROOT
from lab.failures import APP
from lab.git import git
from lab.hosts import prepare_for
from lab.launch.environment import requirements
from vm import shipped
from vm.folders import Folders, require_free
from vm.image.choice import current_image
from vm.image.store import Image
from vm.image.transfer import export_image, imported_name
from vm.machine import Machine
from vm.machine_start import MachineSettings
from vm.programs import require_programs
from vm.qemu.template import load_template
from vocabulary.errors import Unusable

Progress = Callable[[str], None]
Files = list[tuple[str, Path]]
"""Name in the bundle, and where the content is."""

WORK_BYTES, FILE_BYTES = 5 * 2**30, 2 * 2**30


def make_bundle(file: Path, progress: Progress, *, with_machine: bool = True) -> str:
    """Write the bundle, and its digest beside it for `sha256sum -c`; returns the digest.

    Raises LabError, or what images and hosts raise. Nothing is left when it ends early.
    """
    if not file.absolute().parent.is_dir():
        raise Unusable(f"there is no folder {file.parent}", f"mkdir -p {file.parent}")
    require_free(file.absolute().parent, FILE_BYTES, "writing the bundle")
    files = checkout_files(ROOT, progress)
    with _work_folder() as work:
        pythons, wheels = download_all(requirements(ROOT), work / "wheels", progress)
        files += [(f"{WHEELS}{path.name}", path) for path in wheels]
        files += _cached(progress)
        image = current_image(Folders.of_user().images, progress)
        digest = export_image(image, work / IMAGE, progress)
        files.append((IMAGE, work / IMAGE))
        about = About(
            lab=_version(), fits=fits(ROOT), system="Linux", machine=platform.machine(), pythons=pythons
        )
        if with_machine:
            machine = replace(image, digest=imported_name(digest))
            fit, words = _saved_machine(machine, work, progress)
            about = replace(about, machine_fit=fit, machine_about=words)
            files += [(MACHINE, work / MACHINE)] if fit else []
        progress("writing the bundle")
        write_bundle(file, about, files)
    whole = sha256_of(file)
    write_atomically(file.with_name(f"{file.name}.sha256"), f"{whole}  {file.name}\n".encode())
    return whole


def checkout_files(root: Path, progress: Progress) -> Files:
    """The files under version control, as they are now. Raises Unusable outside of a clone."""
    require_programs("git")
    tracked = git(root, "ls-files", "-z")
    if tracked is None:
        why = f"{root} is no git clone, and a bundle is made of the files that git knows"
        raise Unusable(why, f"cd {root} && git init && git add .")
    if git(root, "status", "--porcelain", "--untracked-files=no"):
        progress("this checkout has changes that are not committed; they go into the bundle")
    new = (git(root, "ls-files", "-z", "--others", "--exclude-standard", "--directory") or "").split("\0")
    if left_out := [name for name in new if name]:
        progress(f"not in the bundle, for git does not know them (git add): {', '.join(sorted(left_out))}")
    names = [name for name in tracked.split("\0") if name and (root / name).is_file()]
    return [(f"{CHECKOUT_FOLDER}/{name}", root / name) for name in names]


def _cached(progress: Progress) -> Files:
    """What workloads keep in the user's cache, under the same path below the attendee's."""
    cache = platformdirs.user_cache_path(APP)
    built = [
        path
        for workload in ready_host.workloads_of_exercises().values()
        for path in workload.build(platform.machine(), progress)
    ]
    return [(f"{CACHED}{path.relative_to(cache)}", path) for path in built]


def _saved_machine(image: Image, work: Path, progress: Progress) -> tuple[str, str]:
    """What it fits, and that in words; both empty where this QEMU cannot save a machine.

    It is started anew, with keys of its own: the keys of this installation must not go into a bundle.
    """
    progress("preparing a machine for the bundle: a cold start, minutes when emulated")
    machine = Machine(
        MachineSettings(name="bundle"), lambda _tell, _beside: image, Folders(work / "cache", work / "data")
    )
    machine.folders.cache.mkdir(parents=True)
    digest = ready_host.digest()
    try:
        # It is saved, and started once from what was saved: what does not start must not be handed out.
        with machine.up(prepare_for(progress), digest, progress):
            pass
    finally:
        machine.down(force=True)
    start = machine.next_start(digest, progress)
    template = load_template(machine.folders.templates, start.key)
    if template is None:
        return "", ""
    progress("packing the saved machine (about a minute)")
    shipped.pack(template, work / MACHINE)
    version = ".".join(map(str, start.emulator.version[:2]))
    how = (
        "emulated" if start.emulator.accel == "tcg" else f"with {start.emulator.accel} on a CPU like this one"
    )
    return start.fit, f"QEMU {version}, {how}"


@contextlib.contextmanager
def _work_folder() -> Iterator[Path]:
    cache = platformdirs.user_cache_path(APP)
    require_free(cache, WORK_BYTES, "making the bundle")
    with tempfile.TemporaryDirectory(dir=cache, prefix="making-bundle-") as folder:
        yield Path(folder)


def _version() -> str:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    commit = (git(ROOT, "rev-parse", "--short=12", "HEAD") or "").strip()
    return f"{table['project']['version']}, commit {commit or 'unknown'}"
