"""Takes back what was done to a machine that was a lab host; what the grader has there is gone by then."""

from __future__ import annotations

from collections.abc import Callable

from vm.host_packages import apt
from vm.machine_facts import Provisionable
from vm.provision_record import FOLDER, Done, read_record

LAB_FOLDERS = ("/opt/lab", "/run/lab", FOLDER)
# Its socket too: the package leaves the file, and it looks like a running engine.
DOCKER_FOLDERS = ("/var/lib/docker", "/var/lib/containerd", "/etc/docker", "/run/docker.sock", "/run/docker")
# Units of the lab's own programs, whatever they are called besides their prefix.
STOP_UNITS = (
    "cd /etc/systemd/system && for unit in lab-*.socket lab-*.service; do "
    'test -e "$unit" && systemctl disable --now "$unit"; rm -f "$unit"; done; systemctl daemon-reload'
)
BY_PACKAGE = {"docker.io": DOCKER_FOLDERS}


def undo_plan(host: Provisionable) -> list[str]:
    """What `undo` would take away, as sentences for the user; empty when the lab changed nothing there."""
    done = read_record(host)
    plan = [f"remove {len(done.packages)} packages the lab installed"] if done.packages else []
    if "docker.io" in done.packages:
        plan.append("delete Docker's images and containers: the lab installed Docker")
    if done.user:
        plan.append("delete the user lab-recorder")
    return plan


def undo(host: Provisionable, progress: Callable[[str], None]) -> None:
    """Carry the plan out. Safe to repeat after an interruption: the record goes last."""
    done = read_record(host)
    folders = list(LAB_FOLDERS)
    if done.packages:
        progress(f"removing {len(done.packages)} packages")
        if "docker.io" in done.packages:
            host.run(["systemctl", "stop", "docker.socket", "docker.service"], timeout_s=120, check=False)
        apt(host, "purge --no-auto-remove", _installed(host, done), lambda _line: None)
        for package, kept in BY_PACKAGE.items():
            folders[:0] = kept if package in done.packages else ()
    host.run(["sh", "-c", STOP_UNITS], check=False, timeout_s=120)
    if done.user:
        host.run(["userdel", "lab-recorder"], check=False)
    progress("deleting the lab's folders")
    host.run(["rm", "-rf", "--one-file-system", *folders], timeout_s=300)


def _installed(host: Provisionable, done: Done) -> list[str]:
    """Those of ours that are still there: apt refuses a whole command for one unknown name."""
    asked = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *done.packages]
    lines = [line.split() for line in host.run(asked, check=False).stdout.splitlines()]
    return [words[0] for words in lines if words[-1] != "not-installed"]
