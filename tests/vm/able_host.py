"""A Debian 13 machine that has all that a lab host needs."""

from __future__ import annotations

from vm.host_probe import HostState

ABLE = HostState(
    distribution="debian",
    version="13",
    system="Linux",
    release="6.12.1",
    machine="x86_64",
    uid=0,
    memory_mib=4000,
    free_mib=20000,
    systemd=257,
    running_systemd=True,
    cgroup2=True,
    kprobes=True,
    uprobes=True,
    btf=True,
    headers=True,
    bcc=True,
    bpftool=True,
    clang=True,
    python="3.13",
    docker=True,
    bus=True,
    recorder_user=True,
    bpf_stats=1,
    perf_paranoid=2,
    apt=True,
)
