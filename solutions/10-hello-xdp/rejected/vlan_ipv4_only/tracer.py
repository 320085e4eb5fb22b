# expect: packets_by_protocol vlan_ipv4_only
"""Exercise 10, rejected: ARP and IPv6 are asked for before the VLAN tag is read."""

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
        for cpu in entry["values"]:
            found["packets"][name] += number(cpu["value"][:8])
            found["bytes"][name] += number(cpu["value"][8:])
    return found


headers = f"-I/usr/include/{platform.machine()}-linux-gnu"
run("clang", "-g", "-O2", "-target", "bpf", headers, "-c", str(SOURCE), "-o", OBJECT)
run("bpftool", "prog", "load", OBJECT, PROGRAM, "pinmaps", MAPS)
run("bpftool", "net", "attach", "xdpgeneric", "pinned", PROGRAM, "dev", interface)

ready()
wait_for_stop(poll=lambda: report(totals()), every_s=0.5)
report(totals())

run("bpftool", "net", "detach", "xdpgeneric", "dev", interface)
Path(PROGRAM).unlink()
Path(MAPS, "totals").unlink()
Path(MAPS).rmdir()
