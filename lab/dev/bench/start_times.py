"""Warm starts against a bare restore of the same saved machine, and against a cold boot."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lab import ready_host
from lab.dev.bench.spread import Spread
from lab.hosts import prepare_for
from vm.connection import Connection
from vm.embedded_host import VmHost
from vm.folders import Folders, socket_folder
from vm.image.choice import current_image
from vm.installation_keys import installation_keys
from vm.machine import Machine
from vm.machine_start import MachineSettings
from vm.open_vm import embedded_machine
from vm.preparation import NOTHING
from vm.qemu import accelerator, boot
from vm.qemu.command import Launch, arguments
from vm.qemu.overlay import new_overlay
from vm.qemu.parcel import empty
from vm.qemu.process import kill, started
from vm.qemu.template import Template, discard, load_template

NAME = "bench"
"""Machines of this name are only measured, and gone afterwards."""
Progress = Callable[[str], None]


@dataclass(frozen=True)
class StartTimes:
    """Seconds from the start of the work to the first command answered."""

    warm: Spread
    health: Spread
    """The part of `warm` from the restored machine to a connection and a sound answer of its services."""
    bare: Spread
    cold: Spread

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"warm lab up to the first command:   {self.warm.text('s')}",
            f"  of it connection and health:      {self.health.text('s')}",
            f"bare QEMU restore to the same:      {self.bare.text('s')}",
            f"cold boot to the same:              {self.cold.text('s')}",
            f"warm / bare: {self.warm.middle / self.bare.middle:.2f} (aim: at most 1.5)",
            f"cold / warm: {self.cold.middle / self.warm.middle:.1f} (aim: at least 10)",
        ]


def start_times(times: int, cold_times: int, progress: Progress) -> StartTimes:
    """Warm and bare starts in turn, so that a busy moment meets both. The lab host is down afterwards."""
    machine = embedded_machine()
    progress("making sure that there is a saved machine")
    with warm_start(machine, progress) as host:
        key = host.running.template
    template = load_template(machine.folders.templates, key)
    if template is None:
        raise RuntimeError("the machine was not restored from a template, so there is nothing to compare")
    warm, health, bare = [], [], []
    for number in range(1, times + 1):
        machine.down()
        begun_s = time.monotonic()
        with warm_start(machine, lambda _line: None) as host:
            host.run(["true"])
            warm.append(time.monotonic() - begun_s)
            health.append(host.seconds["connect"])
        machine.down()
        bare.append(bare_restore(machine, template, progress))
        progress(f"start {number} of {times}: warm {warm[-1]:.2f} s, bare {bare[-1]:.2f} s")
    cold = [cold_boot(progress) for _ in range(cold_times)]
    return StartTimes(Spread.of(warm), Spread.of(health), Spread.of(bare), Spread.of(cold))


def warm_start(machine: Machine, progress: Progress) -> VmHost:
    """What `lab up` does."""
    return machine.up(prepare_for(progress), ready_host.digest(), progress)


def bare_restore(machine: Machine, template: Template, progress: Progress) -> float:
    """The same saved machine with nothing of ours around QEMU: no locks, clock, health or records."""
    folders = machine.folders
    image = current_image(folders.images, progress)
    chosen = accelerator.emulator(accelerator.choose(folders.cache, image, progress).accel)
    keys = installation_keys(folders.keys)
    with measured_folder(folders) as launch_folder:
        folder = folders.machine(NAME)
        launch = Launch(
            name=NAME,
            size=machine.settings.size,
            kernel=image.kernel,
            initrd=image.initrd,
            disk=folder / "overlay.qcow2",
            parcel=empty(folder),
            sockets=launch_folder,
            serial=folder / "serial.log",
            memory_file=template.memory,
            incoming=True,
        )
        begun_s = time.monotonic()
        new_overlay(launch.disk, template.disk, "qcow2")
        with started(arguments(chosen, launch), f"ebpf-lab-{NAME}", folder / "qemu.log") as process:
            try:
                port = boot.resume(launch.sockets, template.state)
                with Connection("127.0.0.1", port, "root", keys.login, keys.known_hosts) as connection:
                    connection.run(["true"])
                    return time.monotonic() - begun_s
            finally:
                kill(process)


@contextlib.contextmanager
def measured_folder(folders: Folders) -> Iterator[Path]:
    """The sockets' folder of a machine that is only measured."""
    folder = folders.machine(NAME)
    folder.mkdir(parents=True, exist_ok=True)
    sockets = socket_folder(folder)
    for stale in (folder / "serial.log", boot.qmp_socket(sockets), boot.agent_socket(sockets)):
        stale.unlink(missing_ok=True)
    yield sockets


def cold_boot(progress: Progress) -> float:
    """A machine of its own, booted from cold to its first answer; it leaves nothing behind."""
    machine = embedded_machine(MachineSettings(NAME))
    try:
        with machine.up(NOTHING, f"{NAME}-{time.time_ns()}", progress) as host:
            key = host.running.template
            seconds = host.seconds
    finally:
        machine.down()
    discard(machine.folders.templates / key)
    return sum(seconds[phase] for phase in ("image", "accelerator", "boot", "connect"))
