# expect: loaded limit_output
# alone: it would disturb whoever shares its run
"""A gigabyte of output."""

while True:
    print("x" * 65536, flush=True)
