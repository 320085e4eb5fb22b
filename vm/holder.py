"""A lab host that several people can reach serves one at a time; the others are told who has it."""

from __future__ import annotations

import contextlib
import getpass
import json
import platform
from collections.abc import Iterator, Sequence
from typing import Protocol

from vm.errors import HostInUse, HostUnavailable
from vm.line_process import LineProcess

ANSWER_S = 60.0
# The lock is the kernel's and belongs to this program, so it is free when the connection is gone, however it
# went; the file beside it only says who holds it.
HOLD = (
    'mkdir -p "$1" && cd "$1" && exec 9>>holder.lock || exit 1; '
    "if flock -n 9; then printf '%s\\n' \"$2\" > holder.json; echo held; cat > /dev/null; "
    "rm -f holder.json; else echo busy; cat holder.json; fi"
)


class Starts(Protocol):
    """Anything that can start a program on the lab host."""

    def start(self, argv: Sequence[str]) -> LineProcess: ...


@contextlib.contextmanager
def held(host: Starts, verb: str, folder: str = "/run/lab") -> Iterator[None]:
    """Hold `host` while the block runs. Raises HostInUse that names the holder when somebody else has it."""
    me = json.dumps({"who": f"{getpass.getuser()} on {platform.node()}", "verb": verb})
    with host.start(["sh", "-c", HOLD, "sh", folder, me]) as process:
        answer = process.read_line(ANSWER_S)
        if answer == "busy":
            raise HostInUse(_busy(process.read_line(ANSWER_S)), "lab up --host vm")
        if answer != "held":
            raise HostUnavailable(f"the lab host cannot be held: {process.stderr_text.strip()}", "lab doctor")
        yield


def _busy(line: str | None) -> str:
    try:
        holder = json.loads(line or "")
        return f"the lab host is in use: {holder['who']} runs `lab {holder['verb']}`"
    except (ValueError, KeyError, TypeError):
        return "the lab host is in use by somebody else"
