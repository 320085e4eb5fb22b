"""What a tracer with a network and pins of its own gets, and what it must not reach, in the real jail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.host import Host
from grader.observing.session import open_session
from tests.vm.conftest import Tracers

pytestmark = pytest.mark.lab_host

NEEDS: dict[str, Any] = {"needs": ("network", "pins")}


def done(came: dict[str, str]) -> dict[str, str]:
    """Those attempts that did succeed."""
    return {attempt: result for attempt, result in came.items() if result.startswith("done")}


def test_a_tracer_sees_its_own_interface_and_no_other(tracers: Tracers) -> None:
    came = tracers.tried("sorted(os.listdir('/sys/class/net'))", "lab_tracer.interface", **NEEDS)
    assert list(came.values()) == ["done ['lab0', 'lo']", "done 'lab0'"]


def test_the_hosts_network_is_out_of_reach(tracers: Tracers) -> None:
    came = tracers.tried(
        "socket.create_connection(('127.0.0.1', 22), 2)",
        "socket.create_connection(('10.0.2.2', 22), 2)",
        "subprocess.run(['ip', 'link', 'set', 'eth0', 'down'], check=True)",
        "subprocess.run(['nsenter', '-t', '1', '-n', 'true'], check=True)",
        "os.listdir('/run/netns')",
        "Path('/proc/sys/net/ipv4/ip_forward').write_text('1')",
        **NEEDS,
    )
    assert done(came) == {}


def test_packets_can_be_neither_read_nor_sent_past_xdp(tracers: Tracers) -> None:
    came = tracers.tried(
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        **NEEDS,
    )
    assert set(came.values()) == {"PermissionError"}


def test_netlink_leads_to_the_other_end_of_the_interface_and_no_further(tracers: Tracers) -> None:
    came = tracers.tried("[name for name in reached() if name != 'lab0']", set_up=NETLINK, **NEEDS)
    assert list(came.values()) == ["done ['far0', 'lo']"]


# Asks for the links of every namespace that has a number in the tracer's own.
NETLINK = """
import struct

def links(number):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    sock.settimeout(20)
    body = bytes(16) + struct.pack("=HHi", 8, 46, number)  # IFLA_TARGET_NETNSID
    sock.send(struct.pack("=IHHII", 16 + len(body), 18, 0x301, 1, 0) + body)  # RTM_GETLINK, all of them
    names = []
    while True:
        data = sock.recv(1 << 20)
        while data:
            length, kind = struct.unpack_from("=IH", data)
            if kind == 2:
                raise OSError(-struct.unpack_from("=i", data, 16)[0], "netlink")
            if kind == 3:
                return sorted(names)
            at = 32
            while at < length:
                size, attribute = struct.unpack_from("=HH", data, at)
                if attribute == 3:
                    names.append(data[at + 4 : at + size].rstrip(bytes(1)).decode())
                at += (size + 3) // 4 * 4
            data = data[(length + 3) // 4 * 4 :]

def reached():
    found = set()
    for number in range(64):
        try:
            found.update(links(number))
        except OSError:
            pass
    return sorted(found)
"""


def test_an_interface_cannot_be_moved_to_the_host(tracers: Tracers, lab_host: Host) -> None:
    came = tracers.tried(
        "subprocess.run(['ip', 'link', 'add', 'stray', 'type', 'dummy'], check=True)",
        "subprocess.run(['ip', 'link', 'set', 'stray', 'netns', '1'], check=True)",
        **NEEDS,
    )
    # Process 1 is the jail's own: what is moved to its network stays where it is.
    assert len(done(came)) == 2
    names = {link["ifname"] for link in json.loads(lab_host.run(["ip", "-j", "link"]).stdout)}
    assert "eth0" in names
    assert "stray" not in names


def test_pins_of_the_host_and_of_other_tracers_are_invisible(tracers: Tracers, lab_host: Host) -> None:
    pin = "/sys/fs/bpf/lab-test"
    make = ["bpftool", "map", "create", pin, "type", "array", "key", "4", "value", "4", "entries", "1"]
    lab_host.run([*make, "name", "foreign"])
    other = tracers.start(HOLDS_A_PIN, **NEEDS)
    try:
        assert tracers.ready(other).ready
        look = f"subprocess.run(['bpftool', 'map', 'dump', 'pinned', '{pin}'], check=True)"
        assert lab_host.run(["bpftool", "map", "dump", "pinned", pin]).exit_code == 0
        for needs in (NEEDS, {}):
            came = tracers.tried("os.listdir('/sys/fs/bpf')", look, **needs)
            assert list(came.values()) == ["done []", "CalledProcessError"]
    finally:
        lab_host.run(["rm", pin])
    assert tracers.stop(other).document == {"pins": ["mine"]}


HOLDS_A_PIN = """
import os, subprocess, lab_tracer
words = "bpftool map create /sys/fs/bpf/mine type array key 4 value 4 entries 1 name mine"
subprocess.run(words.split(), check=True)
lab_tracer.ready()
lab_tracer.wait_for_stop()
lab_tracer.report({"pins": os.listdir("/sys/fs/bpf")})
"""


def test_a_tracer_without_needs_can_neither_pin_nor_change_its_network(tracers: Tracers) -> None:
    create = "bpftool map create /sys/fs/bpf/x type array key 4 value 4 entries 1 name x"
    came = tracers.tried(
        f"subprocess.run({create.split()!r}, check=True)",
        "subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)",
    )
    assert set(came.values()) == {"CalledProcessError"}


def test_what_is_left_attached_or_pinned_is_told_and_taken_away(lab_host: Host) -> None:
    with open_session(lab_host) as session:
        tracers = Tracers(lab_host, session)
        tracers.run(LEAVES_BOTH, **NEEDS)
        (left,) = tracers.left_behind().values()
        assert left == ("XDP program on lab0", "pin /sys/fs/bpf/x")
    assert "lab-tracer-" not in lab_host.run(["ip", "netns"]).stdout
    assert "/run/lab/sessions" not in lab_host.run(["cat", "/proc/mounts"]).stdout


LEAVES_BOTH = """
import platform, subprocess, lab_tracer
from pathlib import Path
Path("/tmp/x.c").write_text('''
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int x(void *ctx) { return XDP_PASS; }
''')
for line in (
    f"clang -g -O2 -target bpf -I/usr/include/{platform.machine()}-linux-gnu -c /tmp/x.c -o /tmp/x.o",
    "bpftool prog load /tmp/x.o /sys/fs/bpf/x",
    "bpftool net attach xdpgeneric pinned /sys/fs/bpf/x dev lab0",
):
    subprocess.run(line.split(), check=True)
lab_tracer.ready()
lab_tracer.wait_for_stop()
lab_tracer.report(dict())
"""
