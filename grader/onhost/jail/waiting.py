"""A jail that waits for its attempt, from outside; sitecustomize.py is what waits inside.

Every tracer gets into its jail this way, whether the jail was started for it or ahead (spare.py).
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..contract.jail_kind import JailKind
from ..contract.services import TRACER_UNIT_PREFIX
from .options import Means, jail_command, systemd_version

DOOR = "door"
FILES = "files"
"""In a jail's folder: the attempt. The jail sees it elsewhere, and read-only."""


def unit_of(folder: Path) -> str:
    """The service of the jail that this folder belongs to."""
    return f"{TRACER_UNIT_PREFIX}{folder.name}.service"


def start_jail(folder: Path, kind: JailKind, means: Sequence[Means] = (), errors: int | None = None) -> None:
    """Start one that waits, with a folder of its own; what systemd has against it is written to `errors`.

    Returns at once. A jail that waits outlives this process.
    """
    (folder / FILES).mkdir(parents=True)
    argv = jail_command(unit_of(folder), str(folder / FILES), kind, systemd=systemd_version(), means=means)
    # Python looks at its start what its streams are. They are pipes, as those it gets with the attempt.
    reading, writing = os.pipe()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(str(folder / DOOR))
        door.listen(1)
        process = subprocess.Popen(
            argv, stdin=door.fileno(), stdout=writing, stderr=errors or writing, start_new_session=True
        )
    os.close(reading)
    os.close(writing)
    threading.Thread(target=process.wait, daemon=True).start()


def knock(folder: Path) -> socket.socket:
    """The session's end of a link to process 1 of the jail. Raises OSError when nobody waits there."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        link.connect(str(folder / DOOR))
    except OSError:
        link.close()
        raise
    return link


def let_in(
    link: socket.socket, environment: Mapping[str, str], skip_pids: int, stdout: int, stderr: int
) -> None:
    """The attempt's files are there: it runs with this environment and these streams, and with nothing else.

    Its process number in the jail is `skip_pids` + 2.
    """
    variables = [f"{name}={value}" for name, value in environment.items()]
    message = "\0".join([str(skip_pids), *variables]).encode()
    socket.send_fds(link, [message], [stdout, stderr])
