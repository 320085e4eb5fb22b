"""Services of the lab's on a host, as systemd and the kernel's cgroups call them."""

from __future__ import annotations

RECORDER_UNIT = "lab-recorder.service"
TRACER_UNIT_PREFIX = "lab-tracer-"
"""How the names of the services begin in which tracers run. Whose cgroup has such a name is a tracer."""
