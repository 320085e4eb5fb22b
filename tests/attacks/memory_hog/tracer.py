# expect: loaded limit_memory
# alone: it would disturb whoever shares its run
"""Takes two gigabytes."""

KEPT = [bytearray(b"x") * 2**24 for _ in range(128)]
