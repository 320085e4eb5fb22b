"""Each piece in `bpf_templates/` compiles, loads and does what it says, in the jail where learners run it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.host import Host
from grader.observation import FrameCount
from grader.onhost.contract.driver_orders import ExecCaller, RawPackets, TargetCalls
from grader.onhost.contract.order import Order
from grader.onhost.contract.recorder_orders import Recorder, RecorderOn
from tests.vm.conftest import Tracers, cgroup_of_ours

pytestmark = pytest.mark.lab_host

TEMPLATES = Path(__file__).resolve().parents[2] / "bpf_templates"
KERNEL_FIELDS = TEMPLATES.parent / "solutions" / "03-workload" / "kernel_fields.py"

# What each loader adds to its template: attach, wait, and a number to hold against what was sent.
COUNT = """
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_call")
lab_tracer.ready()
lab_tracer.wait_for_stop()
counts = {key.comm.decode(): 0 for key in bpf["counts"]}
for key, count in bpf["counts"].items():
    counts[key.comm.decode()] += count.value
lab_tracer.report(counts)
"""
LATENCY = """
events = []
bpf["events"].open_ring_buffer(lambda _cpu, data, _size: events.append(bpf["events"].event(data)))
execve = bpf.get_syscall_fnname("execve")
bpf.attach_kretprobe(event=execve, fn_name="call_returned", maxactive=128)
bpf.attach_kprobe(event=execve, fn_name="syscall__entered")
lab_tracer.ready()
lab_tracer.wait_for_stop(poll=bpf.ring_buffer_consume)
failed = [event for event in events if event.comm == b"alpha" and event.ret == -2]
lab_tracer.report({"failed": len(failed), "shortest_ns": min(event.duration_ns for event in failed)})
"""
OBJECT = """
libc = ctypes.CDLL(None)
(path,) = {line.split()[-1] for line in open("/proc/self/maps") if "/libc.so" in line}
events = []
bpf["events"].open_ring_buffer(lambda _cpu, data, _size: events.append(bpf["events"].event(data)))
bpf.attach_uprobe(name=path, sym="ldiv", fn_name="object_used")
bpf.attach_uprobe(name=path, sym="labs", fn_name="object_made")
for number in (7001, 7003, 7001):
    libc.labs(number)
    for _ in range(4):
        libc.ldiv(1, number)
lab_tracer.ready()
lab_tracer.wait_for_stop(poll=bpf.ring_buffer_consume)
mine = [event for event in events if event.object in (7001, 7003)]
lab_tracer.report({"objects": [event.object for event in mine],
                   "positive": all(event.duration_ns > 0 for event in mine)})
"""
FILTER = """
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_in_container")
lab_tracer.ready()
lab_tracer.wait_for_stop()
lab_tracer.report({"calls": bpf["calls"][0].value})
"""
FD_KIND = """
lab_tracer.ready()
lab_tracer.wait_for_stop()
lab_tracer.report({f"{fd.kind} {fd.port}": count.value for fd, count in bpf["reads"].items()})
"""


ALPHA = ExecCaller("alpha", execs=23, fail_execs=5, forks=3)


def run(
    tracers: Tracers,
    template: str,
    loader: str,
    cflags: list[str] | None = None,
    needs: tuple[str, ...] = (),
    order: Order[Any] = ALPHA,
    set_up: str = "flags = list",
) -> dict[str, Any]:
    """The report of a tracer made of this template, after one order to the driver."""
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    script = f"{set_up}\nimport ctypes\nimport lab_tracer\nfrom bcc import BPF\n"
    script += f"bpf = BPF(text={source!r}, cflags={cflags or []} + flags())\n"
    name = tracers.start(script + loader, needs=needs)
    assert tracers.ready(name).ready, tracers.stop(name)
    tracers.session.order(order)
    stopped = tracers.stop(name)
    assert stopped.run.ended_by == "sigint"
    document: dict[str, Any] = stopped.document
    return document


def test_every_template_has_a_test_here_and_is_named_in_an_exercise() -> None:
    tested = {
        "count_by_key.bcc.c",
        "entry_return_latency.bcc.c",
        "container_filter.bcc.c",
        "fd_kind.bcc.c",
        "object_latency.bcc.c",
        "count_per_cpu.libbpf.c",
        "xdp_headers.libbpf.c",
    }
    assert {path.name for path in TEMPLATES.iterdir()} == tested
    texts = "".join(path.read_text() for path in (TEMPLATES.parent / "exercises").glob("*/README.md"))
    assert all(f"bpf_templates/{name}" in texts for name in tested)


def test_count_by_key_counts_every_call(tracers: Tracers) -> None:
    assert run(tracers, "count_by_key.bcc.c", COUNT)["alpha"] == 28


def test_entry_return_latency_has_one_event_for_each_call_with_its_signed_result(tracers: Tracers) -> None:
    report = run(tracers, "entry_return_latency.bcc.c", LATENCY)
    assert report["failed"] == 5
    assert report["shortest_ns"] > 0


def test_object_latency_has_one_event_for_each_object_also_where_an_address_comes_back(
    tracers: Tracers,
) -> None:
    report = run(tracers, "object_latency.bcc.c", OBJECT, ["-DLAST_CALL=3"], ("uprobes",))
    assert report == {"objects": [7001, 7003, 7001], "positive": True}


def test_fd_kind_tells_pipes_eventfds_and_the_ports_of_sockets(tracers: Tracers, lab_host: Host) -> None:
    with cgroup_of_ours(lab_host) as cgroup:
        tracers.session.order(RecorderOn(Recorder(("read",)), cgroup, timeout_s=320))
        calls = {"read_pipe_failing": 53, "read_eventfd_failing": 61, "read": 31}
        order = TargetCalls(calls)
        report = run(tracers, "fd_kind.bcc.c", FD_KIND, order=order, set_up=KERNEL_FIELDS.read_text())
    other, pipe, eventfd, ssh = (report.get(key, 0) for key in ("0 0", "3 0", "4 0", "1 22"))
    # The rest of the host reads too, our own connection to it among them.
    assert (other >= 31, pipe >= 53, eventfd >= 61, ssh > 0) == (True, True, True, True), report


@pytest.mark.parametrize(("cgroup_id", "least", "most"), [(1, 28, 10_000), (2**40, 0, 0)])
def test_container_filter_counts_the_subtree_of_its_cgroup_and_nothing_else(
    tracers: Tracers, cgroup_id: int, least: int, most: int
) -> None:
    # The root of all cgroups has inode 1 and level 0: everybody is below it. No cgroup has the other id.
    cflags = [f"-DTARGET_CGROUP_ID={cgroup_id}ULL", "-DTARGET_CGROUP_LEVEL=0"]
    assert least <= run(tracers, "container_filter.bcc.c", FILTER, cflags)["calls"] <= most


XDP = """
import json, platform, subprocess, sys
from pathlib import Path
import lab_tracer


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def number(digits):
    return int.from_bytes(bytes(int(digit, 16) for digit in digits), sys.byteorder)


Path("/tmp/x.c").write_text({source!r})
headers = f"-I/usr/include/{{platform.machine()}}-linux-gnu"
run("clang", "-g", "-O2", "-Wall", "-Werror", "-target", "bpf", headers, "-c", "/tmp/x.c", "-o", "/tmp/x.o")
run("bpftool", "prog", "load", "/tmp/x.o", "/sys/fs/bpf/x", "pinmaps", "/sys/fs/bpf/maps")
run("bpftool", "net", "attach", "xdpgeneric", "pinned", "/sys/fs/bpf/x", "dev", lab_tracer.interface)
lab_tracer.ready()
lab_tracer.wait_for_stop()
entries = json.loads(run("bpftool", "-j", "map", "dump", "pinned", "/sys/fs/bpf/maps/{map}"))
lab_tracer.report({report})
"""


def run_xdp(
    tracers: Tracers, template: str, map_name: str, report: str
) -> tuple[list[Mapping[str, FrameCount]], Any]:
    """(sent, the report) of a tracer made of this template, after frames from the first two CPUs."""
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    script = XDP.format(source=source, map=map_name, report=report)
    name = tracers.start(script, needs=("network", "pins"))
    assert tracers.ready(name).ready, tracers.stop(name)
    frames = {"udp": 23, "tcp": 29, "arp": 31, "ipv4_begun": 5, "udp_fragment_later": 7}
    sent = [tracers.session.order(RawPackets(frames, seed=cpu, cpu=cpu)).sent for cpu in range(2)]
    stopped = tracers.stop(name)
    assert stopped.run.ended_by == "sigint", stopped
    return sent, stopped.document


def test_count_per_cpu_counts_every_packet_and_byte_when_all_cpus_are_added_up(tracers: Tracers) -> None:
    values = '[cpu["value"] for cpu in entries[0]["values"]]'
    report = (
        f'{{"packets": sum(number(v[:8]) for v in {values}), "bytes": sum(number(v[8:]) for v in {values})}}'
    )
    sent, document = run_xdp(tracers, "count_per_cpu.libbpf.c", "total", report)
    kinds = [kind for one in sent for kind in one.values()]
    totals = {"packets": sum(one.packets for one in kinds), "bytes": sum(one.bytes for one in kinds)}
    assert document == totals


def test_xdp_headers_counts_whole_udp_headers_by_port_and_nothing_else(tracers: Tracers) -> None:
    report = '{"ports": [[number(e["key"]), number(e["value"])] for e in entries]}'
    _, document = run_xdp(tracers, "xdp_headers.libbpf.c", "ports", report)
    assert document == {"ports": [[53, 46]]}
