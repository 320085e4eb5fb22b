"""Where a Python program is, from what its faulthandler says."""

from __future__ import annotations

import re

from ..jail.options import ATTEMPT_FOLDER

FRAME = re.compile(rf'^  File "{ATTEMPT_FOLDER}/(.+)", line (\d+) in ', re.MULTILINE)


def own_place(stack: str) -> str:
    """The innermost line of the attendee's own files, `tracer.py:12`; empty when none is in it."""
    found = FRAME.search(stack)
    return f"{found[1]}:{found[2]}" if found else ""
