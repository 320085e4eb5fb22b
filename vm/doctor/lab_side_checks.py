"""Checks of the machine on which `lab` runs. Pure: facts in, one result out."""

from __future__ import annotations

from vm.doctor.facts import Facts, LabSideFacts
from vm.doctor.result import Result, bad, ok, warn
from vm.programs import install_command

MIN_PYTHON = (3, 11)
RUNNING = ("qemu-system-x86_64", "qemu-img")
"""Programs that are needed even when nothing has to be built."""
MACHINE_MIB = 2048
"""What the virtual machine gets."""
MIN_FREE_MIB = MACHINE_MIB + 512
FIRST_TIME_MIB = 8 * 1024
"""Image, its build, and the saved machine."""
LATER_MIB = 2 * 1024


def memory(facts: Facts) -> Result:
    """Enough for the virtual machine beside what runs."""
    side = facts.lab_side
    amount = f"{side.memory_free_mib / 1024:.1f} of {side.memory_mib / 1024:.1f} GiB are free"
    if facts.host_kind != "vm":
        return ok("memory", amount)
    if side.memory_mib < MIN_FREE_MIB:
        message = f"{amount}; the virtual machine needs {MIN_FREE_MIB / 1024:.1f} GiB"
        return bad("memory", message, "lab up --host ssh://root@DEBIAN-13-MACHINE")
    if side.memory_free_mib < MIN_FREE_MIB:
        return warn(
            "memory", f"{amount}; the virtual machine needs {MIN_FREE_MIB / 1024:.1f} GiB: close programs"
        )
    return ok("memory", amount)


def disk(facts: Facts) -> Result:
    """Room for the image and the saved machine."""
    side = facts.lab_side
    needed = LATER_MIB if side.image_ready and side.template_ready else FIRST_TIME_MIB
    amount = f"{side.disk_free_mib / 1024:.1f} GiB are free below the cache folder"
    if facts.host_kind != "vm":
        return ok("disk", amount)
    if side.disk_free_mib < needed:
        return bad("disk", f"{amount}, {needed / 1024:.0f} GiB are needed", "lab gc")
    return ok("disk", amount)


def minutes_to_expect(side: LabSideFacts) -> int:
    """Of the first `lab up`. Rough, from two CPUs: 1 to 4 to build, emulated 2 to 6 to start and prepare."""
    minutes = 0 if side.image_ready else 2
    if not side.template_ready:
        minutes += 1 if side.accel == "kvm" else 6
    return minutes


def time_to_expect(facts: Facts) -> Result:
    """How long the next start takes."""
    minutes = minutes_to_expect(facts.lab_side)
    if facts.host_kind != "vm" or minutes == 0:
        return ok("time", "the lab host starts in a few seconds")
    return ok("time", f"the first `lab up` takes about {minutes} minutes, later ones a few seconds")


def python(facts: Facts) -> Result:
    """New enough."""
    version = ".".join(map(str, facts.lab_side.python))
    if facts.lab_side.python[:2] < MIN_PYTHON:
        wanted = ".".join(map(str, MIN_PYTHON))
        return bad("python", f"Python {version} is too old, {wanted} is needed", "python3 --version")
    return ok("python", f"Python {version}")


def platform(facts: Facts) -> Result:
    """Whether the virtual machine can be made and run here."""
    side = facts.lab_side
    name = f"{side.system} on {side.machine}"
    if facts.host_kind != "vm" or (side.system, side.machine) == ("Linux", "x86_64"):
        return ok("platform", name)
    return bad(
        "platform",
        f"{name}: the virtual machine runs on Linux on x86_64 only",
        "lab up --host ssh://root@DEBIAN-13-MACHINE",
    )


def programs(facts: Facts) -> Result:
    """QEMU and what builds the image."""
    side = facts.lab_side
    if facts.host_kind != "vm":
        return ok("programs", "the lab host needs none here")
    missing = [name for name in side.missing_programs if not side.image_ready or name in RUNNING]
    if missing:
        hint = install_command(missing, side.package_manager, root=side.root)
        return bad("programs", f"not installed: {', '.join(missing)}", hint)
    return ok("programs", f"QEMU {side.qemu} and everything else is installed")


def building(facts: Facts) -> Result:
    """Whether this user may build the image."""
    side = facts.lab_side
    if facts.host_kind != "vm" or side.image_ready or not side.building_hindrance:
        return ok("building", "nothing stands in the way")
    hint = 'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"'
    return bad("building", side.building_hindrance, hint)


def acceleration(facts: Facts) -> Result:
    """Real CPU or emulated, and why."""
    side = facts.lab_side
    if facts.host_kind != "vm":
        return ok("acceleration", "no virtual machine here")
    if side.accel == "kvm":
        return ok("acceleration", "hardware virtualisation works (a boot with it was tried)")
    if side.kvm_device and not side.kvm_permitted:
        message = (
            "/dev/kvm may not be used by this user: the virtual machine is emulated, about ten times slower"
        )
        return warn("acceleration", message, 'sudo usermod -aG kvm "$USER"   # then log in again')
    if side.accel == "tcg":
        return warn("acceleration", f"the virtual machine is emulated: {side.accel_reason}")
    if side.kvm_device:
        return ok("acceleration", "not tried yet: `lab up` boots once with /dev/kvm to see whether it works")
    return warn("acceleration", "no /dev/kvm here: the virtual machine is emulated, about ten times slower")


LAB_SIDE_CHECKS = (memory, disk, time_to_expect, platform, python, programs, building, acceleration)
