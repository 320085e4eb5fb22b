# expect: loaded limit_probes
# alone: it would disturb whoever shares its run
"""Thousands of return probes, each with room for 4,096 calls: memory that belongs to no cgroup."""

from pathlib import Path

PROBES = Path("/sys/kernel/tracing/kprobe_events")
for number in range(100_000):
    with PROBES.open("r+b", buffering=0) as file:
        file.write(b"r4096:lab/left%d do_nanosleep\n" % number)
