"""One machine from start to answering: cold, captured, restored. Each step has a limit."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

from vm.errors import GuestPanicked, HostUnavailable
from vm.qemu import serial
from vm.qemu.agent import AgentFailed, agent
from vm.qemu.command import SSH_PORT, Launch
from vm.qemu.monitor import Monitor, MonitorFailed, monitor
from vm.qemu.process import Identity, is_alive, own_words, wait_for_end

BOOT_S = {"kvm": 60.0, "tcg": 240.0}
AGENT_S = {"kvm": 10.0, "tcg": 30.0}
MIGRATION_S = 10.0
CAPTURE_S = 60.0
IGNORE_SHARED = [{"capability": "x-ignore-shared", "state": True}]
LOOK_EVERY_S = 0.1


def qmp_socket(launch_sockets: Path) -> Path:
    """Where QEMU's monitor listens."""
    return launch_sockets / "qmp.sock"


def agent_socket(launch_sockets: Path) -> Path:
    """Where the guest's agent answers."""
    return launch_sockets / "agent.sock"


def wait_for_boot(process: Identity, launch: Launch, log: Path, accel: str) -> None:
    """Until logins and containers work. Raises HostUnavailable at the first sign that they never will."""
    end = time.monotonic() + BOOT_S[accel]
    while True:
        said = serial.text(launch.serial)
        if serial.READY in said:
            return
        require_sound(process, launch.serial, log)
        if time.monotonic() > end:
            raise HostUnavailable(
                f"the lab host did not start within {BOOT_S[accel]:.0f} s{serial.tail(launch.serial)}",
                "lab doctor",
            )
        time.sleep(LOOK_EVERY_S)


def require_sound(process: Identity, serial_log: Path, log: Path) -> None:
    """Raise HostUnavailable when QEMU has ended or the guest's kernel has given up."""
    if (panic := serial.panic_in(serial.text(serial_log))) is not None:
        raise GuestPanicked(f"the lab host's kernel gave up: {panic}{serial.tail(serial_log)}", "lab up")
    if not is_alive(process):
        words = own_words(log)
        said = f": {words}" if words else ""
        raise HostUnavailable(f"the lab host's QEMU has ended{said}{serial.tail(serial_log)}", "lab up")


def ssh_port(sockets: Path) -> int:
    """The port on 127.0.0.1 behind which the guest's sshd listens. Raises MonitorFailed."""
    with monitor(qmp_socket(sockets)) as talk:
        return _ssh_port(talk)


def _ssh_port(talk: Monitor) -> int:
    port = talk.forwards().get(SSH_PORT)
    if port is None:
        raise MonitorFailed("QEMU forwards no port to the guest's sshd")
    return port


def settle(sockets: Path, accel: str) -> None:
    """Before a capture: no login left in the guest, everything on its disk. Raises AgentFailed."""
    # The page cache stays: warm pages are what makes the restored machine quick.
    script = "while pgrep sshd-session >/dev/null; do sleep 0.1; done; sync"
    with agent(agent_socket(sockets), 2 * AGENT_S[accel]) as talk:
        code, output = talk.run(["/bin/sh", "-c", script])
    if code != 0:
        raise AgentFailed(f"settling the guest: {output.strip() or code}")


GIVE_KEYS = (
    "set -eu; tar -x -C / --no-same-owner; "
    "chmod 0600 /root/.ssh/authorized_keys /etc/ssh/ssh_host_ed25519_key; systemctl restart ssh"
)


def give_keys(sockets: Path, accel: str, archive: bytes) -> None:
    """Replace the guest's keys by those in `archive` (tar). Raises AgentFailed."""
    with agent(agent_socket(sockets), 2 * AGENT_S[accel]) as talk:
        code, output = talk.run(["/bin/sh", "-c", GIVE_KEYS], archive)
    if code != 0:
        raise AgentFailed(f"giving the guest its keys: {output.strip() or code}")


def capture(process: Identity, sockets: Path, state: Path) -> None:
    """Save the devices' state; memory is in its file already. QEMU has ended afterwards.

    Raises MonitorFailed when this QEMU cannot; the machine then runs on.
    """
    with monitor(qmp_socket(sockets)) as talk:
        talk.ask("migrate-set-capabilities", capabilities=IGNORE_SHARED)
        talk.ask("stop")
        try:
            talk.ask("migrate", uri=f"exec:cat > {shlex.quote(str(state))}")
            talk.wait_for_migration(CAPTURE_S)
        except MonitorFailed:
            talk.ask("cont")
            raise
        # Going on would write into the template's memory and disk.
        talk.ask("quit")
    wait_for_end(process)


def resume(sockets: Path, state: Path) -> int:
    """Load a captured state into a waiting machine and let it run; its ssh port. Raises MonitorFailed."""
    with monitor(qmp_socket(sockets)) as talk:
        talk.ask("migrate-set-capabilities", capabilities=IGNORE_SHARED)
        talk.ask("migrate-incoming", uri=f"exec:cat {shlex.quote(str(state))}")
        talk.wait_for_migration(MIGRATION_S)
        if talk.status() != "running":
            talk.ask("cont")
        if (status := talk.status()) != "running":
            raise MonitorFailed(f"QEMU says {status}")
        return _ssh_port(talk)


def set_clock(sockets: Path, accel: str) -> None:
    """Give the guest this machine's time; its clock stood still while it was saved. Raises AgentFailed."""
    with agent(agent_socket(sockets), AGENT_S[accel]) as talk:
        talk.set_clock()
