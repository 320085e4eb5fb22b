"""QEMU's monitor: connect, ask, leave. QEMU serves one client at a time, so nobody stays."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qemu.qmp import QMPError
from qemu.qmp.legacy import QEMUMonitorProtocol

from vm.progress_watch import Sign, Watch

ANSWER_S = 10.0
"""QEMU answers at once; on a machine with more work than CPUs its turn comes late."""
MIGRATION_STALL_S = 30.0
FORWARD = re.compile(r"TCP\[HOST_FORWARD\]\s+\S+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)")

# qemu.qmp reports every closed connection as an error when nobody listens to its logger
logging.getLogger("qemu.qmp").addHandler(logging.NullHandler())


class MonitorFailed(Exception):
    """QEMU did not answer, or refused."""


class Monitor:
    """An open conversation with one QEMU."""

    def __init__(self, protocol: QEMUMonitorProtocol) -> None:
        self._protocol = protocol

    def ask(self, command: str, /, **arguments: Any) -> Any:
        """The `return` value of one command. Raises MonitorFailed."""
        try:
            return self._protocol.cmd(command, **arguments)
        except (TimeoutError, QMPError, OSError, EOFError) as error:
            raise MonitorFailed(f"{command}: {error or type(error).__name__}") from error

    def status(self) -> str:
        """`running`, `paused`, `inmigrate`, `internal-error`, ..."""
        return str(self.ask("query-status")["status"])

    def human(self, line: str) -> str:
        """One line for the monitor that people use; what it says has no schema."""
        return str(self.ask("human-monitor-command", **{"command-line": line}))

    def forwards(self) -> dict[int, int]:
        """Guest port -> port on this machine's 127.0.0.1."""
        return forwards_in(self.human("info usernet"))

    def wait_for_migration(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Until the capture or restore that was begun is complete. Raises MonitorFailed when it stalls."""
        info: dict[str, Any] = {}
        moved = Sign(lambda: float(info.get("ram", {}).get("transferred", 0)))
        watch = Watch([moved], MIGRATION_STALL_S, clock)
        while True:
            info.clear()
            info.update(self.ask("query-migrate"))
            status = info.get("status", "none")
            if status == "completed":
                return
            if status in ("failed", "cancelled"):
                raise MonitorFailed(f"migration {status}: {info.get('error-desc', 'no reason given')}")
            if not watch.moving():
                raise MonitorFailed(f"migration ({status}) moved no byte for {watch.stall_s:.0f} s")
            time.sleep(0.01)


def forwards_in(usernet: str) -> dict[int, int]:
    """The forwards in the text of `info usernet`, as `Monitor.forwards` gives them."""
    return {int(guest): int(outside) for outside, guest in FORWARD.findall(usernet)}


@contextlib.contextmanager
def monitor(socket: Path, connect_s: float = ANSWER_S) -> Iterator[Monitor]:
    """Talk to the QEMU behind `socket`; waits for another client to leave. Raises MonitorFailed."""
    with _event_loop():
        protocol = _connected(socket, connect_s)
        try:
            yield Monitor(protocol)
        finally:
            _close(protocol)


def _connected(socket: Path, connect_s: float) -> QEMUMonitorProtocol:
    end = time.monotonic() + connect_s
    while True:
        protocol = QEMUMonitorProtocol(str(socket))
        try:
            protocol.settimeout(ANSWER_S)
            protocol.connect()
            return protocol
        except (TimeoutError, QMPError, OSError, EOFError) as error:
            _close(protocol)
            if time.monotonic() > end:
                raise MonitorFailed(f"QEMU does not answer: {error or type(error).__name__}") from error
            time.sleep(0.02)


@contextlib.contextmanager
def _event_loop() -> Iterator[None]:
    """One for this conversation: qemu.qmp would make one for each thread that asks, and close none."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        loop.run_until_complete(asyncio.sleep(0))  # what was closed lets go of its socket
        asyncio.set_event_loop(None)
        loop.close()


def _close(protocol: QEMUMonitorProtocol) -> None:
    with contextlib.suppress(QMPError, OSError, EOFError, asyncio.TimeoutError):
        protocol.close()
