# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Signals and debugs other processes, and uses the kernel's files that do."""

import os
import signal
from pathlib import Path

from attempts import any_of, attempt, call, end_with

OTHERS = [pid for pid in range(2, 6000) if pid != os.getpid()]
attempt("a signal to any number", lambda: any_of(OTHERS, lambda pid: os.kill(pid, signal.SIGKILL)))
attempt("a signal to all", lambda: os.kill(-1, signal.SIGKILL))
attempt("a handle on any", lambda: any_of(OTHERS[:500], os.pidfd_open))
attempt("ptrace", lambda: call("ptrace", 16, 1, 0, 0))
attempt("another's memory", lambda: call("process_vm_writev", 1, 0, 0, 0, 0, 0))
GROUPS = ("system.slice/lab-recorder.service", "system.slice/docker.service", "system.slice/ssh.service", "")
for group in GROUPS:
    folder = Path("/sys/fs/cgroup", group)
    attempt(f"killing the cgroup {group}", lambda: (folder / "cgroup.kill").write_text("1"))
    attempt(f"freezing the cgroup {group}", lambda: (folder / "cgroup.freeze").write_text("1"))
    attempt(f"joining the cgroup {group}", lambda: (folder / "cgroup.procs").write_text("0"))
attempt("sysrq", lambda: Path("/proc/sysrq-trigger").write_text("i"))
attempt("reboot", lambda: call("reboot", 0, 0, 0, 0))
end_with({})
