# expect: probes_on_both_functions nothing_attached
# alone: it would disturb whoever shares its run
# exercise: 5
"""Empties the kernel's list of probes in programs, and adds probes of its own in the lab's Python."""

from pathlib import Path

from attempts import attempt, end_with

LIST = Path("/sys/kernel/tracing/uprobe_events")
KERNEL = LIST.with_name("kprobe_events")


def add(line):
    """One more probe."""
    with LIST.open("r+b", buffering=0) as file:
        file.write(line)


attempt("the list emptied", lambda: LIST.write_text(""))
attempt("a probe in Python", lambda: add(b"p:lab/in_python /usr/bin/python3:0x1000\n"))
attempt("a probe in another program", lambda: add(b"r:kprobes/in_env /usr/bin/env:0x2000\n"))
attempt("a probe in the kernel", lambda: KERNEL.write_text("p:lab/x vfs_read\n"))
end_with({})
