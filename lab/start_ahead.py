"""What the next start of the embedded lab host will be, and about how long it takes on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lab import ready_host
from lab.pace import about
from lab.waiting import expected_left_s
from vm import shipped, suspended
from vm.errors import HostSetupError
from vm.image.choice import ready_image
from vm.image.store import Image
from vm.machine import Machine
from vm.qemu import accelerator
from vm.qemu.template import load_template

START = "start"
"""The name under which starts are remembered."""


class Ahead(StrEnum):
    """Each says what will be done; the line is the first milestone of that start."""

    RESTORE = "the lab host is not running: starting it"
    GO_ON = "the lab host is not running: its start was interrupted, and goes on where it was"
    PREPARE = "the lab host is not running: booting and preparing it"
    BUILD = "the lab host is not there yet: building its image first"


@dataclass(frozen=True)
class StartAhead:
    """A start that is still to come."""

    kind: Ahead
    seconds: float | None
    """None when nothing is known of such starts."""

    @property
    def line(self) -> str:
        """`the lab host is not running: starting it, about 40 s`."""
        return f"{self.kind}, {self.time}" if self.time else str(self.kind)

    @property
    def time(self) -> str:
        """`about 6 minutes, once`; empty when it is not known."""
        if self.seconds is None:
            return ""
        return about(self.seconds) + ("" if self.kind is Ahead.RESTORE else ", once")


def start_ahead(machine: Machine) -> StartAhead:
    """The next start; nothing is built, booted or tried for the answer.

    Waits while another command starts the machine, so ask `machine.is_changing()` before. Raises HostError
    for a chosen image that no start could use.
    """
    kind = _kind(machine)
    return StartAhead(kind, expected_left_s(START).get(str(kind)))


def _kind(machine: Machine) -> Ahead:
    folders = machine.folders
    image = ready_image(folders.images)
    if image is None:
        return Ahead.BUILD
    if not _accelerator_is_known(folders.cache, image):
        # Which saved machine fits is known only after the accelerator was tried.
        any_saved = folders.templates.is_dir() and any(folders.templates.iterdir())
        return Ahead.RESTORE if any_saved else Ahead.PREPARE
    start = machine.next_start(ready_host.digest(), lambda _line: None)
    saved = load_template(folders.templates, start.key) is not None
    if saved or shipped.folder_of(folders, start.fit).exists():
        return Ahead.RESTORE
    return Ahead.GO_ON if suspended.is_kept(folders.templates, start.key) else Ahead.PREPARE


def _accelerator_is_known(cache: Path, image: Image) -> bool:
    try:
        return accelerator.remembered(cache, image) is not None
    except HostSetupError:
        return False  # there is no QEMU yet: the start brings it
