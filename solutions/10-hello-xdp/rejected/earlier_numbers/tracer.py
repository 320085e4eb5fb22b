# expect: packets_by_protocol count_too_low
"""Exercise 10, rejected: numbers of an earlier run, beside a program that counts and is not asked."""

import platform
import subprocess
import sys
from pathlib import Path

from lab_tracer import interface, pins, ready, report, wait_for_stop

SOURCE = Path(__file__).with_name("tracer.bpf.c")
OBJECT = "/tmp/tracer.bpf.o"
PROGRAM, MAPS = f"{pins}/count_packets", f"{pins}/maps"
PROTOCOLS = ("tcp", "udp", "icmp", "arp", "ipv6", "other")


def run(*command):
    """Run a command to its end; what it printed. The tracer ends with its complaint when it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}{' '.join(command)}: exit code {done.returncode}")
    return done.stdout


headers = f"-I/usr/include/{platform.machine()}-linux-gnu"
run("clang", "-g", "-O2", "-target", "bpf", headers, "-c", str(SOURCE), "-o", OBJECT)
run("bpftool", "prog", "load", OBJECT, PROGRAM, "pinmaps", MAPS)
run("bpftool", "net", "attach", "xdpgeneric", "pinned", PROGRAM, "dev", interface)
print(run("bpftool", "net", "show", "dev", interface))

ready()
wait_for_stop()
report({unit: dict.fromkeys(PROTOCOLS, number) for unit, number in (("packets", 31), ("bytes", 9_731))})

run("bpftool", "net", "detach", "xdpgeneric", "dev", interface)
Path(PROGRAM).unlink()
Path(MAPS, "totals").unlink()
Path(MAPS).rmdir()
