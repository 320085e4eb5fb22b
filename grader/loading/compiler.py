"""What clang, inside BCC, says about the C file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.loading.c_source import c_source
from grader.loading.complaint import Complaint, Rule, complain

RULES = (
    Rule(r"use of undeclared identifier '(\w+)'; did you mean '(\w+)'", "undeclared_name",
         "there is no {0} here; clang thinks that you mean {1}",
         "write {1}, or declare {0} before this line"),
    Rule(r"use of undeclared identifier '(\w+)'", "undeclared_name",
         "there is no {0} here", "declare it before this line, or mend its spelling"),
    Rule(r"call to undeclared library function '(\w+)'", "library_function",
         "{0} is a function of the C library; the kernel does not have it",
         "compare or copy byte by byte in a short loop, or leave that to tracer.py"),
    Rule(r"call to undeclared function '(\w+)'", "undeclared_function",
         "there is no function {0}", "mend its spelling, or define it (static inline) above this line"),
    Rule(r"(?:too few|too many) arguments to function call, expected (\d+), have (\d+)", "wrong_arguments",
         "this function takes {0} arguments and gets {1}",
         "bpf_get_current_comm(&name, sizeof(name)) fills a buffer of yours, it returns no text;"
         " bpf_get_current_pid_tgid() takes nothing"),
    Rule(r"expected ';'", "missing_semicolon",
         "a semicolon is missing at the end of this line", "write ; there"),
    Rule(r"expected '([)}}\]])'|expected '(.)'", "missing_bracket",
         "a {0}{1} is missing: something that was opened is not closed before this line",
         "close it; an editor shows which bracket belongs to which"),
    Rule(r"unknown type name '(\w+)'", "unknown_type",
         "there is no type {0}", "u32 and u64 are the usual ones; a struct needs `struct` before its name"),
    Rule(r"incomplete (?:definition of )?type '([^']+)'", "unknown_type",
         "{0} is not defined", "define it above this line, or mend its spelling"),
    Rule(r"no member named '(\w+)' in 'struct (\w+)_table_t'", "unknown_map_function",
         "the map {1} has no function {0}",
         "maps have lookup, update, delete, lookup_or_try_init, atomic_increment"),
    Rule(r"no member named '(\w+)' in '([^']+)'", "no_such_member",
         "{1} has no field {0}", "compare with the definition of {1}: spelling, and is the field there?"),
    Rule(r"subscripted value is not an array", "map_as_array",
         "a map is no array in C: square brackets do not work on it",
         "use counts.lookup(&key) and counts.update(&key, &value), or counts.atomic_increment(key)"),
    Rule(r"'([^']+)' file not found", "include_not_found",
         "there is no header {0} here",
         "BCC brings most types itself; <linux/sched.h> and <uapi/linux/ptrace.h> are there"),
    Rule(r"redefinition of '(\w+)'", "defined_twice",
         "{0} is defined twice", "give one of the two another name"),
    Rule(r"stack limit is exceeded", "stack_too_large",
         "the variables of this function need more than the 512 bytes of stack that a program has",
         "make the arrays smaller, or keep the large one in a BPF_PERCPU_ARRAY"),
    Rule(r"unsupported signed division", "signed_division",
         "a program in the kernel cannot divide signed numbers", "use unsigned types (u64) on both sides"),
    Rule(r"too many arguments", "too_many_arguments",
         "more arguments than a program can pass: bpf_trace_printk takes the text and at most 3 values",
         "print fewer values, or two lines"),
)  # fmt: skip


def compiler_complaint(stderr: str, sources: Mapping[str, str]) -> Complaint | None:
    """The first error of the C compiler; None when it has none."""
    source = c_source(stderr, sources)
    for found in re.finditer(
        r"^(?:error: )?(\S+?):(\d+):\d+: (?:(?:fatal )?error: |in function )(.*)$", stderr, re.MULTILINE
    ):
        path, number, said = found[1], int(found[2]), found[3]
        if path != "/virtual/main.c" and not path.endswith(tuple(sources) or (".bpf.c",)):
            continue
        # The back end counts the lines of the rewritten program, so its number is no line of the learner's.
        back_end = found[0].startswith("error: ")
        line = (
            source.function(said.split(" ", 1)[0])
            if back_end
            else source.line(number, quoted(stderr, found.end()))
        )
        return complain(RULES, said, line) or Complaint(
            "c_error", f"{line}{said}", "mend this line first; later errors often follow from it", said
        )
    return None


def quoted(stderr: str, after: int) -> str:
    """The source line that clang prints below an error, without its number."""
    following = stderr[after:].lstrip("\n").split("\n", 1)[0]
    return re.sub(r"^\s*\d+ \| ", "", following)
