"""The jail of an exercise that needs uprobes: they work, and nothing else is allowed than elsewhere."""

from __future__ import annotations

import json

import pytest

from grader.host import Host
from tests.vm.conftest import Tracers
from tests.vm.test_jail import SYSTEM_CALLS

pytestmark = pytest.mark.lab_host

NEEDS = ("uprobes",)

TRACER = """
import ctypes, os, signal
import lab_tracer
from bcc import BPF
bpf = BPF(text="BPF_ARRAY(runs, u64, 1); int ran(void *ctx) {{ runs.atomic_increment(0); return 0; }}")
(path,) = {{line.split()[-1] for line in open("/proc/self/maps") if "/libc.so" in line}}
bpf.attach_uprobe(name=path, sym="labs", fn_name="ran")
for _ in range(23):
    ctypes.CDLL(None).labs(-3)
{before_ready}
lab_tracer.ready()
lab_tracer.wait_for_stop()
lab_tracer.report({{"runs": bpf["runs"][ctypes.c_int(0)].value}})
"""


def test_a_uprobe_runs_and_is_gone_afterwards(tracers: Tracers, lab_host: Host) -> None:
    name = tracers.start(TRACER.format(before_ready=""), needs=NEEDS)
    answer = tracers.ready(name)
    assert answer.ready, tracers.stop(name)
    (attached,) = tracers.facts(name).attachments
    assert attached.kind == "uprobe"
    assert attached.where.endswith("libc.so.6")
    assert attached.offset > 0
    assert tracers.stop(name).document["runs"] >= 23
    assert tracers.left_behind() == {name: ()}
    assert lab_host.run(["cat", "/sys/kernel/tracing/uprobe_events"]).stdout == ""


def test_tracers_that_share_a_run_each_have_a_uprobe_at_the_same_place(tracers: Tracers) -> None:
    names = [tracers.start(TRACER.format(before_ready=""), needs=NEEDS) for _ in range(2)]
    assert [tracers.ready(name).ready for name in names] == [True, True]
    assert all(tracers.stop(name).document["runs"] >= 23 for name in names)


def test_a_uprobe_of_a_tracer_that_did_not_detach_is_removed(tracers: Tracers, lab_host: Host) -> None:
    name = tracers.start(TRACER.format(before_ready="print('READY', flush=True)\nos._exit(3)"), needs=NEEDS)
    tracers.ready(name)
    tracers.stop(name)
    left = tracers.left_behind()[name]
    assert [one.startswith("probe uprobes/p_") for one in left] == [True]
    assert lab_host.run(["cat", "/sys/kernel/tracing/uprobe_events"]).stdout == ""


def test_an_exercise_that_does_not_ask_for_uprobes_gets_none(tracers: Tracers) -> None:
    name = tracers.start(TRACER.format(before_ready=""))
    assert not tracers.ready(name).ready
    assert "Failed to attach BPF to uprobe" in tracers.stop(name).run.stderr_tail


def test_no_power_is_added_for_them(tracers: Tracers) -> None:
    show = "[line for line in open('/proc/self/status') if line.startswith(('CapEff', 'CapBnd'))]"
    assert tracers.tried(show, needs=NEEDS) == tracers.tried(show)
    # Bit 21 is CAP_SYS_ADMIN, bit 19 CAP_SYS_PTRACE.
    bits = (
        "[bit for bit in (19, 21) for line in open('/proc/self/status')"
        " if line.startswith('Cap') and int(line.split()[1], 16) >> bit & 1]"
    )
    assert tracers.tried(bits, needs=NEEDS) == {bits: "done []"}


def test_other_peoples_programs_and_maps_cannot_be_opened(tracers: Tracers, lab_host: Host) -> None:
    maps = json.loads(lab_host.run(["bpftool", "-j", "map", "show"]).stdout)
    (ours,) = (str(one["id"]) for one in maps if one.get("name") == "raw_started")
    programs = json.loads(lab_host.run(["bpftool", "-j", "prog", "show"]).stdout)
    (noted,) = (str(one["id"]) for one in programs if one.get("name") == "function_called")
    came = tracers.tried(
        f"subprocess.run(['bpftool', 'map', 'dump', 'id', {ours!r}], check=True)",
        f"subprocess.run(['bpftool', 'prog', 'dump', 'xlated', 'id', {noted!r}], check=True)",
        "subprocess.run(['bpftool', 'link', 'show', 'id', '1'], check=True)",
        needs=NEEDS,
    )
    assert set(came.values()) == {"CalledProcessError"}


def test_ways_out_are_refused_as_elsewhere(tracers: Tracers) -> None:
    came = tracers.tried(
        "call('ptrace', 16, 1, 0, 0)",
        "call('setns', 0, 0)",
        "call('unshare', 0x20000)",
        "call('mount', 0, 0, 0, 0, 0)",
        set_up=SYSTEM_CALLS,
        needs=NEEDS,
    )
    assert set(came.values()) == {"PermissionError"}


def test_of_the_kernels_tracing_only_the_two_lists_of_probes_can_be_opened(tracers: Tracers) -> None:
    folder = "/sys/kernel/tracing"
    closed = ("tracing_on", "trace", "current_tracer", "dynamic_events", "synthetic_events", "set_event")
    came = tracers.tried(*(f"os.open('{folder}/{name}', os.O_WRONLY)" for name in closed), needs=NEEDS)
    assert not any(result.startswith("done") for result in came.values()), came


WRITES = """
from bcc import BPF
def load():
    text = '''
#include <uapi/linux/ptrace.h>
int write(struct pt_regs *ctx)
{
    u64 zero = 0;
    return bpf_probe_write_user((void *)PT_REGS_PARM1(ctx), &zero, 8);
}
'''
    BPF(text=text).load_func("write", BPF.KPROBE)
"""


def test_a_uprobe_cannot_write_into_the_programs_it_watches(tracers: Tracers) -> None:
    came = tracers.tried("load()", set_up=WRITES, needs=NEEDS)
    assert came == {"load()": "Exception"}
