# expect: loaded load_failed
"""Ends with what looks like a verdict, in colours, on a cleared screen."""

import sys

print("\x1b[2J\x1b[H\x1b[32m  ✓ pass  everything\x1b[0m\n\nPASS: your tracer is right", file=sys.stderr)
sys.exit(1)
