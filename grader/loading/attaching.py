"""What BCC says when a program, a place, a map or a file is not there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.loading.complaint import Complaint, Rule, complain
from grader.loading.python_code import own_line

RULES = (
    Rule(r"cannot attach uprobe, File exists", "two_programs_at_one_place",
         "there is a program of yours at this place already, and the lab takes one for each",
         "let one program do both, or attach it once: two names of a function may be one place (C1 and C2)"),
    Rule(r"Failed to attach BPF program b?'(\w+)' to k(?:ret)?probe b?'([^']+)'", "no_such_function",
         "the kernel has no function {1} that a probe can be put on",
         'ask for a system call\'s function: event=bpf.get_syscall_fnname("execve")'),
    Rule(r"Failed to attach BPF program b?'(\w+)' to tracepoint b?'([^']+)'", "no_such_tracepoint",
         "the kernel has no tracepoint {1}", "lab shell, then: ls /sys/kernel/tracing/events/syscalls"),
    Rule(r"Failed to attach BPF program b?'(\w+)' to (?:raw tracepoint|\w+) b?'?([^'\n]+)", "attach_failed",
         "the program {0} could not be attached to {1}", "is the name right, and does this kernel have it?"),
    Rule(r"attach_u(?:ret)?probe\([^\n]*addr=[\s\S]*(?:Failed to attach BPF to|could not determine address)",
         "address_for_offset",
         "the binary has nothing at the place where a probe should be put",
         "addr= is the address in the symbol table, not that in a running process; sym= finds it by itself"),
    Rule(r"could not (?:open|determine)[^\n]*?(?:symbol|uprobe|kprobe|binary)[^\n]*", "no_such_function",
         "the function or the binary that a probe should be put on is not there",
         "name=target.binary, sym= as in the symbol table, and no pid= (it is another in the jail)"),
    Rule(r"Unknown program b?'(\w+)'", "no_such_program",
         "your C file has no function {0}", "fn_name must be the name of a function in tracer.bpf.c"),
    Rule(r"Could not find file b?'([^']+)'", "source_not_found",
         "there is no file {0}", 'use src_file=str(Path(__file__).with_name("tracer.bpf.c"))'),
    Rule(r"Unable to find kernel headers|chdir\([^)]*\): No such file|Module kheaders not found",
         "no_headers",
         "the C compiler does not find this kernel's headers on the lab host", "lab doctor"),
)  # fmt: skip
MISSING_MAP = re.compile(r"in get_table\n.*?\n?KeyError", re.DOTALL)
MAP_OF = re.compile(r"\[\s*b?[\"']([^\"']+)[\"']\s*\]|get_table\(\s*b?[\"']([^\"']+)")


def attach_complaint(stderr: str, sources: Mapping[str, str]) -> Complaint | None:
    """The first thing that BCC did not find, at the learner's own line of Python."""
    line = own_line(stderr, sources)
    if MISSING_MAP.search(stderr) and line is not None:
        found = MAP_OF.search(line.text)
        name = (found[1] or found[2]) if found else "of that name"
        return Complaint(
            "no_such_map",
            f"{line}your C file has no map {name}",
            "the name in brackets must be the map's name in tracer.bpf.c",
            "KeyError",
        )
    return complain(RULES, stderr, line)
