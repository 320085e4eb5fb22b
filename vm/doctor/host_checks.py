"""Checks of a lab host that was asked what it has (ssh and local hosts). Pure: facts in, one result out."""

from __future__ import annotations

from collections.abc import Callable

from vm.distributions import SUPPORTED, supported
from vm.doctor.result import Result, bad, ok, warn
from vm.errors import HostSetupError
from vm.host_probe import HostState
from vm.provision import NEEDED_MIB, lacking

ELSEWHERE = "lab up --host vm"
JAIL_SYSTEMD = 257
"""`PrivatePIDs=` came with it."""


def host_memory(host: HostState) -> Result:
    """Triton, a decoy and a tracer that compiles."""
    if host.memory_mib is None or host.memory_mib < NEEDED_MIB["memory"]:
        return bad("host memory", f"the lab host has {host.memory_mib} MiB, 2 GiB are needed", ELSEWHERE)
    return ok("host memory", f"{host.memory_mib / 1024:.1f} GiB")


def host_disk(host: HostState) -> Result:
    """Packages, container images."""
    needed = NEEDED_MIB["free"] if lacking(host) else NEEDED_MIB["free"] // 3
    if host.free_mib is None or host.free_mib < needed:
        message = f"{host.free_mib} MiB are free below /var on the lab host, {needed} MiB are needed"
        return bad("host disk", message, "docker system df   # there")
    return ok("host disk", f"{host.free_mib / 1024:.1f} GiB free below /var")


def host_distribution(host: HostState) -> Result:
    """Supported, and tested or not."""
    try:
        found = supported(host.distribution, host.version, host.machine)
    except HostSetupError as error:
        return bad("host system", error.message, error.hint)
    if not found.tested:
        tested = ", ".join(entry.title for entry in SUPPORTED.values() if entry.tested)
        return warn("host system", f"{found.title} is untested{found.doubt}; {tested} is tested")
    return ok("host system", found.title)


def host_kernel(host: HostState) -> Result:
    """What a kernel either has or has not."""
    wanted = {
        "kprobes": host.kprobes,
        "uprobes": host.uprobes,
        "BTF": host.btf,
        "control groups version 2": host.cgroup2,
    }
    lacks = [name for name, there in wanted.items() if not there]
    if lacks:
        return bad("host kernel", f"the kernel {host.release} lacks {', '.join(lacks)}", ELSEWHERE)
    return ok("host kernel", host.release)


def host_init(host: HostState) -> Result:
    """The jail is systemd's."""
    if not host.running_systemd:
        return bad("host systemd", "the lab host was not started by systemd, which makes the jail", ELSEWHERE)
    if (host.systemd or 0) < JAIL_SYSTEMD:
        message = f"systemd {host.systemd} is older than {JAIL_SYSTEMD}: the tracer's jail is weaker"
        return warn("host systemd", message)
    return ok("host systemd", f"systemd {host.systemd}")


def host_tools(host: HostState) -> Result:
    """Headers, BCC, compiler, Docker, user: what `lab up` installs on an ssh host."""
    missing = lacking(host)
    if missing:
        return bad("host tools", f"the lab host lacks {', '.join(missing)}", "lab up")
    return ok("host tools", "headers, BCC, clang, Docker and user are there")


def local_tools(host: HostState) -> Result:
    """The same on this machine, where the lab installs nothing by itself."""
    missing = lacking(host)
    if not missing:
        return host_tools(host)
    packages = "python3-bpfcc bpftool clang libbpf-dev docker.io docker-cli linux-headers-$(uname -r)"
    return bad("host tools", f"this machine lacks {', '.join(missing)}", f"sudo apt-get install {packages}")


LOCAL_CHECKS: tuple[Callable[[HostState], Result], ...] = (
    host_memory,
    host_disk,
    host_kernel,
    host_init,
    local_tools,
)
HOST_CHECKS: tuple[Callable[[HostState], Result], ...] = (
    host_memory,
    host_disk,
    host_distribution,
    host_kernel,
    host_init,
    host_tools,
)
