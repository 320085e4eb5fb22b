"""One ssh connection to a lab host, opened once and kept: commands, programs, files and forwards on it."""

from __future__ import annotations

import contextlib
import logging
import math
import shlex
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import fabric  # type: ignore[import-untyped]
import paramiko

from vm.command import CommandFailed, CommandTimedOut, RawCompleted, ended_by_limit
from vm.errors import HostUnavailable
from vm.file_transfer import tar_of, unpack_command
from vm.host_keys import trust
from vm.host_work import work
from vm.line_process import LineProcess
from vm.ssh_channel import LOST, SshLineChannel, run_on
from vm.tunnel import Tunnel
from vocabulary.completed import Completed

BANNER_TIMEOUT_S = 180.0
"""An emulated sshd on a busy machine takes its time; polling it instead piles up children there."""
SENTINEL = "lab-host-answers"

# paramiko reports every lost connection with a traceback when nobody listens to its logger
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class Connection:
    """A context manager. Satisfies `grader.host.Host` but for `facts`. Safe from several threads.

    `port` and `user` may be None: then ~/.ssh/config or ssh's defaults decide. With `key_path` nothing of the
    user's own ssh is used: no agent, no other key, no config file. `hint` is the command that helps when the
    connection cannot be made or is lost.
    """

    def __init__(
        self,
        address: str,
        port: int | None = None,
        user: str | None = None,
        key_path: Path | None = None,
        known_hosts_path: Path | None = None,
        *,
        hint: str = "lab up",
        connect_timeout_s: float = 30.0,
    ) -> None:
        self.address, self.port, self.user = address, port, user
        self.hint = hint
        self._key_path = key_path
        self._known_hosts_path = known_hosts_path
        self._connect_timeout_s = connect_timeout_s
        self._prefix: tuple[str, ...] = ()
        self._fabric: fabric.Connection | None = None
        self._tunnels: dict[int, Tunnel] = {}
        self._tunnels_lock = threading.Lock()

    def __enter__(self) -> Self:
        """Connect and wait for a first answer. Raises HostUnavailable."""
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            self._open()
            self._wait_for_answer()
            undo.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything; programs that were started on it see the end of their input."""
        for tunnel in self._tunnels.values():
            tunnel.close()
        self._tunnels.clear()
        if self._fabric is not None:
            self._fabric.close()
            self._fabric = None

    def use_sudo(self) -> None:
        """Run everything through `sudo -n` from now on (a machine whose login is not root)."""
        self._prefix = ("sudo", "-n", "--")

    @property
    def alive(self) -> bool:
        """Whether the connection still stands, as far as this side knows."""
        return self._fabric is not None and bool(self._fabric.is_connected)

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed:
        """Run a command to its end. It is ended on the host after `timeout_s`.

        Raises CommandFailed (with `check`, on a non-zero exit code), CommandTimedOut, HostUnavailable.
        """
        done = self._raw(argv, stdin, timeout_s).decoded()
        if check and done.exit_code != 0:
            raise CommandFailed(argv, done)
        return done

    def work(self, argv: Sequence[str], units: Sequence[str] = ()) -> Completed:
        """See `vm.host_work.work`."""
        return work(self, argv, units)

    def start(self, argv: Sequence[str]) -> LineProcess:
        """Start a program that is spoken to in lines; leaving its context closes its input and waits."""
        try:
            channel = SshLineChannel(self._session(), shlex.join([*self._prefix, *argv]), self.hint)
        except LOST as error:
            raise self._lost(error) from error
        return LineProcess(channel)

    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Create `folder` if needed and write `files` (relative path -> content) below it, mode 0644."""
        archive = tar_of(files)
        self.run(unpack_command(folder), stdin=archive, timeout_s=60 + len(archive) / 500_000)

    def read_file(self, path: str, limit_bytes: int) -> bytes:
        """At most `limit_bytes` of a file. Raises CommandFailed when it cannot be read."""
        argv = ["head", "-c", str(limit_bytes), "--", path]
        done = self._raw(argv, b"", 60 + limit_bytes / 500_000)
        if done.exit_code != 0:
            raise CommandFailed(argv, done.decoded())
        return done.stdout

    def forward(self, port: int) -> tuple[str, int]:
        """An address on this machine that reaches TCP `port` of the lab host while the connection lives."""
        with self._tunnels_lock:
            if port not in self._tunnels:
                self._tunnels[port] = Tunnel(self._transport(), port)
            return self._tunnels[port].address

    def open_channel(self, argv: Sequence[str], timeout_s: float) -> paramiko.Channel:
        """A raw channel to a program's standard input and output, for protocols that are not lines."""
        try:
            channel = self._session()
            channel.settimeout(timeout_s)
            channel.exec_command(shlex.join([*self._prefix, *argv]))
        except LOST as error:
            raise self._lost(error) from error
        return channel

    def _raw(self, argv: Sequence[str], stdin: bytes, timeout_s: float) -> RawCompleted:
        limited = [*self._prefix, "timeout", "-k", "5", str(math.ceil(timeout_s)), *argv]
        began = time.monotonic()
        # The host ends the command; our own, later limit is for a host that does not answer any more.
        done = run_on(self._session(), shlex.join(limited), stdin, timeout_s + 20, self.hint)
        if done is None or ended_by_limit(done.exit_code, time.monotonic() - began, timeout_s):
            raise CommandTimedOut(argv, timeout_s)
        return done

    def _open(self) -> None:
        private = self._key_path is not None
        connection = fabric.Connection(
            self.address,
            port=self.port,
            user=self.user,
            config=fabric.Config(overrides={"load_ssh_configs": not private}),
            connect_timeout=self._connect_timeout_s,
            connect_kwargs={
                "banner_timeout": BANNER_TIMEOUT_S,
                "auth_timeout": BANNER_TIMEOUT_S,
                "allow_agent": not private,
                "look_for_keys": not private,
                **({"key_filename": str(self._key_path)} if private else {}),
            },
        )
        trust(connection.client, self._known_hosts_path)
        self._fabric = connection
        try:
            connection.open()
        except paramiko.AuthenticationException as error:
            raise HostUnavailable(f"{self.address} does not accept our ssh key", self.hint) from error
        except paramiko.SSHException as error:
            raise HostUnavailable(f"no ssh connection to {self.address}: {error}", self.hint) from error
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or error
            raise HostUnavailable(f"{self.address} does not answer over ssh: {reason}", self.hint) from error
        self._tune(connection.transport)

    def _tune(self, transport: paramiko.Transport) -> None:
        sock = transport.sock
        if not isinstance(sock, socket.socket):
            return  # a jump host's channel or a proxy command
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.address not in ("127.0.0.1", "localhost") and hasattr(socket, "TCP_USER_TIMEOUT"):
            # A machine that vanished is noticed within a minute, not after the kernel's quarter of an hour.
            transport.set_keepalive(15)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 60_000)

    def _wait_for_answer(self) -> None:
        """Seen on a machine that had just been restored: the first command came back empty."""
        for _ in range(3):
            done = run_on(self._session(), f"echo {SENTINEL}", b"", 60, self.hint)
            if done is not None and SENTINEL.encode() in done.stdout:
                return
        raise HostUnavailable(f"{self.address} accepts ssh but runs no commands", self.hint)

    def _transport(self) -> paramiko.Transport:
        transport = self._fabric.transport if self._fabric is not None else None
        if not isinstance(transport, paramiko.Transport) or not transport.is_active():
            raise HostUnavailable("the connection to the lab host was lost", self.hint)
        return transport

    def _session(self) -> paramiko.Channel:
        try:
            return self._transport().open_session(timeout=60)
        except LOST as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> HostUnavailable:
        return HostUnavailable(f"the connection to the lab host was lost ({error})", self.hint)
