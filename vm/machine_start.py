"""One start of a machine: restored from a template, or booted from cold, prepared and captured."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vm import machine_template, suspended
from vm.embedded_host import VmHost
from vm.errors import HostError, HostUnavailable
from vm.file_transfer import tar_of
from vm.folders import Folders, socket_folder
from vm.image.initrd import initrd_with_keys
from vm.image.store import Image
from vm.installation_keys import InstallationKeys
from vm.machine_state import STATE, Changes, Running, save_running
from vm.preparation import Preparation
from vm.qemu import boot, parcel, serial
from vm.qemu.agent import AgentFailed
from vm.qemu.command import Emulator, Launch, Size, arguments, moved_key, snapshot_key
from vm.qemu.monitor import MonitorFailed
from vm.qemu.overlay import new_overlay, put_over
from vm.qemu.process import Identity, started
from vm.qemu.template import Template
from vm.side_by_side import side_by_side

Progress = Callable[[str], None]

DOES_NOT_FIT = (MonitorFailed, AgentFailed, HostUnavailable)
"""What a machine that was restored from something unfit shows."""


class NotGoneOn(HostError):
    """A kept machine does not go on; the next start is a cold one."""


UNFINISHED = "unfinished"
"""Written down until a machine is ready: if we are killed before, the next start throws it away."""


@dataclass(frozen=True)
class MachineSettings:
    """Which machine, and what it gets."""

    name: str = "lab"
    size: Size = Size()  # noqa: RUF009  (frozen)


@dataclass(frozen=True)
class Start:
    """Everything one start needs to know."""

    settings: MachineSettings
    folders: Folders
    keys: InstallationKeys
    image: Image
    emulator: Emulator
    preparation: Preparation
    prepare_digest: str
    progress: Progress
    changes: Changes

    @property
    def key(self) -> str:
        """Names the template that fits this start."""
        keys = {"login": self.keys.login_public().decode(), "host": self.keys.known_hosts.read_text()}
        return snapshot_key(self.emulator, self.settings.size, keys | self._inputs())

    @property
    def fit(self) -> str:
        """Names the machines saved elsewhere that would start here: the same, but for the keys in them."""
        return moved_key(self.emulator, self.settings.size, self._inputs())

    def _inputs(self) -> dict[str, str]:
        inputs = {"image": self.image.digest, "prepared": self.prepare_digest}
        if self.emulator.accel != "tcg":
            inputs |= {"host_kernel": platform.release(), "host_cpu": _cpu_model()}
        return inputs

    def restore(self, template: Template) -> VmHost:
        """A connected, healthy machine from `template`. Raises one of DOES_NOT_FIT."""
        # The initrd has done its work inside the saved machine; QEMU only wants the file to be there.
        launch = self._launch(self._folder / "overlay.qcow2", template.memory, self.image.initrd)
        launch = replace(launch, incoming=True, parcel=parcel.empty(self._folder))
        new_overlay(launch.disk, template.disk, "qcow2")
        with self._started(launch, template.key) as running:
            self.changes.phase("overlay")
            port = boot.resume(launch.sockets, template.state)
            self.changes.phase("restore")
            boot.set_clock(launch.sockets, self.emulator.accel)
            self.changes.phase("clock")
            host = self._ready(running, port)
            self.changes.phase("connect")
            return host

    def make_template(self) -> Template | VmHost:
        """Boot from cold, prepare, capture. The machine itself, running, where QEMU cannot capture.

        Goes on with the machine of an interrupted start when there is one; raises NotGoneOn when that fails.
        """
        file = self.preparation.on_this_side(self.changes.stage)
        self.changes.phase("parcel")
        with machine_template.working_folder(self.folders.templates, self.key) as work:
            begun = suspended.taken(self.folders.templates, self.key, work)
            launch = self._launch(work / "disk.qcow2", work / "memory", self._initrd_with_keys())
            launch = replace(launch, memory_shared=True, incoming=begun, parcel=parcel.empty(work))
            brought = None
            if file is not None:
                disk, brought = parcel.packed(file, work)
                launch = replace(launch, parcel=disk)
            if not begun:
                new_overlay(launch.disk, self.image.disk, "raw")
            # QEMU begins the console's log anew.
            was_ready = begun and serial.READY in serial.text(launch.serial)
            with self._started(launch, template="") as running, self._kept(running, launch, begun):
                if begun:
                    self._go_on(launch, work / "state")
                if not was_ready:
                    boot.wait_for_boot(running.process, launch, self._folder / "qemu.log")
                    self.changes.phase("boot")
                    seconds = self.changes.seconds["boot"]
                    self.progress(f"the lab host has started ({seconds:.0f} s), preparing it")
                if begun:
                    boot.refresh(launch.sockets, self.emulator.accel)
                self._prepare(running, launch, brought)
                self.progress("saving the prepared machine: from now on it starts in about a second")
                template = machine_template.captured(
                    running, launch.sockets, work, self.folders.templates, self.key
                )
                self.changes.phase("capture")
                if template is None:
                    self.progress("this QEMU cannot save a running machine: every start will be a cold one")
                    return self._ready(running, boot.ssh_port(launch.sockets))
        (self._folder / STATE).unlink(missing_ok=True)
        return template

    def take_over(self, work: Path) -> Template:
        """The template made of a machine saved elsewhere, whose files lie in `work`: only its keys change.

        Raises one of DOES_NOT_FIT.
        """
        launch = self._launch(work / "disk.qcow2", work / "memory", self.image.initrd)
        launch = replace(launch, memory_shared=True, incoming=True, parcel=parcel.empty(work))
        put_over(launch.disk, self.image.disk, "raw")
        with self._started(launch, template="") as running:
            boot.resume(launch.sockets, work / "state")
            boot.give_keys(launch.sockets, self.emulator.accel, tar_of(self.keys.in_guest()))
            self.changes.phase("keys")
            template = machine_template.captured(
                running, launch.sockets, work, self.folders.templates, self.key
            )
            self.changes.phase("capture")
            if template is None:
                raise HostUnavailable("it cannot be saved again")
        (self._folder / STATE).unlink(missing_ok=True)
        return template

    def _go_on(self, launch: Launch, state: Path) -> None:
        try:
            boot.resume(launch.sockets, state)
        except DOES_NOT_FIT as error:
            raise NotGoneOn(f"the interrupted start cannot be gone on with ({error})") from error
        self.changes.phase("gone_on")
        self.progress("going on where the last start was interrupted")

    def _prepare(self, running: Running, launch: Launch, brought: parcel.Parcel | None) -> None:
        port = boot.ssh_port(launch.sockets)
        with VmHost(running, self._folder, launch.sockets, self.keys, port).connect() as host:
            self.changes.phase("connect")
            host.parcel = brought
            side_by_side(
                lambda: self.preparation.in_guest(host, self.changes.stage),
                lambda: self._warm(host),
            )
        self.changes.phase("prepare")

    def _warm(self, host: VmHost) -> None:
        with self.changes.stage("warm"):
            machine_template.warm(host)

    @contextlib.contextmanager
    def _kept(self, running: Running, launch: Launch, begun: bool) -> Iterator[None]:
        """A machine whose preparation is cut short is kept for the next start."""
        try:
            yield
        except BaseException as error:
            if suspended.is_worth_keeping(error, gone_on_with=begun):
                work = launch.disk.parent
                if suspended.keep(running, launch.sockets, work, self.folders.templates, self.key):
                    self.progress("what is prepared so far is kept: the next start goes on with it")
            raise

    def _ready(self, running: Running, port: int) -> VmHost:
        finished = replace(running, prepared=self.prepare_digest)
        host = VmHost(finished, self._folder, socket_folder(self._folder), self.keys, port).connect()
        save_running(self._folder, finished)
        return host

    @property
    def _folder(self) -> Path:
        return self.folders.machine(self.settings.name)

    def _initrd_with_keys(self) -> Path:
        path = self._folder / "initrd"
        path.touch(mode=0o600)
        path.write_bytes(initrd_with_keys(self.image.initrd.read_bytes(), self.keys))
        return path

    def _launch(self, disk: Path, memory: Path, initrd: Path) -> Launch:
        return Launch(
            name=self.settings.name,
            size=self.settings.size,
            kernel=self.image.kernel,
            initrd=initrd,
            disk=disk,
            parcel=self._folder / parcel.DISK,
            sockets=socket_folder(self._folder),
            serial=self._folder / "serial.log",
            memory_file=memory,
        )

    @contextlib.contextmanager
    def _started(self, launch: Launch, template: str) -> Iterator[Running]:
        """QEMU started and written down; both undone when the block is left by an exception."""
        for stale in (launch.serial, boot.qmp_socket(launch.sockets), boot.agent_socket(launch.sockets)):
            stale.unlink(missing_ok=True)
        name = f"ebpf-lab-{self.settings.name}"
        argv = arguments(self.emulator, launch)
        with started(argv, name, self._folder / "qemu.log") as process:
            running = self._running(process, template)
            save_running(self._folder, running)
            try:
                yield running
            except BaseException:
                (self._folder / STATE).unlink(missing_ok=True)
                raise

    def _running(self, process: Identity, template: str) -> Running:
        return Running(
            name=self.settings.name,
            pid=process.pid,
            started_at=process.started_at,
            accel=self.emulator.accel,
            cpus=self.settings.size.cpus,
            memory_mib=self.settings.size.memory_mib,
            image=self.image.digest,
            kernel=self.image.kernel_release,
            template=template,
            prepared=UNFINISHED,
        )


def _cpu_model() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
