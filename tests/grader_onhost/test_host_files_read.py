"""Parts that read the kernel's files, given folders that look like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.onhost.contract.syscall_numbers import AARCH64, X86_64, wanted_numbers
from grader.onhost.contract.tracer_facts import Attachment
from grader.onhost.kernel import facts, trace_buffer
from grader.onhost.kernel.probe_events import remove_probes
from grader.onhost.kernel.unit_cgroup import UnitCgroup


def test_limits_that_were_hit_are_read_from_the_cgroup(tmp_path: Path) -> None:
    folder = tmp_path / "u.service"
    folder.mkdir()
    cgroup = UnitCgroup("u.service", tmp_path)
    assert cgroup.limit_hit() == ""
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\n")
    (folder / "pids.events").write_text("max 0\n")
    assert cgroup.limit_hit() == ""
    (folder / "pids.events").write_text("max 3\n")
    assert cgroup.limit_hit() == "tasks"
    (folder / "memory.events").write_text("oom 1\noom_kill 1\noom_group_kill 0\n")
    assert cgroup.limit_hit() == "memory"
    assert not cgroup.killed_by_host()


def test_a_host_without_memory_is_not_the_tracers_limit(tmp_path: Path) -> None:
    folder = tmp_path / "u.service"
    folder.mkdir()
    (folder / "memory.events").write_text("max 0\noom 0\noom_kill 1\n")
    cgroup = UnitCgroup("u.service", tmp_path)
    assert cgroup.limit_hit() == ""
    assert cgroup.killed_by_host()


def test_a_cgroup_that_is_gone_has_no_processes(tmp_path: Path) -> None:
    cgroup = UnitCgroup("gone.service", tmp_path)
    assert (cgroup.exists(), cgroup.pids(), cgroup.limit_hit()) == (False, [], "")
    cgroup.kill()


def test_probes_of_others_are_left_alone(tmp_path: Path) -> None:
    events = tmp_path / "kprobe_events"
    events.write_text("p:kprobes/mine do_sys_open\n")
    assert remove_probes(["kprobes/mine"], folder=tmp_path) == []
    assert remove_probes(folder=tmp_path / "missing") == []
    assert events.read_text() == "p:kprobes/mine do_sys_open\n"


def test_a_probe_that_came_during_the_session_is_removed_whatever_its_name(tmp_path: Path) -> None:
    events = tmp_path / "kprobe_events"
    events.write_text("p:kprobes/mine do_sys_open\nr128:kprobes/r_read_bcc_2 read\np:lab/left do_nanosleep\n")
    assert remove_probes(["kprobes/mine"], folder=tmp_path) == ["kprobes/r_read_bcc_2", "lab/left"]


def test_of_the_trace_buffer_only_what_programs_printed_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The folder is the kernel's own and cannot be passed in by the session's orders.
    monkeypatch.setattr(trace_buffer, "FOLDER", tmp_path)
    (tmp_path / "trace").write_text(
        "# tracer: nop\n  a-1 [0] 1.0: bpf_trace_printk: hello\n  b-2 [0] 1.1: tracing_mark_write: noise\n"
    )
    assert trace_buffer.printed_by_programs() == "  a-1 [0] 1.0: bpf_trace_printk: hello"
    (tmp_path / "trace_marker").touch()
    assert trace_buffer.write_noise(["one", "two"]) == 2


def test_epoll_wait_means_epoll_pwait_where_the_cpu_has_no_other() -> None:
    assert wanted_numbers(["epoll_wait", "readv"], "x86_64") == {"epoll_wait": 232, "readv": 19}
    assert wanted_numbers(["epoll_wait", "readv"], "aarch64") == {"epoll_pwait": 22, "readv": 65}
    assert set(X86_64) - set(AARCH64) == {"epoll_wait"}
    with pytest.raises(ValueError, match="nosuchcall"):
        wanted_numbers(["nosuchcall"], "x86_64")


def test_bpftools_words_become_facts() -> None:
    shown = {"pid": 7, "fd": 5, "prog_id": 9, "fd_type": "kretprobe", "func": "__x64_sys_read", "offset": 0}
    assert facts._attachment(shown) == Attachment(9, "kretprobe", "__x64_sys_read", 0)
    uprobe = {"pid": 7, "fd": 5, "prog_id": 9, "fd_type": "uprobe", "filename": "/bin/x", "offset": 4096}
    assert facts._attachment(uprobe).where == "/bin/x"
    program = facts._program({"id": 3, "type": "kprobe", "name": "probe", "run_cnt": 211})
    assert (program.run_count, program.recursion_misses, program.map_ids) == (211, 0, ())
