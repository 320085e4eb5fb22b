"""What the session holds of a jail with an attempt in it. The jail ends when nobody holds it any more."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from pathlib import Path
from typing import BinaryIO

from ..kernel.unit_cgroup import UnitCgroup
from .waiting import unit_of

LOOK_EVERY_S = 0.02
NOTE_BYTES = 64

_CREDENTIALS = struct.Struct("iII")
"""Process, user and group, as the kernel adds them to a message."""


class OccupiedJail:
    """Methods may be called from several threads."""

    def __init__(self, folder: Path, link: socket.socket, stdout: BinaryIO, stderr: BinaryIO) -> None:
        self.folder = folder
        self.stdout, self.stderr = stdout, stderr
        self.unit = unit_of(folder)
        self.cgroup = UnitCgroup(self.unit)
        self.exit_code: int | None = None
        """The tracer's as a shell would tell it, once it has ended; None when process 1 could not tell."""
        self.cpu_before_s = 0.0
        """CPU time that was used in the jail before there was a tracer."""
        self._link = link
        self._pid: int | None = None
        self._known = threading.Event()
        self._empty = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def tracer_pid(self) -> int | None:
        """Wait until the tracer runs; its number on the host, None when the jail ended instead."""
        self._known.wait()
        return self._pid

    def let_go(self) -> None:
        """The jail may end; what still runs in it ends too."""
        with contextlib.suppress(OSError):
            self._link.shutdown(socket.SHUT_WR)

    def ended_in(self, seconds: float) -> bool:
        """Whether the service is gone, waited for so long."""
        return self._empty.wait(seconds)

    def _read(self) -> None:
        """What the jail says, to its end. The first message is the tracer's, before any of its own code."""
        with self._link, contextlib.suppress(OSError, ValueError):
            while True:
                note, ancillary, _, _ = self._link.recvmsg(NOTE_BYTES, socket.CMSG_SPACE(_CREDENTIALS.size))
                if not note:
                    break
                if self._known.is_set():
                    self.exit_code = int(note)
                else:
                    self.cpu_before_s = self.cgroup.cpu_s()
                    self._pid = _CREDENTIALS.unpack(ancillary[0][2])[0]
                    self._known.set()
        self._known.set()
        while self.cgroup.exists():
            time.sleep(LOOK_EVERY_S)
        self._empty.set()
