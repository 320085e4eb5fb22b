"""Opens the lab host that this person uses, and says how it came to be there."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grader.host import HostToPrepare
from grader.observing import host_files
from lab import ready_host, system_packages
from lab.settings import Settings, load_settings
from lab.start_ahead import START, start_ahead
from lab.waiting import waiting
from vm.embedded_host import VmHost
from vm.folders import socket_folder
from vm.image.choice import ready_image
from vm.installation_keys import installation_keys
from vm.local_host import LocalHost, open_local_host
from vm.machine import Machine
from vm.machine_start import UNFINISHED
from vm.machine_state import Running
from vm.open_vm import embedded_machine
from vm.preparation import Preparation
from vm.qemu.boot import ssh_port
from vm.ssh_host import SshAddress, SshHost, open_ssh_host
from vocabulary.errors import Unavailable, Unusable

Progress = Callable[[str], None]

PATHS = {"restored": "restored", "cold": "booted from cold"}


@contextmanager
def open_host(verb: str, progress: Progress, settings: Settings | None = None) -> Iterator[HostToPrepare]:
    """The remembered host, held for one verb; made, started or restored first when it must be.

    Raises the host package's errors when it is not to be had or somebody else holds it.
    """
    settings = settings or load_settings()
    if settings.host == "vm":
        with open_embedded(verb, progress, embedded_machine()) as host:
            yield host
        return
    opened = (
        open_local_host(verb, progress)
        if settings.host == "local"
        else open_ssh_host(settings.host, verb, progress)
    )
    with opened as other:
        if host_files.install(other):
            progress("the recorder is installed on the lab host")
        yield other


@contextmanager
def open_embedded(verb: str, progress: Progress, machine: Machine) -> Iterator[VmHost]:
    """The embedded virtual machine, held for one verb."""
    with machine.use(verb), start_embedded(progress, machine) as host:
        yield host


def start_embedded(
    progress: Progress, machine: Machine, *, reset: bool = False, force: bool = False
) -> VmHost:
    """A connected machine with everything on it, and a line about how long it took.

    What the system lacks for it is installed first, or named. Raises Unavailable then, or HostError.
    """
    ready_made = ready_image(machine.folders.images) is not None
    system_packages.need_programs(ready_made_image=ready_made)
    with waiting(START, "the lab host is up", progress) as tell:
        if machine.running() is None and not machine.is_changing():
            tell(start_ahead(machine).line)
        if reset:
            host = machine.reset(prepare_for(tell), ready_host.digest(), tell, force=force)
        else:
            host = machine.up(prepare_for(tell), ready_host.digest(), tell)
    if host.path_taken in PATHS:
        seconds = sum(host.seconds.values())
        progress(f"the lab host is up ({PATHS[host.path_taken]}, {host.running.accel}, {seconds:.1f} s)")
    return host


@contextmanager
def running_host() -> Iterator[VmHost | LocalHost | SshHost]:
    """The remembered host as it is now, for a verb that only looks: nothing is built, started or held.

    Raises Unavailable, with the command that starts it, when it does not run.
    """
    settings = load_settings()
    if settings.host == "vm":
        machine = embedded_machine()
        running, sockets = require_running(machine), socket_folder(machine.folder)
        keys = installation_keys(machine.folders.keys)
        with VmHost(running, machine.folder, sockets, keys, ssh_port(sockets)).connect() as host:
            yield host
    elif settings.host == "local":
        with LocalHost() as here:
            yield here
    else:
        with SshHost(SshAddress.parse(settings.host)) as there:
            yield there


def require_running(machine: Machine) -> Running:
    """The embedded machine that runs and is ready. Raises Unavailable, with what starts it, otherwise."""
    running = machine.running()
    if running is not None and running.prepared != UNFINISHED:
        return running
    if machine.is_changing():
        said = "another lab command is starting or stopping the lab host"
        raise Unavailable(said, "lab up   # waits for it")
    # Whoever started it was killed: the next start throws it away.
    said = "the lab host is not running" if running is None else "the last start of the lab host did not end"
    time = start_ahead(machine).time
    raise Unavailable(said, "lab up" + (f"   # takes {time}" if time else ""))


def reset_host(progress: Progress) -> None:
    """Put the remembered host back to how it was when it was new. Refuses while another verb uses it."""
    if load_settings().host != "vm":
        raise Unusable("only the embedded lab host can be put back", "lab up --host vm")
    progress("everything that was changed inside the lab host is thrown away")
    with start_embedded(progress, embedded_machine(), reset=True):
        pass


def prepare_for(progress: Progress) -> Preparation:
    """What makes a machine ready before it is saved."""
    return Preparation(
        lambda host, stage: ready_host.prepare(host, progress, stage),
        lambda stage: ready_host.build(progress, stage),
    )


def shell_command() -> list[str]:
    """What opens a shell on the remembered host. Raises Unavailable when the embedded one does not run."""
    spec = load_settings().host
    if spec == "local":
        return ["sudo", "-s"] if os.geteuid() else [os.environ.get("SHELL", "/bin/sh")]
    if spec != "vm":
        return shlex.split(SshAddress.parse(spec).command(""))
    machine = embedded_machine()
    require_running(machine)
    keys = installation_keys(machine.folders.keys)
    port = ssh_port(socket_folder(machine.folder))
    options = {
        "IdentitiesOnly": "yes",
        "UserKnownHostsFile": keys.known_hosts,
        "HostKeyAlias": "lab",
        "LogLevel": "ERROR",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return ["ssh", "-F", "none", "-t", "-i", str(keys.login), *words, "-p", str(port), "root@127.0.0.1"]
