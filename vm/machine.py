"""The lab's own virtual machine over its life: found running, restored, booted from cold, stopped."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from filelock import FileLock

from vm import suspended
from vm.embedded_host import VmHost
from vm.errors import GuestPanicked, HostError, HostUnavailable
from vm.folders import Folders, socket_folder
from vm.image.build import lock_is_taken
from vm.image.store import Image
from vm.installation_keys import installation_keys
from vm.machine_start import DOES_NOT_FIT, MachineSettings, NotGoneOn, Progress, Start
from vm.machine_state import STATE, Changes, Running, in_use, load_running
from vm.preparation import NOTHING, Preparation
from vm.qemu import accelerator, boot, parcel
from vm.qemu.monitor import MonitorFailed
from vm.qemu.process import is_alive, kill
from vm.qemu.template import Template, discard, load_template
from vm.shipped import taken_over

COLD_STARTS = 3
CHANGE_LOCK = "change.lock"
RUNS = {"kvm": "with hardware virtualisation", "tcg": "emulated"}


class Machine:
    """One machine of this user. Safe from several processes: a file lock orders every change."""

    def __init__(
        self,
        settings: MachineSettings,
        image: Callable[[Progress, Callable[[], object]], Image],
        folders: Folders,
    ) -> None:
        """`image` finds the image when it is needed, or builds it with what it is given running beside.

        Finding a running machine needs none.
        """
        self.settings = settings
        self.folders = folders
        self.folder = folders.machine(settings.name)
        self._image = image

    def running(self) -> Running | None:
        """The machine if its process lives."""
        running = load_running(self.folder)
        return running if running is not None and is_alive(running.process) else None

    def is_changing(self) -> bool:
        """Whether another command starts or stops it right now."""
        return self.folder.exists() and lock_is_taken(FileLock(self.folder / CHANGE_LOCK))

    def up(self, preparation: Preparation, prepare_digest: str, progress: Progress) -> VmHost:
        """A connected host, to be left with `with`; the machine itself runs on. Raises HostError.

        `preparation` is for a machine booted from cold, before it is captured; `prepare_digest` names
        what it does, and another digest is another template.
        """
        with self._changing(progress), self._logged("up") as changes:
            return self._up(preparation, prepare_digest, progress, changes)

    def reset(
        self, preparation: Preparation, prepare_digest: str, progress: Progress, *, force: bool = False
    ) -> VmHost:
        """Throw away all that happened in it and start from the template again, as `up` does.

        Raises HostError while a command uses it, unless forced (by the command that uses it).
        """
        with self._unused("reset", force), self._changing(progress), self._logged("reset") as changes:
            self._discard_running()
            changes.phase("stop")
            return self._up(preparation, prepare_digest, progress, changes)

    def down(self, *, force: bool = False) -> bool:
        """End the machine and throw its disk away; whether there was one. Refuses as `reset` does."""
        if not self.folder.exists():
            return False
        with self._unused("down", force), self._changing(lambda _line: None):
            was = self._discard_running()
            if was:
                Changes(self.folder, "down").write("stopped")
        return was

    def use(self, verb: str) -> contextlib.AbstractContextManager[None]:
        """Hold the machine for one command; a second one gets a HostInUse that names the first."""
        return in_use(self.folder, verb)

    def _up(
        self, preparation: Preparation, prepare_digest: str, progress: Progress, changes: Changes
    ) -> VmHost:
        if (host := self._connect_running(prepare_digest, progress, changes)) is not None:
            return _done(host, "running", changes)
        self._discard_running()
        start, reason = self._start(preparation, prepare_digest, progress, changes)
        if (host := self._restored(start)) is not None:
            return _done(host, "restored", changes)
        if not suspended.is_kept(self.folders.templates, start.key):
            progress(f"starting the lab host from cold ({RUNS[start.emulator.accel]}: {reason})")
        return _done(self._from_cold(start), "cold", changes)

    def next_start(self, prepare_digest: str, progress: Progress) -> Start:
        """What the next start would be; starts nothing. Builds the image when there is none."""
        with self._changing(progress):
            return self._start(NOTHING, prepare_digest, progress, Changes(self.folder, "look"))[0]

    def _start(
        self, preparation: Preparation, prepare_digest: str, progress: Progress, changes: Changes
    ) -> tuple[Start, str]:
        """The start, and why it uses this accelerator."""
        image = self._image(progress, lambda: preparation.on_this_side(changes.stage))
        changes.phase("image")
        chosen = accelerator.choose(self.folders.cache, image, progress)
        emulator = accelerator.emulator(chosen.accel)
        changes.phase("accelerator")
        keys = installation_keys(self.folders.keys)
        start = Start(
            self.settings, self.folders, keys, image, emulator, preparation, prepare_digest, progress, changes
        )
        return start, chosen.reason

    def _connect_running(self, prepare_digest: str, progress: Progress, changes: Changes) -> VmHost | None:
        running = self.running()
        if running is None:
            if (self.folder / STATE).exists():
                progress("the lab host is not running any more, starting it again")
            return None
        wanted = (prepare_digest, self.settings.size.cpus, self.settings.size.memory_mib)
        if (running.prepared, running.cpus, running.memory_mib) != wanted:
            progress("the lab host that runs was made for something else, starting it again")
            return None
        sockets = socket_folder(self.folder)
        try:
            keys, port = installation_keys(self.folders.keys), boot.ssh_port(sockets)
            host = VmHost(running, self.folder, sockets, keys, port).connect()
        except (MonitorFailed, HostUnavailable) as error:
            progress(f"the lab host that runs does not answer ({_line(error)}), starting it again")
            return None
        changes.phase("connect")
        return host

    def _restored(self, start: Start) -> VmHost | None:
        folder = self.folders.templates / start.key
        template = load_template(self.folders.templates, start.key)
        if template is None and folder.exists():
            start.progress("the saved machine is damaged and not used")
            discard(folder)
        template = template or taken_over(start)
        if template is None:
            return None
        try:
            return start.restore(template)
        except DOES_NOT_FIT as error:
            start.progress(f"the saved machine does not start any more ({_line(error)}): starting from cold")
            start.changes.phase("restore_failed")
            discard(folder)
            return None

    def _from_cold(self, start: Start) -> VmHost:
        try:
            made = self._made(start)
        except HostUnavailable:
            # An accelerator that fails is looked at again next time.
            accelerator.forget(self.folders.cache)
            raise
        if not isinstance(made, Template):
            return made
        try:
            return start.restore(made)
        except DOES_NOT_FIT as error:
            discard(made.folder)
            accelerator.forget(self.folders.cache)
            message = f"the machine that was just saved does not start: {_line(error)}"
            raise HostUnavailable(message, "lab up") from error

    def _made(self, start: Start) -> Template | VmHost:
        for _ in range(COLD_STARTS - 1):
            try:
                return start.make_template()
            except GuestPanicked as error:
                start.progress(f"{_line(error)}: starting once more")
                start.changes.phase("panicked")
            except NotGoneOn as error:
                start.progress(f"{_line(error)}: starting from cold")
                start.changes.phase("not_gone_on")
        return start.make_template()

    def _discard_running(self) -> bool:
        running = load_running(self.folder)
        was = running is not None and is_alive(running.process)
        if running is not None:
            kill(running.process)
        for name in (STATE, "overlay.qcow2", parcel.DISK):
            (self.folder / name).unlink(missing_ok=True)
        return was

    @contextlib.contextmanager
    def _changing(self, progress: Progress) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / CHANGE_LOCK)
        if lock_is_taken(lock):
            progress("another lab command is starting or stopping the lab host, waiting for it")
        with lock:
            yield

    @contextlib.contextmanager
    def _unused(self, verb: str, force: bool) -> Iterator[None]:
        if force:
            yield
            return
        with in_use(self.folder, verb):
            yield

    @contextlib.contextmanager
    def _logged(self, change: str) -> Iterator[Changes]:
        changes = Changes(self.folder, change)
        try:
            yield changes
        except HostError as error:
            changes.write("failed", why=_line(error))
            raise
        except BaseException as error:
            changes.write("failed" if isinstance(error, Exception) else "interrupted", why=_line(error))
            raise


def _done(host: VmHost, path_taken: str, changes: Changes) -> VmHost:
    host.path_taken, host.seconds = path_taken, changes.seconds
    changes.write(path_taken, host.running.accel)
    return host


def _line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
