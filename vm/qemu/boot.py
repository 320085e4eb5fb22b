"""One machine from start to answering: cold, captured, restored. Each step ends, well or not."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from pathlib import Path

from vm.errors import GuestPanicked, HostUnavailable
from vm.progress_watch import Sign, Watch, cpu_of_process
from vm.qemu import serial
from vm.qemu.agent import AgentFailed, agent
from vm.qemu.command import SSH_PORT, Launch
from vm.qemu.monitor import Monitor, MonitorFailed, monitor
from vm.qemu.process import Identity, is_alive, own_words, wait_for_end
from vm.side_by_side import require_wanted

BOOT_CPU_S = 1200.0
"""A guest that boots needs a tenth of it even when emulated: one that used so much goes round in circles."""
AGENT_S = {"kvm": 10.0, "tcg": 60.0}
SETTLE_S = 600.0
"""Writing to a slow disk all that was prepared; nothing of it can be watched from outside."""
IGNORE_SHARED = [{"capability": "x-ignore-shared", "state": True}]
LOOK_EVERY_S = 0.1


def qmp_socket(launch_sockets: Path) -> Path:
    """Where QEMU's monitor listens."""
    return launch_sockets / "qmp.sock"


def agent_socket(launch_sockets: Path) -> Path:
    """Where the guest's agent answers."""
    return launch_sockets / "agent.sock"


def wait_for_boot(
    process: Identity,
    launch: Launch,
    log: Path,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Until logins work; it may take as long as the guest works, seen by its console and its use of CPU.

    Raises HostUnavailable at the first sign that logins never will work.
    """
    cpu = cpu_of_process(process.pid)
    began_s = cpu.read()
    watch = Watch([cpu, Sign(lambda: serial.size_bytes(launch.serial))], clock=clock)
    while serial.READY not in serial.text(launch.serial):
        require_sound(process, launch.serial, log)
        require_wanted()
        used_s = cpu.read() - began_s
        if not watch.moving():
            how = (
                f"does nothing any more: nothing on its console and hardly any CPU for {watch.stall_s:.0f} s"
            )
        elif used_s > BOOT_CPU_S:
            how = f"goes round in circles: {used_s:.0f} s of CPU used"
        else:
            sleep(LOOK_EVERY_S)
            continue
        raise HostUnavailable(
            f"the lab host did not start and {how}{serial.tail(launch.serial)}", "lab doctor"
        )


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
    script = "for i in $(seq 100); do pgrep sshd-session >/dev/null || break; sleep 0.1; done; sync"
    with agent(agent_socket(sockets), AGENT_S[accel]) as talk:
        code, output = talk.run(["/bin/sh", "-c", script], limit_s=SETTLE_S)
    if code != 0:
        raise AgentFailed(f"settling the guest: {output.strip() or code}")


FORGET = "systemctl stop 'lab-work-*.service'; pkill -x sshd-session; true"


def refresh(sockets: Path, accel: str) -> None:
    """Set the clock of a machine that stood still, and end what an interrupted command left in it.

    Raises HostUnavailable when its agent does not answer.
    """
    try:
        with agent(agent_socket(sockets), AGENT_S[accel]) as talk:
            talk.set_clock()
            talk.run(["/bin/sh", "-c", FORGET])
    except AgentFailed as error:
        raise HostUnavailable(f"the lab host does not go on ({error})", "lab up") from error


GIVE_KEYS = (
    "set -eu; tar -x -C / --no-same-owner; "
    "chmod 0600 /root/.ssh/authorized_keys /etc/ssh/ssh_host_ed25519_key; systemctl restart ssh"
)


def give_keys(sockets: Path, accel: str, archive: bytes) -> None:
    """Replace the guest's keys by those in `archive` (tar). Raises AgentFailed."""
    with agent(agent_socket(sockets), AGENT_S[accel]) as talk:
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
            talk.wait_for_migration()
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
        talk.wait_for_migration()
        if talk.status() != "running":
            talk.ask("cont")
        if (status := talk.status()) != "running":
            raise MonitorFailed(f"QEMU says {status}")
        return _ssh_port(talk)


def set_clock(sockets: Path, accel: str) -> None:
    """Give the guest this machine's time; its clock stood still while it was saved. Raises AgentFailed."""
    with agent(agent_socket(sockets), AGENT_S[accel]) as talk:
        talk.set_clock()
