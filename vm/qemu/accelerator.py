"""Which accelerator works here: found by booting the lab's own kernel with it, then remembered.

That /dev/kvm exists, or that its calls succeed, says nothing: machines were seen where QEMU aborts,
stops with `internal-error` after five seconds, or hangs.
"""

from __future__ import annotations

import functools
import json
import os
import re
import selectors
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vm.errors import HostSetupError
from vm.image.store import Image
from vm.programs import install_command
from vm.qemu.command import QEMU, Emulator
from vm.qemu.serial import CANARY

PROBE_S = 10.0
KVM = Path("/dev/kvm")
REMEMBERED = "accelerator.json"
MACHINE_VERSION = (7, 2)
"""The machine type that QEMU 7.2 to 10 build alike."""


@dataclass(frozen=True)
class Verdict:
    """What the probe found, in a word for the program and in words for the user."""

    accel: str
    reason: str


@functools.cache
def qemu_version() -> tuple[int, int, int]:
    """Of the installed QEMU. Raises HostSetupError when there is none."""
    try:
        said = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError as error:
        raise HostSetupError(f"{QEMU} is not installed", install_command([QEMU])) from error
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", said)
    if found is None:
        raise HostSetupError(f"{QEMU} does not tell its version", f"{QEMU} --version")
    return int(found[1]), int(found[2]), int(found[3])


def emulator(accel: str) -> Emulator:
    """The installed QEMU with this accelerator."""
    version = qemu_version()
    major, minor = min(version[:2], MACHINE_VERSION)
    return Emulator(version, accel, f"pc-q35-{major}.{minor}")


def choose(cache: Path, image: Image, progress: Callable[[str], None]) -> Verdict:
    """The remembered verdict for this boot, QEMU, kernel and user, or a new probe of at most 10 s."""
    known = remembered(cache, image)
    if known is not None:
        return known
    verdict = _probe(image, progress)
    path = cache / REMEMBERED
    temporary = path.with_suffix(f".{os.getpid()}")
    found = {"key": _situation(image), "accel": verdict.accel, "reason": verdict.reason}
    temporary.write_text(json.dumps(found))
    temporary.replace(path)
    return verdict


def remembered(cache: Path, image: Image) -> Verdict | None:
    """What an earlier probe found, if it still holds; tries nothing. Raises HostSetupError without QEMU."""
    key = _situation(image)
    try:
        known = json.loads((cache / REMEMBERED).read_text())
        if known["key"] == key and known["accel"] in ("kvm", "tcg"):
            return Verdict(known["accel"], str(known["reason"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def forget(cache: Path) -> None:
    """After a start with the chosen accelerator failed: probe again next time."""
    (cache / REMEMBERED).unlink(missing_ok=True)


def _situation(image: Image) -> list[str]:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    allowed = str(os.access(KVM, os.R_OK | os.W_OK))
    return [boot, ".".join(map(str, qemu_version())), image.digest, str(os.getuid()), allowed]


def _probe(image: Image, progress: Callable[[str], None]) -> Verdict:
    if not KVM.exists():
        return Verdict("tcg", "this machine offers no hardware virtualisation")
    if not os.access(KVM, os.R_OK | os.W_OK):
        return Verdict(
            "tcg", f"{KVM} is there but not permitted: sudo usermod -aG kvm $USER, then log in again"
        )
    progress("trying hardware virtualisation (at most 10 s, once)")
    if canary_boots(probe_arguments(image, "kvm"), PROBE_S):
        return Verdict("kvm", "hardware virtualisation works")
    return Verdict("tcg", f"{KVM} is there but does not run a machine")


def probe_arguments(image: Image, accel: str) -> list[str]:
    """A machine without a disk that boots the lab's kernel, prints one line and switches itself off."""
    chosen = emulator(accel)
    return [
        *(QEMU, "-machine", f"{chosen.machine},vmport=off,hpet=off", "-accel", accel, "-cpu", chosen.cpu),
        *("-smp", "2", "-m", "256", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-kernel", str(image.kernel), "-initrd", str(image.initrd)),
        *("-append", "console=ttyS0 quiet panic=-1 lab.canary lab=1"),
        *("-serial", "stdio"),
    ]


def canary_boots(argv: list[str], limit_s: float) -> bool:
    """Whether the marker appears within `limit_s`; the process is gone afterwards."""
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    seen = b""
    end = time.monotonic() + limit_s
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while CANARY.encode() not in seen and (left := end - time.monotonic()) > 0:
                if not selector.select(left):
                    break
                data = os.read(process.stdout.fileno(), 65536)
                if not data:
                    break
                seen += data
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    return CANARY.encode() in seen
