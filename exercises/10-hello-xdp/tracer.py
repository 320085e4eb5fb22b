"""Exercise 10: build, load, attach, read and clean up an XDP program with clang and bpftool."""

import json
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


def number(digits):
    """bpftool shows a value as a list of bytes, ["0xd3", "0x00", ...], lowest first on this machine."""
    return int.from_bytes(bytes(int(digit, 16) for digit in digits), sys.byteorder)


def totals():
    """Packets and bytes by protocol, each the sum over all CPUs."""
    found = {"packets": dict.fromkeys(PROTOCOLS, 0), "bytes": dict.fromkeys(PROTOCOLS, 0)}
    for entry in json.loads(run("bpftool", "-j", "map", "dump", "pinned", f"{MAPS}/totals")):
        name = PROTOCOLS[number(entry["key"])]
        values = entry["values"]  # one item for each CPU
        # TODO 6: in the "value" of each item the first 8 bytes are the packets, the next 8 the bytes.
        #         Add them up over all CPUs, not only the first one's.
        found["packets"][name] += number(values[0]["value"][:8])
    return found


headers = f"-I/usr/include/{platform.machine()}-linux-gnu"
run("clang", "-g", "-O2", "-target", "bpf", headers, "-c", str(SOURCE), "-o", OBJECT)
run("bpftool", "prog", "load", OBJECT, PROGRAM, "pinmaps", MAPS)
# TODO 1: attach what is pinned at PROGRAM to the interface:
#         run("bpftool", "net", "attach", ..., "pinned", ..., "dev", ...)
print(run("bpftool", "net", "show", "dev", interface))  # `lab run` shows what is attached there

ready()  # tells the lab that your program is in place
wait_for_stop(poll=lambda: report(totals()), every_s=0.5)  # `lab run` shows these
report(totals())  # after the stop: this one is graded

# TODO 7: detach from the interface (bpftool net detach), and delete what was pinned: the program, the map
#         in the folder MAPS, and the folder.
