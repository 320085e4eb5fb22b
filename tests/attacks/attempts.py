"""What attacks are written with; the suite puts it beside each attack's tracer.

An attack says what came of everything it tries, one line each: `attack: <what>: refused (...)`, or `done`.
"""

import ctypes
import os
import platform
import struct

import lab_tracer

libc = ctypes.CDLL(None, use_errno=True)

# name: (x86_64, aarch64)
NUMBERS = {
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "fsopen": (430, 430),
    "init_module": (175, 105),
    "io_uring_setup": (425, 425),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}

MAP_CREATE, PROG_LOAD, OBJ_PIN = 0, 5, 6
KPROBE, TRACING, SYSCALL = 2, 26, 31


def attempt(what, do):
    """Try it, and say what came of it."""
    try:
        said = f"done ({do()!r})"
    except BaseException as error:
        said = f"refused ({type(error).__name__}: {error})"
    print(f"attack: {what}: {said[:200]}", flush=True)


def call(name, *words):
    """A system call by its name; its result. Raises OSError."""
    result = libc.syscall(NUMBERS[name][platform.machine() == "aarch64"], *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def any_of(things, do):
    """Do it for each; those that worked. Raises the last error when none did."""
    worked, last = [], LookupError("nothing to try")
    for thing in things:
        try:
            do(thing)
            worked.append(thing)
        except OSError as error:
            last = error
    if not worked:
        raise last
    return worked


def bpf(command, attribute):
    """The bpf system call with these bytes as its attribute."""
    room = ctypes.create_string_buffer(attribute.ljust(128, b"\0"), 128)
    return call("bpf", command, room, 128)


def instruction(code, registers=0, offset=0, value=0):
    """One eBPF instruction; `registers` is source * 16 + destination."""
    return struct.pack("=BBhi", code, registers, offset, value)


CALL, EXIT = 0x85, instruction(0x95)
RETURN_0 = instruction(0xB7) + EXIT


def calls(helper, source=0):
    """A program that calls this helper with zeros and returns 0."""
    zeros = b"".join(instruction(0xB7, register) for register in range(1, 6))
    return zeros + instruction(CALL, source * 16, 0, helper) + RETURN_0


def load(code, kind=KPROBE, attach=0, btf=0):
    """Load a program; its descriptor. Raises OSError."""
    kept = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b"GPL")
    attribute = struct.pack("=IIQQ", kind, len(code) // 8, *map(ctypes.addressof, kept)).ljust(68, b"\0")
    attribute += struct.pack("=I", attach).ljust(40, b"\0") + struct.pack("=I", btf)
    return bpf(PROG_LOAD, attribute)


def end_with(counts):
    """Say READY, wait, and report these numbers, which nothing has counted."""
    lab_tracer.ready()
    lab_tracer.wait_for_stop()
    lab_tracer.report({"counts": counts})
