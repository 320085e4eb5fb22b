# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Devices, kernel modules, keys, the kernel's log, io_uring: all that no tracer needs."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

from attempts import attempt, call, end_with

DEVICES = ("mem", "kmem", "port", "vda", "kmsg", "console", "ttyS0", "fuse", "kvm", "net/tun", "loop-control")
for device in DEVICES:
    attempt(f"/dev/{device}", lambda: Path("/dev", device).open("rb"))
attempt("a device file", lambda: os.mknod("/tmp/disk", 0o060600, os.makedev(254, 0)))
attempt("the kernel's memory", lambda: Path("/proc/kcore").open("rb"))
attempt("a module", lambda: call("init_module", 0, 0, b""))
attempt("another kernel", lambda: call("kexec_load", 0, 0, 0, 0))
attempt("a key", lambda: call("add_key", b"user", b"lab", b"x", 1, -4))
attempt("asking for a key", lambda: call("request_key", b"user", b"lab", 0, -4))
attempt("the keyrings", lambda: call("keyctl", 0, -4, 0))
attempt("emptying the kernel's log", lambda: call("syslog", 5, 0, 0))
attempt("the kernel's log on the console", lambda: call("syslog", 8, 0, 8))
attempt("io_uring", lambda: call("io_uring_setup", 8, ctypes.create_string_buffer(120)))
attempt("userfaultfd", lambda: call("userfaultfd", 0))
attempt("swap", lambda: call("swapon", b"/tmp/x", 0))
# The lab looks for such a line on the machine's console.
CRASH = "import ctypes; open('/proc/self/comm', 'w').write('Kernel panic - '); ctypes.string_at(0)"
subprocess.run([sys.executable, "-c", CRASH], check=False)
end_with({})
