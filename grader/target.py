"""The traced process tree, as the tracer and the recorder are told about it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """One container: every task in its cgroup subtree belongs to it."""

    name: str
    container_id: str
    cgroup_id: int
    """Inode number of the container's cgroup v2 folder: what bpf_get_current_cgroup_id() returns in it."""
    cgroup_path: str
    """Its folder below /sys/fs/cgroup, absolute on the lab host."""
    cgroup_level: int
    """Depth below the root: what bpf_get_current_ancestor_cgroup_id() takes."""
    main_pid: int
    """The server process, as the lab host numbers it."""
    pids: tuple[int, ...]
    """Every process of the container at the time of asking, as the lab host numbers them."""
    binary_path: str
    """The server's binary as a path on the lab host (never through /proc/PID/root)."""
    ports: Mapping[str, int] = field(default_factory=dict)
    """Protocol name -> TCP port on the lab host's loopback, e.g. {"http": 8000}."""

    @property
    def jailed_binary(self) -> str:
        """Where the same file lies in a tracer's jail; empty without a binary.

        Short: BCC makes a probe's name of this path, and the kernel takes no name of 64 characters.
        """
        return f"/run/target/{posixpath.basename(self.binary_path)}" if self.binary_path else ""

    def environment(self) -> dict[str, str]:
        """The documented variables a tracer is started with."""
        return {
            "LAB_TARGET_CONTAINER": self.container_id,
            "LAB_TARGET_CGROUP_ID": str(self.cgroup_id),
            "LAB_TARGET_CGROUP_PATH": self.cgroup_path,
            "LAB_TARGET_CGROUP_LEVEL": str(self.cgroup_level),
            "LAB_TARGET_PID": str(self.main_pid),
            "LAB_TARGET_PIDS": ",".join(map(str, self.pids)),
            "LAB_TARGET_BINARY": self.jailed_binary,
        }
