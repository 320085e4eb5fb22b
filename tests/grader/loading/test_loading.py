"""Real complaints of clang, BCC, the verifier and Python, each with the program that caused it."""

import re
from pathlib import Path

import pytest

from grader.loading import translate

HERE = Path(__file__).parent

EXPECTED = {
    # the verifier
    "code_after_exit": ("unreachable_code", "tracer.bpf.c:4"),
    "global_variable": ("not_a_pointer", "tracer.bpf.c:8\n    total += 1;"),
    "helper_of_another_kind": ("helper_not_allowed", "tracer.bpf.c:7\n    bpf_skb_load_bytes("),
    "index_not_checked": ("index_unbounded", "tracer.bpf.c:13"),
    "index_past_the_end": ("out_of_bounds", "tracer.bpf.c:14\n    sample->slots[slot] += 1;"),
    "infinite_loop": ("endless_loop", "tracer.bpf.c:6\n    while (bpf_ktime_get_ns())"),
    "key_is_no_pointer": ("pointer_expected", "tracer.bpf.c:9\n    u64 *count = counts.lookup((u32 *)pid);"),
    "length_not_bounded": ("length_unbounded", "tracer.bpf.c:8"),
    "loop_too_long": ("endless_loop", "tracer.bpf.c:14"),
    "misaligned_stack": ("misaligned", "tracer.bpf.c:6"),
    "not_gpl": ("not_gpl", 'tracer.bpf.c:7\n    bpf_trace_printk("hello\\n");'),
    "number_as_pointer": ("not_a_pointer", "tracer.bpf.c:7\n    return *(volatile int *)now;"),
    "past_the_registers": ("bad_context_access", "tracer.bpf.c:6"),
    "program_too_long": ("program_too_long", "tracer.bpf.c:6"),
    "reserve_not_checked": ("null_not_checked", "tracer.bpf.c:10\n    event->ts_ns = bpf_ktime_get_ns();"),
    "reserved_and_forgotten": ("reserved_not_submitted", "tracer.bpf.c:9"),
    "result_not_set": ("result_not_set", "tracer.bpf.c:7"),
    "unchecked_lookup": ("null_not_checked", "tracer.bpf.c:10\n    *count += 1;"),
    "wrong_in_the_second": ("null_not_checked", "tracer.bpf.c:28\n    u64 spent = "),
    # clang, inside BCC
    "comm_as_result": ("wrong_arguments", "tracer.bpf.c:6\n    char *name = bpf_get_current_comm();"),
    "include_not_found": ("include_not_found", "tracer.bpf.c:2"),
    "inline_missing_semicolon": ("missing_semicolon", "tracer.py:12\n    counts.increment(name)\n"),
    "inline_undeclared_name": ("undeclared_name", "tracer.py:12\n    counts.increment(nam);\n"),
    "library_function": ("library_function", "tracer.bpf.c:8"),
    "map_as_variable": ("map_as_array", "tracer.bpf.c:9\n    counts[key] += 1;"),
    "missing_brace": ("missing_bracket", "tracer.bpf.c:9"),
    "missing_semicolon": ("missing_semicolon", "tracer.bpf.c:6\n    u64 start = bpf_ktime_get_ns()"),
    "no_such_member": ("no_such_member", "tracer.bpf.c:9"),
    "signed_division": ("signed_division", "tracer.bpf.c:4"),
    "stack_too_large": ("stack_too_large", "tracer.bpf.c:6"),
    "too_many_strings": ("too_many_arguments", "tracer.bpf.c:4"),
    "undeclared_function": ("undeclared_function", "tracer.bpf.c:6"),
    "undeclared_name": ("undeclared_name", "tracer.bpf.c:7\n    return strat > 0;"),
    "unknown_map_function": ("unknown_map_function", "tracer.bpf.c:9"),
    "unknown_type": ("unknown_type", "tracer.bpf.c:6"),
    # BCC's Python side
    "no_headers": ("no_headers", "tracer.py:10"),
    "no_such_kernel_function": ("no_such_function", "tracer.py:8"),
    "no_such_map": ("no_such_map", 'tracer.py:8\n    print(bpf["countz"])\nyour C file has no map countz'),
    "no_such_program": ("no_such_program", "tracer.py:8"),
    "no_such_tracepoint": ("no_such_tracepoint", "tracer.py:8"),
    "source_not_found": ("source_not_found", "tracer.py:5"),
    "syscall_by_bare_name": ("no_such_function", "tracer.py:8"),
    # clang, libbpf and bpftool, without BCC
    "libbpf_cpu_headers_missing": ("cpu_headers_not_found", "tracer.py: "),
    "libbpf_license_in_small_letters": ("symbol_twice", "tracer.py: "),
    "libbpf_map_with_types": ("map_types_not_readable", "tracer.py: "),
    "libbpf_missing_semicolon": ("missing_semicolon", "tracer.bpf.c:19\n    __u32 only = 0"),
    "libbpf_no_bounds_check": ("packet_not_checked", "tracer.bpf.c:21\n    if (eth->h_proto =="),
    "libbpf_no_debug_information": ("no_debug_information", "tracer.py: "),
    "libbpf_no_license": ("not_gpl", "tracer.bpf.c:21\n    bpf_printk("),
    "libbpf_null_not_checked": (
        "null_not_checked",
        "tracer.bpf.c:25\n    __sync_fetch_and_add(total, 1);",
    ),
    "libbpf_object_elsewhere": ("no_object_file", "tracer.py: "),
    "libbpf_pinned_twice": ("pinned_already", "tracer.py: "),
    "libbpf_section_unknown": ("section_unknown", "tracer.py: "),
    "libbpf_undeclared_name": ("undeclared_name", "tracer.bpf.c:23"),
    "libbpf_wrong_interface": ("no_such_interface", "tracer.py: "),
    "libbpf_wrong_pin": ("not_pinned", "tracer.py: "),
    # Python
    "import_not_found": ("python_import", "tracer.py:3\n    from bpfcc import BPF"),
    "name_error": ("python_name", "tracer.py:8\n    print(cuonts)\nthere is no cuonts here"),
    "python_syntax": ("python_syntax", "tracer.py:7"),
    "wrong_argument": ("python_error", "tracer.py:8"),
}


def text(name: str, otherwise: str) -> str:
    path = HERE / name
    return (path if path.exists() else HERE / otherwise).read_text()


def sources(name: str) -> dict[str, str]:
    hello, loader = (
        ("libbpf_hello.bpf.c", "libbpf_tracer.py.txt")
        if name.startswith("libbpf_")
        else ("hello.bpf.c", "default_tracer.py.txt")
    )
    return {
        "tracer.bpf.c": text(f"{name}.bpf.c", hello),
        "tracer.py": text(f"{name}.py.txt", loader),
    }


def test_every_captured_output_is_in_the_table() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in HERE.glob("*.stderr"))


@pytest.mark.parametrize("name", EXPECTED)
def test_real_output_is_translated_with_the_learners_own_line(name: str) -> None:
    cause, start = EXPECTED[name]
    complaint = translate(text(f"{name}.stderr", ""), sources(name))
    assert complaint is not None
    assert complaint.cause == cause
    assert complaint.message.startswith(start)
    assert complaint.hint
    assert complaint.said


@pytest.mark.parametrize("name", EXPECTED)
def test_the_cause_is_the_same_without_the_sources(name: str) -> None:
    complaint = translate(text(f"{name}.stderr", ""))
    assert complaint is not None
    assert complaint.cause == EXPECTED[name][0]


@pytest.mark.parametrize("name", [name for name, (_, start) in EXPECTED.items() if not start.endswith(": ")])
def test_the_named_line_is_the_learners_text(name: str) -> None:
    complaint = translate(text(f"{name}.stderr", ""), sources(name))
    assert complaint is not None
    place, shown = complaint.message.splitlines()[:2]
    file, number = place.rsplit(":", 1)
    assert sources(name)[file].splitlines()[int(number) - 1].strip() == shown.strip()


@pytest.mark.parametrize("stderr", ["", "hello\n", "warning: 3 samples\n", "WARNING: something\nREADY\n"])
def test_talk_is_no_complaint(stderr: str) -> None:
    assert translate(stderr) is None


def test_an_unknown_objection_is_shown_as_it_is() -> None:
    log = "bpf: Failed to load program: Permission denied\n0: R1=ctx()\nthe moon is full\nprocessed 1 insns\n"
    complaint = translate(log)
    assert complaint is not None
    assert complaint.cause == "verifier_rejected"
    assert "the moon is full" in complaint.message


def test_an_unknown_compiler_error_is_shown_at_its_line() -> None:
    complaint = translate(
        "/virtual/main.c:12:5: error: the moon is full\n   12 |     moon();\n      |     ^\n"
    )
    assert complaint is not None
    assert complaint.cause == "c_error"
    assert complaint.message == "tracer.bpf.c:12\n    moon();\nthe moon is full"


def test_a_jump_sequence_that_is_too_complex_is_a_loop_whose_end_the_kernel_does_not_see() -> None:
    log = (
        "libbpf: prog 'count_packets': BPF program load failed: Argument list too long\n"
        "libbpf: prog 'count_packets': -- BEGIN PROG LOAD LOG --\n"
        "; while (proto == bpf_htons(ETH_P_8021Q)) { @ tracer.bpf.c:21\n"
        "30: (15) if r3 == 0x81 goto pc-7\n"
        "The sequence of 8193 jumps is too complex.\n"
        "processed 57349 insns (limit 1000000) max_states_per_insn 4 total_states 900\n"
    )
    complaint = translate(log)
    assert complaint is not None
    assert complaint.cause == "endless_loop" and "upper limit" in complaint.hint


@pytest.mark.parametrize("name", ["libbpf_no_bounds_check", "unchecked_lookup", "reserve_not_checked"])
def test_no_advice_says_what_a_function_returns_that_the_lab_does_not_know(name: str) -> None:
    """In a function that names a packet's protocol, `return XDP_PASS;` is a wrong answer."""
    complaint = translate(text(f"{name}.stderr", ""), sources(name))
    assert complaint is not None
    assert not re.search(r"return (?:XDP_PASS|0);", complaint.hint)


def test_c_that_stands_twice_in_tracer_py_is_found_where_the_compiler_counts_it() -> None:
    name = "inline_undeclared_name"
    loader = sources(name)["tracer.py"]
    twice = loader.replace("program =", 'other = """\n    counts.increment(nam);\n"""\nprogram =')
    complaint = translate(text(f"{name}.stderr", ""), {**sources(name), "tracer.py": twice})
    assert complaint is not None
    assert complaint.message.startswith("tracer.py:15\n    counts.increment(nam);")


def test_c_that_tracer_py_puts_together_has_no_line_there() -> None:
    name = "inline_undeclared_name"
    loader = sources(name)["tracer.py"].replace("(nam)", "(%s)")
    complaint = translate(text(f"{name}.stderr", ""), {**sources(name), "tracer.py": loader})
    assert complaint is not None
    assert complaint.message.startswith("tracer.py\n    counts.increment(nam);")


def test_the_verifiers_line_is_found_in_tracer_py_where_the_c_stands_there() -> None:
    name = "unchecked_lookup"
    c = sources(name)["tracer.bpf.c"]
    loader = f'from bcc import BPF\n\nbpf = BPF(text=r"""{c}""")\n'
    complaint = translate(text(f"{name}.stderr", ""), {"tracer.bpf.c": "int other;\n", "tracer.py": loader})
    assert complaint is not None
    assert complaint.message.startswith("tracer.py:12\n    *count += 1;")


def test_a_warning_alone_is_no_complaint() -> None:
    assert translate("/virtual/main.c:7:1: warning: non-void function does not return a value\n") is None


@pytest.mark.parametrize(
    ("argument", "said", "cause"),
    [
        ("addr=0x55555592bdf0", "Failed to attach BPF to uprobe", "address_for_offset"),
        ("addr=0x55555592bdf0", "could not determine address of symbol b'' in b'/x'", "address_for_offset"),
        ('sym="main"', "could not determine address of symbol b'main' in b'/x'", "no_such_function"),
        ('sym="main"', "Failed to attach BPF to uprobe", "python_error"),
    ],
)
def test_an_address_that_the_binary_does_not_have_is_told_from_other_failures(
    argument: str, said: str, cause: str
) -> None:
    complaint = translate(
        "Traceback (most recent call last):\n"
        '  File "/attempt/tracer.py", line 9, in <module>\n'
        f'    bpf.attach_uprobe(name=target.binary, {argument}, fn_name="hello")\n'
        '  File "/usr/lib/python3/dist-packages/bcc/__init__.py", line 1468, in attach_uprobe\n'
        f"    raise Exception()\nException: {said}\n",
        {"tracer.py": ""},
    )
    assert complaint is not None
    assert complaint.cause == cause
