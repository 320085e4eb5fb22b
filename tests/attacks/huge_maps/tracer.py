# expect: loaded limit_memory
# alone: it would disturb whoever shares its run
"""Takes two gigabytes as eBPF maps, until the kernel refuses, and then a little more as its own memory."""

import struct

from attempts import MAP_CREATE, bpf

ARRAY, BYTES = 2, 2**20
KEPT = []
try:
    while len(KEPT) < 64:
        KEPT.append(bpf(MAP_CREATE, struct.pack("=IIII", ARRAY, 4, BYTES, 32)))
except OSError as error:
    print(f"{len(KEPT)} maps of 32 MiB, then {error}", flush=True)
MORE = [bytearray(b"x") * 2**24 for _ in range(128)]
