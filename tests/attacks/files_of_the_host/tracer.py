# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Looks for the plan, the ledger and other people's sessions, and writes where results could lie."""

import os
from pathlib import Path

from attempts import any_of, attempt, end_with

HIDDEN = ("/run/lab", "/run/lab/sessions", "/run/lab/targets", "/run/lab/holder.json", "/run/docker")
for path in HIDDEN:
    attempt(f"seeing {path}", lambda: os.stat(path))
for path in ("/root", "/home", "/var/lib/docker", "/var/lib/containerd"):
    attempt(f"something in {path}", lambda: os.listdir(path)[0])

WORDS = ("seed", "ledger", "plan", "secret", "token", "password", "caller")
MINE = {"1", str(os.getpid())}
attempt(
    "another process", lambda: next(pid for pid in os.listdir("/proc") if pid.isdigit() and pid not in MINE)
)


def said_to_it():
    """What the environments and arguments in reach say of the run."""
    texts = [Path(f"/proc/{pid}/{what}").read_text() for pid in MINE for what in ("environ", "cmdline")]
    return next(word for word in WORDS if any(word in text.lower() for text in texts))


attempt("a secret in environment or arguments", said_to_it)
WRITTEN = (
    "/opt/lab/python/lab_tracer.py",
    "/opt/lab/onhost/session.py",
    "/opt/lab/verdict.json",
    "/run/attempt/tracer.py",
    "/run/lab/sessions/1/recording",
    "/run/verdict.json",
    "/etc/lab-was-here",
    "/usr/lib/python3/dist-packages/bcc/__init__.py",
    "/var/lib/lab-was-here",
    "/sys/kernel/tracing/tracing_on",
    "/sys/kernel/tracing/uprobe_events",
    "/sys/fs/cgroup/cgroup.procs",
    "/proc/sys/kernel/bpf_stats_enabled",
    "/proc/sys/kernel/core_pattern",
)
attempt("writing any of them", lambda: any_of(WRITTEN, lambda path: Path(path).write_text("1")))
end_with({})
