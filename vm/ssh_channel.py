"""One command on one channel of an ssh connection that is already open."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import paramiko

from vm.command import RawCompleted
from vm.errors import HostError, HostUnavailable

CHUNK_BYTES = 64 * 1024
LOST = (paramiko.SSHException, EOFError, OSError)


def connection_lost(channel: paramiko.Channel) -> bool:
    """Whether the channel ended because its connection did."""
    transport = channel.get_transport()
    # The channels are told a moment before the transport calls itself inactive: give its thread that moment.
    transport.join(0.5)
    return not transport.is_active()


def run_on(
    channel: paramiko.Channel, command: str, stdin: bytes, timeout_s: float, hint: str
) -> RawCompleted | None:
    """Run `command` to its end; None when it had not ended `timeout_s` after it began.

    Standard input, output and error are moved at the same time, so neither side waits for the other.
    """
    deadline = time.monotonic() + timeout_s
    stdout, stderr = bytearray(), bytearray()
    try:
        channel.exec_command(command)
        movers = [
            threading.Thread(target=_feed, args=(channel, stdin), daemon=True),
            threading.Thread(target=_collect, args=(channel.recv, stdout), daemon=True),
            threading.Thread(target=_collect, args=(channel.recv_stderr, stderr), daemon=True),
        ]
        for mover in movers:
            mover.start()
        for mover in movers[1:]:
            mover.join(max(0.0, deadline - time.monotonic()))
        if not channel.status_event.wait(max(0.01, deadline - time.monotonic())):
            return None
        if channel.exit_status == -1 and connection_lost(channel):
            raise HostUnavailable("the connection to the lab host was lost during a command", hint)
    except LOST as error:
        raise HostUnavailable(f"the connection to the lab host was lost ({error})", hint) from error
    finally:
        channel.close()
    # ssh tells a death by signal apart from an exit code, and paramiko keeps only the code.
    exit_code = 137 if channel.exit_status == -1 else channel.exit_status
    return RawCompleted(exit_code, bytes(stdout), bytes(stderr))


def _feed(channel: paramiko.Channel, stdin: bytes) -> None:
    try:
        view = memoryview(stdin)
        while view:
            view = view[channel.send(bytes(view[:CHUNK_BYTES])) :]
        channel.shutdown_write()
    except LOST:
        pass  # a command need not read its input; a lost connection shows in its exit status


def _collect(receive: Callable[[int], bytes], into: bytearray) -> None:
    try:
        while chunk := receive(CHUNK_BYTES):
            into += chunk
    except LOST:
        pass


class SshLineChannel:
    """Carries a `LineProcess` over one ssh channel."""

    def __init__(self, channel: paramiko.Channel, command: str, hint: str) -> None:
        self._channel = channel
        self._hint = hint
        channel.exec_command(command)

    def send(self, data: bytes) -> None:
        try:
            self._channel.sendall(data)
        except LOST as error:
            self.check_end()
            raise HostError("a program on the lab host ended before it was told to") from error

    def close_stdin(self) -> None:
        with contextlib.suppress(*LOST):  # it may have ended already
            self._channel.shutdown_write()

    def stdout_lines(self) -> Iterator[bytes]:
        return iter(self._channel.makefile("rb", CHUNK_BYTES))

    def stderr_chunks(self) -> Iterator[bytes]:
        while chunk := self._channel.recv_stderr(CHUNK_BYTES):
            yield chunk

    def check_end(self) -> None:
        self._channel.status_event.wait(30)
        if self._channel.exit_status == -1 and connection_lost(self._channel):
            raise HostUnavailable("the connection to the lab host was lost", self._hint)

    def wait(self, timeout_s: float) -> None:
        self._channel.status_event.wait(timeout_s)

    def close(self) -> None:
        self._channel.close()

    def release(self) -> None:
        """Nothing is left of a closed channel."""
