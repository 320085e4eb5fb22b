"""Exercise 10, variant: `ip` attaches and detaches, each entry is looked up by its key, no lab_tracer."""

import json
import os
import platform
import signal
import subprocess
import sys

PIN, MAPS = os.environ["LAB_PINS"] + "/look", os.environ["LAB_PINS"] + "/look_maps"
NAMES = ("tcp", "udp", "icmp", "arp", "ipv6", "other")


def run(command):
    return subprocess.run(command.split(), check=True, stdout=subprocess.PIPE).stdout


def value(key):
    shown = json.loads(run(f"bpftool -j map lookup pinned {MAPS}/totals key {key} 0 0 0"))
    return int.from_bytes(bytes(int(digit, 0) for digit in shown["value"]), sys.byteorder)


run(f"clang -g -O2 -target bpf -I/usr/include/{platform.machine()}-linux-gnu -c tracer.bpf.c -o /tmp/look.o")
run(f"bpftool prog loadall /tmp/look.o {PIN} pinmaps {MAPS}")
run(f"ip link set dev {os.environ['LAB_INTERFACE']} xdpgeneric pinned {PIN}/look")

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print("READY", flush=True)
signal.sigwait([signal.SIGINT])

numbers = [value(key) for key in range(12)]
run(f"ip link set dev {os.environ['LAB_INTERFACE']} xdpgeneric off")
run(f"rm -r {PIN} {MAPS}")
packets, size = (dict(zip(NAMES, numbers[first::2], strict=True)) for first in (0, 1))
print(json.dumps({"packets": packets, "bytes": size}))
