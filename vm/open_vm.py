"""The one call that gives a lab host in a virtual machine: found running, restored, or booted from cold."""

from __future__ import annotations

from collections.abc import Callable

from vm.embedded_host import VmHost
from vm.folders import Folders
from vm.image.choice import current_image
from vm.machine import Machine
from vm.machine_start import MachineSettings
from vm.preparation import NOTHING, Preparation


def embedded_machine(settings: MachineSettings | None = None, folders: Folders | None = None) -> Machine:
    """This user's machine of that name; starts nothing."""
    places = folders or Folders.of_user()
    return Machine(
        settings or MachineSettings(), lambda tell, beside: current_image(places.images, tell, beside), places
    )


def open_vm_host(
    progress: Callable[[str], None],
    settings: MachineSettings | None = None,
    preparation: Preparation = NOTHING,
    prepare_digest: str = "",
    folders: Folders | None = None,
) -> VmHost:
    """A connected host: `with open_vm_host(...) as host:`; the machine runs on afterwards. Raises HostError.

    `preparation` and `prepare_digest` as in `Machine.up`.
    """
    return embedded_machine(settings, folders).up(preparation, prepare_digest, progress)
