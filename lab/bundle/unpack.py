"""Puts a bundle's parts where the lab looks for them: each once, verified first, whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs
from filelock import FileLock

from lab import ready_host, system_packages
from lab.bundle.archive import CACHED, IMAGE, MACHINE, Bundle, Member, open_bundle
from lab.bundle.version import require_fit
from lab.checkout import ROOT
from lab.failures import APP
from vm import shipped
from vm.folders import Folders, require_free
from vm.image.build import lock_is_taken
from vm.image.store import choose, load_image
from vm.image.transfer import import_image, imported_name
from vm.open_vm import embedded_machine

Progress = Callable[[str], None]

ROOM_FACTOR = 4
"""A packed image or machine takes about this many times its size, its packed copy included."""


def unpack(path: Path, progress: Progress) -> None:
    """Unpack what is not there yet; an interrupted call goes on with the part it stopped at.

    Raises BundleError for a bundle that is damaged or does not fit, Unavailable that names missing programs.
    """
    with open_bundle(path) as bundle:
        require_fit(bundle, ROOT)
        system_packages.need_for_bundle()
        cache = platformdirs.user_cache_path(APP)
        cache.mkdir(parents=True, exist_ok=True)
        lock = FileLock(cache / "bundle.lock")
        if lock_is_taken(lock):
            progress("another terminal is unpacking the bundle, waiting for it")
        with lock:
            # What a killed call left.
            shutil.rmtree(cache / "bundle", ignore_errors=True)
            for member in bundle.named(CACHED):
                target = cache / member.name.removeprefix(CACHED)
                if not target.exists():
                    bundle.take_out(member, target)
            for member in bundle.named(IMAGE):
                _image(bundle, member, progress)
            for member in bundle.named(MACHINE):
                _machine(bundle, member, progress)


def _image(bundle: Bundle, member: Member, progress: Progress) -> None:
    images = Folders.of_user().images
    if (image := load_image(images / imported_name(member.sha256))) is not None:
        choose(images, image)
        return
    progress("unpacking the bundle's image (once, about a minute)")
    with _taken_out(bundle, member) as file:
        import_image(str(file), member.sha256, images, lambda _line: None)


def _machine(bundle: Bundle, member: Member, progress: Progress) -> None:
    machine = embedded_machine()
    if machine.running() is not None:
        return
    start = machine.next_start(ready_host.digest(), progress)
    if start.fit != bundle.about.machine_fit:
        if not (start.folders.templates / start.key).exists():
            progress(
                f"the bundle's saved machine is for {bundle.about.machine_about} and does not fit here: "
                "the first start is a cold one, from the bundle's image"
            )
    elif shipped.is_wanted(start):
        progress("unpacking the bundle's saved machine (once)")
        with _taken_out(bundle, member) as file:
            shipped.unpack(file, start.folders, start.fit)


@contextlib.contextmanager
def _taken_out(bundle: Bundle, member: Member) -> Iterator[Path]:
    """A verified copy for as long as it is unpacked."""
    folder = platformdirs.user_cache_path(APP) / "bundle"
    require_free(folder, ROOM_FACTOR * member.bytes, f"unpacking {member.name}")
    try:
        bundle.take_out(member, folder / member.name)
        yield folder / member.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)
