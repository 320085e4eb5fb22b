"""What the kernel's verifier objects to.

Its log names the source line only when it refuses with "Permission denied": on "Invalid argument" BCC loads
once more without the line table. Line numbers in it count BCC's rewritten program, so a line is found by its
text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.loading.c_source import CSource, c_source
from grader.loading.complaint import Complaint, Line, Rule, complain

FAILED = re.compile(
    r"Failed to load (?:BPF )?program|BPF program load failed|^processed \d+ insns|Program +too large",
    re.MULTILINE,
)
REFUSED = re.compile(r"Failed to load BPF program b?'(\w+)'|prog '(\w+)': BPF program load failed")
AT = re.compile(r"^; (.*?) @ \S+?:(\d+)$")
MAP_NAME = re.compile(r"map_ptr\((?:[^)]*?)map=(\w+)")
REWRITTEN = re.compile(r"bpf_(?:map_)?(\w+?)(?:_elem)?\(\(void \*\)bpf_pseudo_fd\([^)]*\), ")
CALL = re.compile(r"call (?:bpf_)?(\w+)#\d+")
TRACEBACK = "Traceback (most recent call last)"

RULES = (
    Rule(r"invalid access to packet", "packet_not_checked",
         "this line reads the packet, and the kernel cannot see that the packet is that long",
         "compare with data_end before it: if ((void *)(header + 1) > data_end), and leave the function there"
         " with what it gives for a packet that ends too early"),
    Rule(r"invalid mem access '(?:map_value_or_null)'", "null_not_checked",
         "lookup() gives a null pointer when the key is not in the map, and this line uses it unasked",
         "check it first: if (!value), and leave the function there as it ends when there is nothing to do"),
    Rule(r"invalid mem access '(?:ringbuf_)?mem_or_null'", "null_not_checked",
         "ringbuf_reserve() gives a null pointer when the buffer is full, and this line uses it unasked",
         "check it first: if (!event), and leave the function there as it ends when there is nothing to do"),
    Rule(r"invalid mem access '(?:scalar|inv)'", "not_a_pointer",
         "this line reads memory through a plain number; directly, a program may only read its own stack, its"
         " maps and ctx (a global variable is none of them)",
         "copy it first: bpf_probe_read_kernel(&copy, sizeof(copy), pointer), or _user for a user's pointer"),
    Rule(r"invalid mem access '([^']+)'", "not_a_pointer",
         "this line reads memory that the program may not read directly ({0})",
         "copy it first: bpf_probe_read_kernel(&copy, sizeof(copy), pointer)"),
    Rule(r"infinite loop detected|back-edge|sequence of \d+ jumps is too complex", "endless_loop",
         "the kernel cannot see that this loop ends",
         "count with an upper limit that is a constant: for (int i = 0; i < 64; i++)"),
    Rule(r"(?:BPF program is too large|Program +too large|too many (?:instructions|insn)|processed 1000001)",
         "program_too_long",
         "the kernel follows every path through a program, at most 1,000,000 instructions,"
         " and gave up on this one",
         "make loops shorter, and move what can wait into tracer.py"),
    Rule(r"combined stack|stack (?:limit|depth)|invalid (?:indirect )?\w+ (?:to|from) stack",
         "stack_too_large",
         "this reaches outside the 512 bytes of stack that a program has, or reads what was never written",
         "make arrays smaller, and write = {{}} after each variable that is passed by address"),
    Rule(r"cannot use helper (?:bpf_)?(\w+)|unknown func (?:bpf_)?(\w+)", "helper_not_allowed",
         "bpf_{0}{1}() cannot be called from a program of this kind",
         "use a function that kprobes may call; bpf_skb_ and bpf_xdp_ ones belong to network programs"),
    Rule(r"R(\d+) !read_ok", "result_not_set",
         "a value is used that was never set (register {0}); often a function that ends without a return",
         "set every variable before it is read, and end every path with return 0;"),
    Rule(r"misaligned", "misaligned",
         "this line reads or writes a number at an address that is no multiple of its size",
         "take __attribute__((packed)) away, or copy byte by byte with __builtin_memcpy"),
    Rule(r"invalid access to map value, value_size=(\d+) off=(-?\d+) size=(\d+)", "out_of_bounds",
         "this reads or writes {2} bytes at offset {1} of a map's value that has {0} bytes",
         "an array of N ends at index N - 1: mend the loop's limit or the index"),
    Rule(r"unbounded (?:min|max|memory)|(?:min|max) value is outside of the", "index_unbounded",
         "the kernel cannot see that this index stays inside the value",
         "limit it right before: if (slot >= 16) return 0;"),
    Rule(r"min value is negative|R\d+ unbounded|invalid zero-sized read", "length_unbounded",
         "the kernel cannot see that this length fits the buffer",
         "use a constant, sizeof(buffer), or limit it before: length &= 15;"),
    Rule(r"unreachable insn", "unreachable_code",
         "the program holds code that can never run",
         "take the code after the last return, and empty asm, away"),
    Rule(r"GPL-(?:restricted|only|compatible)", "not_gpl",
         "this function may only be called by programs under the GPL, and yours says it is not",
         'with BCC, take "#define BPF_LICENSE ..." away; without: char LICENSE[] SEC("license") = "GPL";'),
    Rule(r"invalid bpf_context access off=(-?\d+)", "bad_context_access",
         "this reads ctx at offset {0}, where there is no register of the call",
         "use PT_REGS_PARM1(ctx) and its like, or name the call's arguments in syscall__..."),
    Rule(r"Unreleased reference", "reserved_not_submitted",
         "an entry that ringbuf_reserve() gave is neither submitted nor discarded on some path",
         "call events.ringbuf_submit(event, 0) or ringbuf_discard(event, 0) before each return after it"),
    Rule(r"R(\d+) type=(\w+) expected=", "pointer_expected",
         "a function wants an address of yours here, and gets a plain number",
         "pass the variable's address: counts.lookup(&key)"),
    Rule(r"pointer (?:arithmetic|comparison)|math between", "pointer_arithmetic",
         "the kernel does not allow this arithmetic on a pointer", "read the value first, then compute"),
)  # fmt: skip


def verifier_complaint(stderr: str, sources: Mapping[str, str]) -> Complaint | None:
    """What the verifier objected to; None when it was not asked."""
    if not FAILED.search(stderr):
        return None
    log = stderr.split(TRACEBACK, 1)[0].splitlines()
    objection = last_words(log)
    if not objection:
        return None
    source = c_source(stderr, sources)
    function = REFUSED.search(stderr)
    name = (function[1] or function[2]) if function else ""
    line = line_by_table(log, source) or line_by_call(log, source) or source.function(name)
    return complain(RULES, objection, line) or Complaint(
        "verifier_rejected",
        f"{line}the kernel refuses the program: {objection}",
        "the line above is the last one the kernel looked at",
        objection,
    )


def last_words(log: list[str]) -> str:
    """The objection: what stands between the last instruction and `processed N insns`."""
    end = next((index for index, text in enumerate(log) if text.startswith("processed ")), len(log))
    words: list[str] = []
    for text in reversed(log[:end]):
        # The states that follow an endless loop are no words, and neither are instructions.
        if text.startswith((";", "cur state", "old state")) or not text.strip():
            continue
        if re.match(r"^(?:from )?\d+:? ", text) and "infinite loop" not in text:
            break
        words.insert(0, text.strip())
        if "infinite loop" in text:
            break
    return "\n".join(words)


def line_by_table(log: list[str], source: CSource) -> Line | None:
    """The last source line in the log, found in the learner's file by its text."""
    found = next((found for text in reversed(log) if (found := AT.match(text))), None)
    if found is None:
        return None
    rewritten = REWRITTEN.search(found[1])
    text = own_words(found[1], log)
    start = text[: rewritten.start()] + f"{map_name(log)}." if rewritten else text
    # BCC only ever adds lines, so the learner's line is no later than the rewritten one; clang adds none.
    places = [
        (number, own)
        for number, own in source.lines()
        if number - source.first < int(found[2])
        and squeeze(start)
        and squeeze(own).startswith(squeeze(start))
    ]
    return Line(source.file, *places[-1]) if places else Line(source.file, 0, text)


def own_words(rewritten: str, log: list[str]) -> str:
    """`bpf_map_lookup_elem((void *)bpf_pseudo_fd(1, -1), &key)` -> `counts.lookup(&key)`."""
    return REWRITTEN.sub(rf"{map_name(log)}.\1(", rewritten)


def map_name(log: list[str]) -> str:
    """The map that the log speaks of last."""
    names = [found[1] for text in log for found in MAP_NAME.finditer(text)]
    return names[-1] if names else "map"


def line_by_call(log: list[str], source: CSource) -> Line | None:
    """The line that calls what the verifier looked at last, when only one line does."""
    calls = [found[1] for text in log if (found := CALL.search(text))]
    if any(text.startswith("Unreleased reference") for text in log):
        calls = [call for call in calls if call.endswith("reserve")]
    for call in reversed(calls):
        word = re.sub(r"^map_(\w+)_elem$", r"\1", call)
        places = [(number, text) for number, text in source.lines() if f"{word}(" in text]
        if len(places) == 1:
            return Line(source.file, *places[0])
    return None


def squeeze(text: str) -> str:
    """Without spaces, for comparing."""
    return re.sub(r"\s+", "", text)
