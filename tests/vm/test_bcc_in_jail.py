"""What a tracer must be able to do: every way to attach that the exercises need works in the jail."""

from __future__ import annotations

import pytest

from grader.host import Host
from grader.onhost.contract.driver_orders import ExecCaller, Started
from grader.onhost.contract.host_orders import TraceLines
from grader.onhost.contract.recorder_orders import Recorder, RecorderOn
from grader.onhost.contract.tracer_orders import CountRuns
from tests.vm.conftest import Tracers

pytestmark = pytest.mark.lab_host

TRACER = """
import ctypes
import lab_tracer
from bcc import BPF

bpf = BPF(text=r'''
BPF_ARRAY(runs, u64, 4);
static void ran(int which) { runs.atomic_increment(which); }
int entered(void *ctx) { ran(0); return 0; }
int returned(void *ctx) { ran(1); return 0; }
TRACEPOINT_PROBE(syscalls, sys_enter_execve) { ran(2); bpf_trace_printk("hello from the jail"); return 0; }
RAW_TRACEPOINT_PROBE(sched_process_exec) { ran(3); return 0; }
''')
execve = bpf.get_syscall_fnname("execve")
bpf.attach_kprobe(event=execve, fn_name="entered")
bpf.attach_kretprobe(event=execve, fn_name="returned", maxactive=128)
lab_tracer.ready()
lab_tracer.wait_for_stop(poll=lambda: None)
runs = [bpf["runs"][ctypes.c_int(which)].value for which in range(4)]
lab_tracer.report(dict(zip(("kprobe", "kretprobe", "tracepoint", "raw_tracepoint"), runs)))
"""


def test_kprobes_kretprobes_tracepoints_and_raw_tracepoints_work(tracers: Tracers) -> None:
    tracers.session.order(RecorderOn(Recorder(("execve",), whole_host=True), timeout_s=320))
    name = tracers.start(TRACER)
    answer = tracers.ready(name)
    assert answer.ready, tracers.stop(name)
    before = tracers.session.order(CountRuns((name,))).runs[name]
    done = tracers.session.order(ExecCaller("alpha", execs=23, fail_execs=5, forks=3))
    assert done == Started(execs=23, fail_execs=5, forks=3)
    facts = tracers.facts(name)
    assert {one.kind for one in facts.programs} == {"kprobe", "tracepoint", "raw_tracepoint"}
    assert {"kprobe", "kretprobe"} <= {one.kind for one in facts.attachments}
    assert {one.where for one in facts.attachments if one.kind == "kretprobe"} <= {
        "__x64_sys_execve",
        "__arm64_sys_execve",
    }
    assert all(one.run_count >= 23 for one in facts.programs)
    assert len(before) == 4
    stopped = tracers.stop(name)
    assert stopped.run.ended_by == "sigint"
    assert all(runs >= 23 for runs in stopped.document.values())
    assert tracers.left_behind() == {name: ()}
    assert "hello from the jail" in tracers.session.order(TraceLines()).lines


def test_tracers_that_share_a_run_each_have_their_own_return_probes(tracers: Tracers) -> None:
    names = [tracers.start(TRACER) for _ in range(2)]
    assert [tracers.ready(name).ready for name in names] == [True, True]
    tracers.session.order(ExecCaller("alpha", execs=11))
    documents = [tracers.stop(name).document for name in names]
    assert all(document["kretprobe"] >= 11 for document in documents)


KILLED = TRACER.replace("lab_tracer.wait_for_stop(poll=lambda: None)", "os._exit(3)").replace(
    "import ctypes\n", "import ctypes, os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
)


def test_return_probes_of_a_tracer_that_did_not_detach_are_removed(tracers: Tracers, lab_host: Host) -> None:
    name = tracers.start(KILLED)
    tracers.ready(name)
    tracers.stop(name)
    left = tracers.left_behind()[name]
    assert [one.startswith("probe kprobes/r_") and "execve" in one for one in left] == [True]
    assert "_bcc_" not in lab_host.run(["cat", "/sys/kernel/tracing/kprobe_events"]).stdout


FORKING = """
import os, time
import lab_tracer
from bcc import BPF

bpf = BPF(text="int entered(void *ctx) { return 0; }")
execve = bpf.get_syscall_fnname("execve")
bpf.attach_kprobe(event=execve, fn_name="entered")
for _ in range(3):
    if os.fork() == 0:
        while True:
            time.sleep(1)
lab_tracer.ready()
lab_tracer.wait_for_stop()
"""


def test_children_of_a_tracer_do_not_make_its_attachments_more(tracers: Tracers) -> None:
    name = tracers.start(FORKING)
    assert tracers.ready(name).ready, tracers.stop(name)
    facts = tracers.facts(name)
    assert [one.kind for one in facts.attachments] == ["kprobe"]
    tracers.stop(name)
