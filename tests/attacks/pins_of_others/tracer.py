# expect: xdp_on_the_interface nothing_attached
# tries: refused
# exercise: 10
"""Has a place for pins of its own, and reaches for those of others."""

import struct
from pathlib import Path

from attempts import MAP_CREATE, OBJ_PIN, any_of, attempt, bpf, call, ctypes, end_with
from lab_tracer import pins

OBJ_GET, PROG_GET_FD_BY_ID, MAP_GET_FD_BY_ID = 7, 13, 14
TABLE = bpf(MAP_CREATE, struct.pack("=IIII", 1, 4, 8, 16))


def by_path(command, path, number=0):
    """Pin or open under this path."""
    name = ctypes.create_string_buffer(path.encode())
    return bpf(command, struct.pack("=QI", ctypes.addressof(name), number))


def every_number(command):
    """Whatever the host has loaded."""
    return any_of(range(1, 400), lambda number: bpf(command, struct.pack("=I", number)))


attempt("a pin outside its own place", lambda: by_path(OBJ_PIN, "/run/lab", TABLE))
attempt("a pin above its own place", lambda: by_path(OBJ_PIN, f"{pins}/../lab", TABLE))
attempt(
    "pins of a session", lambda: by_path(OBJ_GET, next(map(str, Path("/run/lab/sessions").rglob("*.pins/*"))))
)
attempt("programs by number", lambda: every_number(PROG_GET_FD_BY_ID))
attempt("maps by number", lambda: every_number(MAP_GET_FD_BY_ID))
attempt("another place for pins", lambda: call("mount", b"bpf", b"/tmp", b"bpf", 0, 0))
end_with({})
