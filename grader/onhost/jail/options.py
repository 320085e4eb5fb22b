"""The jail: what a tracer may do on the lab host, as options of one transient systemd service.

uid 0 with the few capabilities that BCC needs. What each option refuses is tested in tests/vm/.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from ..contract.jail_kind import JailKind

DOOR, AHEAD = "LAB_DOOR", "LAB_IMPORT_AHEAD"
"""Variables of sitecustomize.py."""

ATTEMPT_FOLDER = "/run/attempt"
"""Where the attendee's files lie inside the jail, read-only."""

PINS = "/sys/fs/bpf"
"""Where eBPF objects are pinned, inside the jail as outside."""

PRIVATE_PIDS_SINCE = 257

NEEDS = {
    # BCC first asks perf_event_open for a uprobe, which takes CAP_SYS_ADMIN, and then writes it here. With
    # that power a tracer could open the recorder's maps and programs by number and filter the host's network.
    "uprobes": "-/sys/kernel/tracing/uprobe_events -/sys/kernel/debug/tracing/uprobe_events",
    # Made for each tracer, see tracer/means.py.
    "network": "",
    "pins": "",
}
"""What an exercise may ask for beyond the ordinary jail -> paths that are writable then."""

MADE_FOR_EACH = frozenset({"network", "pins"})

# Not CAP_SYS_RESOURCE: with it a tracer raises its own limits, and tells the kernel to kill others first when
# memory runs out. BCC needs it only on kernels before 5.11.
CAPABILITIES = "CAP_BPF CAP_PERFMON CAP_DAC_READ_SEARCH CAP_SYSLOG"

# Started so, Python waits for the attempt in its sitecustomize.py, which process 1 never leaves.
COMMAND = "exec python3 -u tracer.py 3<&0 </dev/null"

ALWAYS = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": CAPABILITIES,
    "PrivateNetwork": "yes",
    "PrivateIPC": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    # Raw disks: their device files belong to uid 0, which needs no capability to write them.
    "PrivateDevices": "yes",
    "DevicePolicy": "closed",
    # Moving between cgroups, tracefs, sysctl and sysrq belong to uid 0 too.
    "ReadOnlyPaths": "/sys /proc/sys -/proc/sysrq-trigger -/proc/irq -/proc/bus -/proc/fs -/proc/acpi",
    # Tools that trace by themselves: an attempt is the attendee's own eBPF program.
    "InaccessiblePaths": "-/usr/bin/bpftrace -/usr/bin/strace -/usr/bin/perf",
    # perf_event_open knows no maxactive, so BCC makes such a return probe by writing here.
    "ReadWritePaths": "-/sys/kernel/tracing/kprobe_events -/sys/kernel/debug/tracing/kprobe_events",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "ProtectHostname": "yes",
    "ProtectClock": "yes",
    "KeyringMode": "private",
    "UMask": "0022",
    # Pages of perf buffers are the host's, not the cgroup's: this is their limit, for each process.
    "LimitMEMLOCK": "8M",
    # The session looks at each of them, again and again.
    "LimitNOFILE": "1024",
    "LimitCORE": "0",
    "KillMode": "control-group",
    "SendSIGKILL": "yes",
    "TimeoutStopSec": "2",
    # Only the culprit dies, so process 1 can still tell how it went.
    "OOMPolicy": "continue",
    "OOMScoreAdjust": "500",
    "MemorySwapMax": "0",
    "SystemCallErrorNumber": "EPERM",
    "WorkingDirectory": ATTEMPT_FOLDER,
}

SYSTEM_CALL_FILTER = (
    "~@mount @reboot @module @swap @clock @raw-io @cpu-emulation @obsolete setns unshare chroot ptrace "
    "process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp kexec_load kexec_file_load "
    "name_to_handle_at open_by_handle_at userfaultfd acct quotactl fanotify_init io_uring_setup "
    "@keyring syslog"
)

# Everything below is an empty tmpfs in the jail. /run hides every daemon's socket: systemd, D-Bus and Docker
# obey uid 0, and sockets in the file system are not part of a network namespace.
EMPTY = (
    "/run:ro,mode=0755",
    "/tmp:size=64M,mode=1777",
    "/var/tmp:size=16M,mode=1777",
    "/dev/shm:size=16M,mode=1777",
    "/var/lib/docker:ro",
    "/var/lib/containerd:ro",
)


@dataclass(frozen=True)
class Means:
    """What a tracer gets beside the usual, because its exercise needs it."""

    capabilities: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    """Of systemd; they take the place of the usual ones, an empty one takes them away."""
    environment: Mapping[str, str] = field(default_factory=dict)


def made_for_each(kind: JailKind) -> bool:
    """Whether each tracer gets something of its own, so that its jail cannot be started ahead."""
    return not MADE_FOR_EACH.isdisjoint(kind.needs)


def jail_command(
    unit: str, files_folder: str, kind: JailKind, *, systemd: int, means: Sequence[Means] = ()
) -> list[str]:
    """The command that starts the service `unit`, whose standard input is the door for its attempt.

    `files_folder` may still be empty then. `means` is what was made for the needs.
    """
    environment = base_environment()
    properties = dict(ALWAYS)
    properties["ReadWritePaths"] = " ".join([ALWAYS["ReadWritePaths"], *(NEEDS[need] for need in kind.needs)])
    for one in means:
        properties.update(one.properties)
        properties["CapabilityBoundingSet"] += "".join(f" {name}" for name in one.capabilities)
        environment = {**environment, **one.environment}
    properties["MemoryMax"] = str(kind.limits.memory_bytes)
    properties["TasksMax"] = str(kind.limits.tasks)
    properties["SystemCallFilter"] = SYSTEM_CALL_FILTER
    properties["BindReadOnlyPaths"] = " ".join([f"{files_folder}:{ATTEMPT_FOLDER}", *kind.readable])
    if systemd >= PRIVATE_PIDS_SINCE:
        properties["PrivatePIDs"] = "yes"
    argv = [
        "systemd-run",
        "--quiet",
        "--pipe",
        "--wait",
        "--collect",
        "--service-type=exec",
        f"--unit={unit}",
    ]
    argv += [f"--property={name}={value}" for name, value in properties.items() if value]
    # The host's own pins, its service manager's among them, can be opened by whoever sees them.
    hidden = EMPTY if "BindPaths" in properties else (*EMPTY, f"{PINS}:ro")
    argv += [f"--property=TemporaryFileSystem={folder}" for folder in hidden]
    environment |= {DOOR: "3", AHEAD: " ".join(kind.ahead)}
    argv += [f"--setenv={name}={value}" for name, value in environment.items()]
    return [*argv, "/bin/sh", "-c", COMMAND]


def base_environment() -> dict[str, str]:
    """What every tracer finds in its environment beside the target's variables."""
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": "/opt/lab/python",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@cache
def systemd_version() -> int:
    """The number in `systemctl --version`."""
    shown = subprocess.run(["systemctl", "--version"], capture_output=True, text=True, check=True).stdout
    return int(shown.split()[1])


def notes(systemd: int) -> list[str]:
    """What this host's jail cannot do."""
    if systemd >= PRIVATE_PIDS_SINCE:
        return []
    return [f"systemd {systemd} has no PrivatePIDs: a tracer could signal other processes of root"]
