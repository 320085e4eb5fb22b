"""What clang, libbpf and bpftool say when a program is built, loaded and attached without BCC."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.loading.complaint import Complaint, Line, Rule, complain
from grader.loading.python_code import own_line

RULES = (
    Rule(r"'(asm/[\w.]+)' file not found", "cpu_headers_not_found",
         "clang does not find {0}: the headers of this kind of CPU lie in a folder of their own",
         'give clang "-I/usr/include/" + platform.machine() + "-linux-gnu"'),
    Rule(r"symbol '(\w+)' is already defined", "symbol_twice",
         "{0} is the name of a variable and of its section",
         'write the variable in capitals: char LICENSE[] SEC("license") = "GPL";'),
    Rule(r"failed to (?:get|load) btf", "map_types_not_readable",
         "bpftool may not look up the types of this map in the lab's jail",
         "give the map sizes, not types: __uint(key_size, sizeof(__u32)); __uint(value_size, sizeof(...));"),
    Rule(r"BTF is required|No BTF|BTF .*missing", "no_debug_information",
         "libbpf needs to know the types in your program, and they are not in the object file",
         "compile with clang -g"),
    Rule(r"bpf obj get \(([^)]+)\): No such file", "not_pinned",
         "nothing is pinned at {0}", "compare with the path that you gave to bpftool prog load"),
    Rule(r"path '([^']+)' already exists|failed to pin[^\n]*File exists|pin[^\n]*: -17", "pinned_already",
         "something is pinned under this name already", "use another name, or delete the old pin first"),
    Rule(r"elf: failed to open (\S+): No such file", "no_object_file",
         "there is no object file {0}", "does clang write it (-c ... -o ...) where bpftool looks for it?"),
    Rule(r"failed to guess program type from ELF section '([^']*)'|check ELF section name '([^']*)'",
         "section_unknown",
         "libbpf cannot tell what kind of program stands in the section {0}{1}",
         'write SEC("xdp") before the function'),
    Rule(r"object file doesn't contain (?:any )?bpf program", "no_program",
         "the object file holds no program", 'write SEC("xdp") before the function'),
    Rule(r"invalid devname (\S+)", "no_such_interface",
         "there is no interface {0} in the network of your tracer",
         "its name is in lab_tracer.interface (LAB_INTERFACE)"),
    Rule(r"interface \S+ attach failed[^\n]*", "xdp_not_attached",
         "the program could not be attached to the interface", "is it the interface in LAB_INTERFACE?"),
    Rule(r"invalid (?:net interface|attach/detach type)[^\n]*|Error: expected '[^\n]*", "bpftool_words",
         "bpftool does not understand its arguments",
         "it wants: bpftool net attach xdpgeneric pinned PATH dev NAME"),
    Rule(r"(?m)^Error: ([^\n]*)|\"error\":\"([^\"]*)", "bpftool_error", "bpftool says: {0}{1}",
         "bpftool help   # in: lab shell"),
    Rule(r"(?m)^libbpf: ([^\n]{1,200})", "bpftool_error", "libbpf says: {0}", "`lab run` shows all of it"),
)  # fmt: skip

SPEAKS = re.compile(
    r"^(?:libbpf: |Error: |error: symbol |\[?\{\"error\":)|'asm/[\w.]+' file not found", re.MULTILINE
)


def bpftool_complaint(stderr: str, sources: Mapping[str, str]) -> Complaint | None:
    """The first complaint that is known, at the learner's line of Python where there is one."""
    if not SPEAKS.search(stderr):
        return None
    line = own_line(stderr, sources) or Line("tracer.py")
    return next((found for rule in RULES if (found := complain((rule,), stderr, line))), None)
