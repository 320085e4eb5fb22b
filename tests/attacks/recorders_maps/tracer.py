# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Opens the recorder's maps, programs and attachments by their numbers."""

import struct

from attempts import any_of, attempt, bpf, end_with

COMMANDS = {"programs": 13, "maps": 14, "types": 19, "attachments": 30}
NEXT = {"programs": 11, "maps": 12, "types": 23, "attachments": 31}
for what, command in COMMANDS.items():
    numbers = range(1, 400)
    attempt(
        f"opening {what}", lambda: any_of(numbers, lambda number: bpf(command, struct.pack("=I", number)))
    )
for what, command in NEXT.items():
    attempt(f"listing {what}", lambda: bpf(command, struct.pack("=I", 0)))
attempt("a pinned object", lambda: bpf(7, struct.pack("=Q", 0)))
end_with({})
