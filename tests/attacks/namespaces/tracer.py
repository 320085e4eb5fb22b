# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Leaves its namespaces, or makes new ones in which it is powerful."""

import ctypes
from pathlib import Path

from attempts import attempt, call, end_with

KINDS = {"mount": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000}
KINDS |= {"pid": 0x20000000, "net": 0x40000000}
for kind, flag in KINDS.items():
    attempt(f"unshare {kind}", lambda: call("unshare", flag))
    attempt(f"clone {kind}", lambda: call("clone", flag | 17, 0, 0, 0, 0))
attempt("clone3", lambda: call("clone3", ctypes.create_string_buffer(88), 88))
attempt("setns", lambda: call("setns", Path("/proc/1/ns/mnt").open().fileno(), 0))
attempt("mount", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, 0))
attempt("umount", lambda: call("umount2", b"/run", 2))
attempt("fsopen", lambda: call("fsopen", b"tmpfs", 0))
attempt("open_tree", lambda: call("open_tree", -100, b"/", 1))
attempt("pivot_root", lambda: call("pivot_root", b"/tmp", b"/tmp"))
attempt("a file by its handle", lambda: call("open_by_handle_at", -100, ctypes.create_string_buffer(64), 0))
attempt("a handle", lambda: call("name_to_handle_at", -100, b"/", ctypes.create_string_buffer(64), 0, 0))
end_with({})
