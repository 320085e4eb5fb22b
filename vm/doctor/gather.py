"""Looks at this machine and, where it is cheap, at the lab host. Changes nothing."""

from __future__ import annotations

import json
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psutil

from vm.distributions import needed_packages, supported
from vm.doctor.facts import Facts, LabSideFacts
from vm.doctor.host_checks import HOST_CHECKS, LOCAL_CHECKS
from vm.doctor.lab_side_checks import RUNNING
from vm.doctor.result import Result
from vm.errors import HostError, HostSetupError
from vm.folders import Folders
from vm.host_probe import HostState, probe
from vm.image.choice import ready_image
from vm.local_host import LocalHost
from vm.machine_facts import Runs
from vm.programs import package_manager, search_path
from vm.qemu.command import QEMU
from vm.ssh_host import SshAddress, SshHost

KVM = Path("/dev/kvm")
MIB = 2**20
SUBUIDS = Path("/etc/subuid")
# Names no user: it may stand in a bug report.
NO_SUBUIDS = "this user has no range of subordinate user ids in /etc/subuid"
PROGRAMS = (*RUNNING, "mmdebstrap", "mke2fs", "xz", "zstd")


def gather(host_spec: str, folders: Folders | None = None) -> Facts:
    """The facts for `vm`, `local` or `ssh://...`. A host that cannot be asked is a fact too, not an error."""
    places = folders or Folders.of_user()
    side = lab_side_facts(places)
    if host_spec == "vm":
        return Facts(side, "vm")
    kind = "local" if host_spec == "local" else "ssh"
    try:
        return Facts(side, kind, _asked(host_spec))
    except HostError as error:
        return Facts(side, kind, None, error.message)


def look_at_host(host: Runs, kind: str) -> tuple[Result, ...]:
    """Every check of a lab host that is open already; `kind` is `vm`, `local` or `ssh`."""
    checks = LOCAL_CHECKS if kind == "local" else HOST_CHECKS
    state = _with_packages(host)
    return tuple(check(state) for check in checks)


def _asked(host_spec: str) -> HostState:
    if host_spec == "local":
        with LocalHost() as here:
            return _with_packages(here)
    with SshHost(SshAddress.parse(host_spec)) as there:
        return _with_packages(there)


def _with_packages(host: Runs) -> HostState:
    state = probe(host)
    try:
        distribution = supported(state.distribution, state.version, state.machine)
    except HostSetupError:
        return state  # its packages have no names we know; the check of the system says so
    return probe(host, needed_packages(distribution, state.release))


def lab_side_facts(folders: Folders) -> LabSideFacts:
    """Of this machine."""
    memory = psutil.virtual_memory()
    accel, reason = _remembered_accelerator(folders.cache)
    return LabSideFacts(
        system=platform.system(),
        kernel=platform.release(),
        machine=platform.machine(),
        python=sys.version_info[:3],
        cpus=os.cpu_count() or 1,
        memory_mib=memory.total // MIB,
        memory_free_mib=memory.available // MIB,
        disk_free_mib=_free_mib(folders.cache),
        package_manager=package_manager(),
        root=os.geteuid() == 0,
        qemu=_qemu_version(),
        missing_programs=_missing_programs(),
        building_hindrance="" if _may_build() else NO_SUBUIDS,
        kvm_device=KVM.exists(),
        kvm_permitted=os.access(KVM, os.R_OK | os.W_OK),
        accel=accel,
        accel_reason=reason,
        image_ready=_image_ready(folders.images),
        template_ready=folders.templates.is_dir() and any(folders.templates.iterdir()),
    )


def _missing_programs() -> tuple[str, ...]:
    # Root needs no user ids of other users to build with.
    wanted = (*PROGRAMS, "newuidmap") if os.geteuid() != 0 and platform.system() == "Linux" else PROGRAMS
    return tuple(name for name in wanted if shutil.which(name, path=search_path()) is None)


def _may_build() -> bool:
    """Root may, and elsewhere than on Linux nothing is built; others need user ids to build with."""
    if os.getuid() == 0 or platform.system() != "Linux":
        return True
    name = pwd.getpwuid(os.getuid()).pw_name
    return SUBUIDS.exists() and any(line.startswith(f"{name}:") for line in SUBUIDS.read_text().splitlines())


def _free_mib(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // MIB


def _image_ready(images: Path) -> bool:
    try:
        return ready_image(images) is not None
    except HostSetupError:
        return False


def _remembered_accelerator(cache: Path) -> tuple[str, str]:
    try:
        known = json.loads((cache / "accelerator.json").read_text())
        return str(known["accel"]), str(known["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def _qemu_version() -> str:
    try:
        said = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    found = re.search(r"version (\S+)", said)
    return found[1] if found else ""
