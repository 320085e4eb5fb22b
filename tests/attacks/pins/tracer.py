# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Pins a map so that it outlives the run."""

import struct
from pathlib import Path

from attempts import MAP_CREATE, OBJ_PIN, attempt, bpf, call, ctypes, end_with

TABLE = bpf(MAP_CREATE, struct.pack("=IIII", 1, 4, 8, 16))


def pin(path):
    """Under this path."""
    name = ctypes.create_string_buffer(path.encode())
    return bpf(OBJ_PIN, struct.pack("=QI", ctypes.addressof(name), TABLE))


attempt("in the kernel's folder", lambda: pin("/sys/fs/bpf/lab"))
attempt("in its own folder", lambda: pin("/tmp/lab"))
attempt("a folder for pins", lambda: Path("/sys/fs/bpf/more").mkdir())
attempt("a file system for pins", lambda: call("mount", b"bpf", b"/tmp", b"bpf", 0, 0))
end_with({})
