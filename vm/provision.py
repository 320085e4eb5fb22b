"""Makes a machine that is reached over ssh into a lab host: installs only what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vm.distributions import needed_packages, supported
from vm.errors import HostSetupError
from vm.host_packages import install
from vm.host_probe import HostState, probe
from vm.machine_facts import Provisionable
from vm.provision_record import Done, read_record, write_record

Progress = Callable[[str], None]

RECORDER_USER = ("useradd", "--system", "--no-create-home", "--home-dir", "/run/lab")
RECORDER_SHELL_AND_NAME = ("--shell", "/usr/sbin/nologin", "lab-recorder")
NEEDED_MIB = {"memory": 1700, "free": 6000}
"""2 GiB machines report a little less; packages take 1.5 GB, images and containers the rest."""


def provision(host: Provisionable, progress: Progress) -> HostState:
    """Install what is missing; with nothing missing this is one question. Returns the state afterwards.

    Raises HostSetupError when the machine cannot be a lab host, with the reason.
    """
    first = probe(host)
    distribution = supported(first.distribution, first.version, first.machine)
    wanted = needed_packages(distribution, first.release)
    state = probe(host, wanted)
    require_capable(state)
    if not distribution.tested:
        progress(f"{distribution.title} is untested as a lab host{distribution.doubt}")
    if is_ready(state):
        return state
    done = read_record(host)
    if state.missing:
        done = install(host, state.missing, done, progress)
    done = _set_up(host, state, done, progress)
    after = probe(host, wanted)
    if not is_ready(after):
        raise HostSetupError(f"the machine still lacks {', '.join(lacking(after))}", "lab doctor")
    return after


def require_capable(state: HostState) -> None:
    """Raise HostSetupError for what no package can change."""
    problems = [
        (not state.running_systemd, "it was not started by systemd"),
        (not state.kprobes, "its kernel has no kprobes"),
        (not state.btf, "its kernel has no BTF type information"),
        (not state.cgroup2, "it does not use control groups version 2"),
        (
            (state.memory_mib or 0) < NEEDED_MIB["memory"],
            f"it has {state.memory_mib} MiB of memory, not 2 GiB",
        ),
    ]
    for wrong, reason in problems:
        if wrong:
            raise HostSetupError(f"this machine cannot be a lab host: {reason}", "lab up --host vm")


def lacking(state: HostState) -> list[str]:
    """What an installation must still bring, in words; empty when the machine is ready."""
    wanted = [
        (not state.headers, f"headers of the kernel {state.release}"),
        (not state.bcc, "BCC for Python"),
        (not state.docker, "a running Docker"),
        (not state.bus, "a running message bus"),
        (not state.recorder_user, "the user lab-recorder"),
        (not state.clang, "the compiler clang"),
    ]
    return [*state.missing, *(words for wrong, words in wanted if wrong)]


def is_ready(state: HostState) -> bool:
    """Whether nothing has to be installed or set."""
    return not lacking(state)


def _set_up(host: Provisionable, state: HostState, done: Done, progress: Progress) -> Done:
    progress("setting up the recorder's user and Docker")
    done = replace(done, user=done.user or not state.recorder_user)
    write_record(host, done)
    if not state.recorder_user:
        host.run([*RECORDER_USER, *RECORDER_SHELL_AND_NAME])
    # Debian starts a newly installed message bus only at the next boot.
    host.run(["systemctl", "start", "dbus.socket"])
    host.run(["systemctl", "enable", "--now", "docker.service"], timeout_s=300)
    return done
