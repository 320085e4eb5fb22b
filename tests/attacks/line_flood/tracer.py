# expect: loaded limit_output
# alone: it would disturb whoever shares its run
"""Millions of empty lines: few bytes, and work for whoever reads them."""

import sys

while True:
    sys.stdout.write("\n" * 65536)
