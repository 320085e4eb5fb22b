"""A Debian 13 without anything of the lab, in a virtual machine: `lab up --host ssh://...` is tried on it.

By hand: `python tests/on_lab_host/plain_debian.py` boots one, prints how to reach it and stops it when
standard input ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from vm.folders import Folders, require_free, socket_folder
from vm.image.apt_settings import source_lines, transport_options
from vm.image.build import MAKE_DISK
from vm.image.initrd import MODULES, initrd_with_keys, make_initrd
from vm.image.recipe import HERE, SUITE
from vm.image.store import Image, load_image, write_manifest
from vm.installation_keys import InstallationKeys, installation_keys
from vm.programs import run_program, search_path
from vm.qemu import accelerator, boot, parcel
from vm.qemu.command import Launch, Size, arguments
from vm.qemu.overlay import new_overlay
from vm.qemu.process import kill, started

NAME = "lab-plain"
"""As the ssh config in `PlainDebian.home` calls it."""
DISK_SIZE = "16G"
PACKAGES = (
    "linux-image-cloud-amd64",
    *("systemd", "systemd-sysv", "udev", "openssh-server", "python3"),
    *("debian-archive-keyring", "busybox-static"),
)
UNIT = """[Unit]
After=ssh.service
Wants=ssh.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo "lab: ready" > /dev/ttyS0'
[Install]
WantedBy=multi-user.target
"""
# Only what makes it start and be reached; $2 is a folder with the unit and the user's apt settings.
CUSTOMIZE = """set -eu
root=$1
cp "$2/ready.service" "$root/etc/systemd/system/"
cp "$2/apt.conf" "$root/etc/apt/apt.conf.d/90transport"
echo plain > "$root/etc/hostname"
echo '127.0.0.1 localhost plain' > "$root/etc/hosts"
rm -f "$root/etc/resolv.conf" "$root"/etc/ssh/ssh_host_*
echo 'nameserver 10.0.2.3' > "$root/etc/resolv.conf"
: > "$root/etc/fstab"
chroot "$root" systemctl --quiet enable ssh.service ready.service
chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer getty.target
"""


@dataclass(frozen=True)
class PlainDebian:
    """One that runs."""

    port: int
    """Of 127.0.0.1; its ssh."""
    home: Path
    """A home folder whose ssh config and known hosts reach it as `ssh://lab-plain`."""
    serial: Path


@contextlib.contextmanager
def plain_debian(
    cache: Path, progress: Callable[[str], None], memory_mib: int = 2048
) -> Iterator[PlainDebian]:
    """Build it if `cache` lacks it, boot it, and throw away everything that happened in it afterwards."""
    image = _built(cache / "plain-debian", progress)
    with tempfile.TemporaryDirectory(prefix="plain-") as temporary:
        folder = Path(temporary)
        keys = installation_keys(folder / "keys")
        emulator = accelerator.emulator(accelerator.choose(image.folder, image, progress).accel)
        launch = _launch(image, folder, keys, memory_mib)
        log = folder / "qemu.log"
        with started(arguments(emulator, launch), "ebpf-lab-plain", log) as process:
            try:
                boot.wait_for_boot(process, launch, log)
                port = boot.ssh_port(launch.sockets)
                yield PlainDebian(port, _home(folder / "home", keys, port), launch.serial)
            finally:
                kill(process)


def _launch(image: Image, folder: Path, keys: InstallationKeys, memory_mib: int) -> Launch:
    disk, initrd = folder / "disk.qcow2", folder / "initrd"
    new_overlay(disk, image.disk, "raw")
    initrd.write_bytes(initrd_with_keys(image.initrd.read_bytes(), keys))
    return Launch(
        name="plain",
        size=Size(2, memory_mib),
        kernel=image.kernel,
        initrd=initrd,
        disk=disk,
        parcel=parcel.empty(folder),
        sockets=socket_folder(folder),
        serial=folder / "serial.log",
        memory_file=None,
    )


def _home(home: Path, keys: InstallationKeys, port: int) -> Path:
    ssh = home / ".ssh"
    ssh.mkdir(parents=True, mode=0o700)
    (ssh / "config").write_text(
        f"Host {NAME}\n HostName 127.0.0.1\n Port {port}\n User root\n IdentityFile {keys.login}\n"
    )
    kind, key = keys.host.with_suffix(".pub").read_text().split()[:2]
    (ssh / "known_hosts").write_text(f"[127.0.0.1]:{port} {kind} {key}\n")
    return home


def _built(folder: Path, progress: Callable[[str], None]) -> Image:
    parts = (*PACKAGES, UNIT, CUSTOMIZE, MAKE_DISK, (HERE / "initrd-init.sh").read_text())
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        if (image := load_image(folder / digest)) is not None:
            return image
        require_free(folder, 4 * 2**30, "a plain Debian")
        progress("building a plain Debian 13")
        work = folder / f"{digest}.building"
        shutil.rmtree(work, ignore_errors=True)
        _build(work, digest)
        work.rename(folder / digest)
    image = load_image(folder / digest)
    assert image is not None
    return image


def _build(work: Path, digest: str) -> None:
    laid_over = work / "over"
    laid_over.mkdir(parents=True)
    (laid_over / "ready.service").write_text(UNIT)
    (laid_over / "apt.conf").write_text(transport_options())
    (work / "customize.sh").write_text(CUSTOMIZE)
    run_program(
        [
            *("mmdebstrap", "--variant=minbase", "--format=tar", f"--include={','.join(PACKAGES)}"),
            *(f"--aptopt={laid_over / 'apt.conf'}", "--dpkgopt=path-exclude=/usr/share/man/*"),
            f'--customize-hook=sh "{work / "customize.sh"}" "$1" "{laid_over}"',
            *(SUITE, str(work / "rootfs.tar"), *source_lines(SUITE)),
        ],
        "building a plain Debian",
    )
    environment = {**os.environ, "PATH": search_path(), "DISK_SIZE": DISK_SIZE}
    run_program(
        ["sh", "-c", MAKE_DISK, "sh", str(work), *MODULES], "making its disk", environment=environment
    )
    modules = {path.name: path.read_bytes() for path in (work / "modules").iterdir()}
    init = (HERE / "initrd-init.sh").read_bytes()
    (work / "initrd").write_bytes(make_initrd((work / "busybox").read_bytes(), init, modules))
    (work / "rootfs.tar").unlink()
    write_manifest(work, digest, (work / "release").read_text())


if __name__ == "__main__":
    with plain_debian(Folders.of_user().cache, print) as machine:
        print(f"HOME={machine.home} reaches it as ssh://{NAME} (port {machine.port})", flush=True)
        sys.stdin.read()
