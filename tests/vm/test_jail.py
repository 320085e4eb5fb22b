"""What a tracer must not be able to do, each thing tried in the real jail."""

from __future__ import annotations

import json

import pytest

from grader.host import Host
from grader.onhost.contract.host_orders import MeasureYardstick
from grader.onhost.contract.tracer_orders import CountRuns
from tests.vm.conftest import Tracers

pytestmark = pytest.mark.lab_host


def refused(came: dict[str, str]) -> dict[str, str]:
    """Those attempts that did succeed: none should be left."""
    return {attempt: result for attempt, result in came.items() if result.startswith("done")}


def test_nsenter_does_not_lead_out(tracers: Tracers) -> None:
    came = tracers.tried(
        "subprocess.run(['nsenter', '-t', '1', '-m', '-n', 'true'], check=True)",
        "subprocess.run(['unshare', '-m', 'true'], check=True)",
        "subprocess.run(['mount', '-t', 'tmpfs', 'none', '/tmp'], check=True)",
        "subprocess.run(['chroot', '/proc/1/root', 'true'], check=True)",
    )
    assert set(came.values()) == {"CalledProcessError"}


def test_system_calls_that_lead_out_are_refused(tracers: Tracers) -> None:
    came = tracers.tried(
        "call('ptrace', 16, 1, 0, 0)",
        "call('setns', 0, 0)",
        "call('unshare', 0x20000)",
        "call('mount', 0, 0, 0, 0, 0)",
        "call('process_vm_writev', 1, 0, 0, 0, 0, 0)",
        "call('kexec_load', 0, 0, 0, 0)",
        "call('reboot', 0, 0, 0, 0)",
        "call('open_by_handle_at', 0, 0, 0)",
        set_up=SYSTEM_CALLS,
    )
    assert set(came.values()) == {"PermissionError"}


SYSTEM_CALLS = """
NUMBERS = {
    "x86_64": dict(ptrace=101, setns=308, unshare=272, mount=165, process_vm_writev=311, kexec_load=246,
                   reboot=169, open_by_handle_at=304),
    "aarch64": dict(ptrace=117, setns=268, unshare=97, mount=40, process_vm_writev=271, kexec_load=104,
                    reboot=142, open_by_handle_at=265),
}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)

def call(name, *words):
    if libc.syscall(NUMBERS[name], *words) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""


def test_the_recorders_maps_cannot_be_opened_by_their_ids(tracers: Tracers, lab_host: Host) -> None:
    maps = json.loads(lab_host.run(["bpftool", "-j", "map", "show"]).stdout)
    (ours,) = (str(one["id"]) for one in maps if one.get("name") == "raw_started")
    dump = ["bpftool", "map", "dump", "id", ours]
    assert lab_host.run(dump).exit_code == 0
    came = tracers.tried(f"subprocess.run({dump!r}, check=True)")
    assert set(came.values()) == {"CalledProcessError"}


def test_no_other_process_can_be_signalled_or_seen(tracers: Tracers, lab_host: Host) -> None:
    show = ["systemctl", "show", "-P", "MainPID", "lab-recorder.service", "ssh.service"]
    pids = lab_host.run(show).stdout.split()
    came = tracers.tried(
        *(f"os.kill({pid}, 9)" for pid in pids),
        *(f"os.readlink('/proc/{pid}/exe')" for pid in pids),
    )
    assert refused(came) == {}
    assert lab_host.run(show).stdout.split() == pids


def test_there_is_no_network(tracers: Tracers) -> None:
    came = tracers.tried(
        "socket.create_connection(('127.0.0.1', 22), 2)",
        "socket.create_connection(('10.0.2.2', 22), 2)",
    )
    assert refused(came) == {}


def test_no_daemon_can_be_asked(tracers: Tracers, lab_host: Host) -> None:
    sockets = [
        "/run/lab/recorder.sock",
        "/run/docker.sock",
        "/var/run/docker.sock",
        "/run/systemd/private",
        "/run/dbus/system_bus_socket",
    ]
    assert lab_host.run(["test", "-S", sockets[0]]).exit_code == 0
    came = tracers.tried(*(f"socket.socket(socket.AF_UNIX).connect({path!r})" for path in sockets))
    assert refused(came) == {}


def test_nothing_of_the_host_can_be_written(tracers: Tracers) -> None:
    paths = [
        "/usr/lab-was-here",
        "/etc/lab-was-here",
        "/opt/lab/python/lab_tracer.py",
        "/var/lib/lab-was-here",
        "/run/lab-was-here",
        "/run/attempt/tracer.py",
        "/sys/kernel/tracing/tracing_on",
        "/sys/kernel/tracing/kprobe_events",
        "/sys/fs/cgroup/cgroup.procs",
        "/sys/fs/cgroup/system.slice/lab-recorder.service/cgroup.kill",
        "/proc/sys/kernel/bpf_stats_enabled",
        "/proc/sysrq-trigger",
    ]
    assert refused(tracers.tried(*(f"Path({path!r}).write_text('1')" for path in paths))) == {}


def test_disks_and_containers_are_out_of_sight(tracers: Tracers) -> None:
    came = tracers.tried("open('/dev/vda', 'rb')", "os.mknod('/tmp/disk', 0o060600, 0xfe00)")
    assert refused(came) == {}
    came = tracers.tried("os.listdir('/var/lib/docker')", "os.listdir('/root')", "os.listdir('/home')")
    assert set(came.values()) == {"done []"}


def test_a_tracer_may_use_its_temporary_folder_up_to_a_limit(tracers: Tracers) -> None:
    came = tracers.tried(
        "Path('/tmp/small').write_bytes(b'x')", "Path('/tmp/large').write_bytes(bytes(2**27))"
    )
    assert list(came.values()) == ["done 1", "OSError"]


def test_a_tracer_that_deletes_its_folder_keeps_it_and_the_next_one_runs(tracers: Tracers) -> None:
    came = tracers.tried("subprocess.run(['rm', '-rf', '/run/attempt'], check=True)")
    assert set(came.values()) == {"CalledProcessError"}
    assert tracers.tried("1") == {"1": "done 1"}


LOOP = "import time\nprint('READY', flush=True)\n{}\nwhile True:\n    time.sleep(0.1)\n"


def test_a_fork_bomb_ends_at_the_limit_of_tasks(tracers: Tracers) -> None:
    bomb = LOOP.format(
        "import os\nfor _ in range(500):\n    try:\n        os.fork()\n    except OSError:\n        pass"
    )
    answer = tracers.run(bomb)
    assert (answer.run.ended_by, answer.run.limit) == ("limit", "tasks")


def test_a_gigabyte_of_output_ends_at_the_limit_of_output(tracers: Tracers, lab_host: Host) -> None:
    name = tracers.start("print('READY', flush=True)\nwhile True:\n    print('x' * 65536, flush=True)\n")
    tracers.ready(name)
    # Until it was ended: asked for facts of a tracer without processes, the session has none.
    while tracers.session.order(CountRuns((name,))).pids[name]:
        pass
    answer = tracers.stop(name)
    assert (answer.run.ended_by, answer.run.limit) == ("limit", "output")
    assert answer.stopped.output_exceeded
    assert answer.stopped.after.bytes < 2**24


def test_too_much_memory_ends_at_the_limit_of_memory(tracers: Tracers) -> None:
    name = tracers.start("keep = [bytearray(b'x') * 2**24 for _ in range(96)]\n")
    assert tracers.ready(name).ended_by == "limit"
    answer = tracers.stop(name)
    assert (answer.run.ended_by, answer.run.limit) == ("limit", "memory")


def test_a_tracer_that_ignores_sigint_is_killed(tracers: Tracers) -> None:
    name = tracers.start("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + LOOP.format(""))
    assert tracers.ready(name).ready
    assert tracers.stop(name, grace_s=1).run.ended_by == "killed"


def test_a_tracer_that_waits_without_ready_is_ended_and_says_where(tracers: Tracers) -> None:
    name = tracers.start("import time\nwhile True:\n    time.sleep(0.1)\n")
    assert tracers.ready(name, asleep_s=3).ended_by == "not_ready"
    stopped = tracers.stop(name)
    assert (stopped.run.ended_by, stopped.run.stuck_at) == ("not_ready", "tracer.py:3")


def test_a_forgotten_ready_is_known_before_anything_was_waited_for(tracers: Tracers) -> None:
    name = tracers.start("import lab_tracer\n\nlab_tracer.wait_for_stop()\n")
    assert tracers.ready(name, asleep_s=600).ended_by == "not_ready"
    assert tracers.stop(name).run.stuck_at == "tracer.py:3"


def test_a_tracer_that_computes_without_end_is_late_beside_one_of_ours(tracers: Tracers) -> None:
    name = tracers.start("while True:\n    pass\n")
    assert tracers.ready(name, cpu_s=2, times=1).ended_by == "late"
    assert tracers.session.order(MeasureYardstick()).cpu_s > 0
    stopped = tracers.stop(name)
    assert (stopped.run.ended_by, stopped.run.stuck_at.partition(":")[0]) == ("late", "tracer.py")


def test_a_tracer_that_prints_a_hosts_excuse_is_not_believed(tracers: Tracers) -> None:
    line = "Failed to start transient service unit: no"
    name = tracers.start(f"import sys\nprint({line!r}, file=sys.stderr)\nraise SystemExit(1)\n")
    tracers.ready(name)
    assert tracers.stop(name).run.refusal == ""


def test_a_tracer_that_ends_by_itself_has_exited_with_its_code(tracers: Tracers) -> None:
    name = tracers.start("raise SystemExit(7)\n")
    assert tracers.ready(name).ended_by == "exited"
    answer = tracers.stop(name)
    assert (answer.run.ended_by, answer.run.exit_code) == ("exited", 7)


def test_what_a_tracer_leaves_running_ends_with_it(tracers: Tracers, lab_host: Host) -> None:
    answer = tracers.run(
        "import subprocess, lab_tracer\n"
        "subprocess.Popen(['sleep', '987654'], start_new_session=True)\n"
        "lab_tracer.ready()\nlab_tracer.wait_for_stop()\nlab_tracer.report({'done': 1})\n"
    )
    assert (answer.run.ended_by, answer.document) == ("sigint", {"done": 1})
    assert lab_host.run(["pgrep", "-f", "slee[p] 987654"], check=False).exit_code == 1


LOADS = """
import ctypes, platform, struct
import lab_tracer

def load(*code):
    raw = b"".join(struct.pack("=BBhi", *one) for one in code)
    kept = ctypes.create_string_buffer(raw), ctypes.create_string_buffer(b"GPL")
    room = ctypes.create_string_buffer(struct.pack("=IIQQ", 2, len(code), *map(ctypes.addressof, kept)), 128)
    return ctypes.CDLL(None).syscall({"x86_64": 321, "aarch64": 280}[platform.machine()], 5, room, 128) > 0

end = ((0xB7, 0, 0, 0), (0x95, 0, 0, 0))
came = dict(plain=load(*end), kills=load((0xB7, 1, 0, 9), (0x85, 0, 0, 109), *end))
lab_tracer.ready()
lab_tracer.wait_for_stop()
lab_tracer.report(came)
"""


def test_a_program_that_would_kill_others_is_refused_and_the_session_says_whose_it_was(
    tracers: Tracers,
) -> None:
    answer = tracers.run(LOADS)
    assert (answer.document, answer.stopped.refused) == (
        {"plain": True, "kills": False},
        ("bpf_send_signal",),
    )
    assert tracers.run(LOADS.replace("109", "5")).stopped.refused == ()


def test_probes_under_any_name_are_taken_away_and_told(tracers: Tracers, lab_host: Host) -> None:
    name = tracers.start(
        "import lab_tracer\nfile = open('/sys/kernel/tracing/kprobe_events', 'r+b', buffering=0)\n"
        "file.write(b'p:lab/left do_nanosleep\\n')\nlab_tracer.ready()\nlab_tracer.wait_for_stop()\n"
    )
    assert tracers.ready(name).ready
    tracers.stop(name)
    assert tracers.left_behind() == {name: ("probe lab/left",)}
    assert lab_host.run(["cat", "/sys/kernel/tracing/kprobe_events"]).stdout == ""
