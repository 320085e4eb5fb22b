"""The lab's own virtual machine as a `grader.host.Host`."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

from vm.connection import Connection
from vm.errors import HostError, HostUnavailable
from vm.host_work import work
from vm.installation_keys import InstallationKeys
from vm.line_process import LineProcess
from vm.machine_state import Running
from vm.qemu import boot, serial
from vm.qemu.agent import AgentFailed
from vm.qemu.command import NETWORK
from vm.qemu.monitor import MonitorFailed, monitor
from vm.qemu.parcel import DEVICE, Parcel
from vocabulary.completed import Completed
from vocabulary.host_facts import HostFacts

LARGEST_SKEW_S = 1.0
"""More than this between the two clocks: one of the machines slept."""
ANSWER_S = {"kvm": 30.0, "tcg": 180.0}
HEALTH = "date +%s.%N; test -S /run/docker.sock && echo sound"

Result = TypeVar("Result")


class VmHost:
    """One ssh connection to a running machine: `connect` opens it, leaving the context closes it.

    Every method raises HostUnavailable when the machine is lost, with what its serial console said last.
    """

    def __init__(
        self, running: Running, folder: Path, sockets: Path, keys: InstallationKeys, port: int
    ) -> None:
        self.running = running
        self.path_taken = "running"
        """How it came to run: `running` (found so), `restored` or `cold`."""
        self.seconds: Mapping[str, float] = {}
        """What the start took, by phase."""
        self._folder, self._sockets = folder, sockets
        self._connection = Connection(
            "127.0.0.1",
            port,
            "root",
            keys.login,
            keys.known_hosts,
            hint="lab up",
            connect_timeout_s=ANSWER_S[running.accel],
        )
        self._forwards_lock = threading.Lock()
        self.parcel: Parcel | None = None
        """What it was born with, while it is prepared."""

    def connect(self) -> Self:
        """Open the connection and see that the machine is sound. Raises HostUnavailable."""
        with self._explained():
            self._connection.__enter__()
            try:
                self._require_health()
            except BaseException:
                self._connection.close()
                raise
        return self

    def is_sound(self) -> bool:
        """Whether it can be used after a while in which nobody looked; its clock is right then."""
        try:
            if not self._connection.alive:
                return False
            with self._explained():
                self._require_health()
        except HostError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()

    @property
    def facts(self) -> HostFacts:
        """From what was written down when it started: asks nothing."""
        return HostFacts("vm", self.running.kernel, self.running.accel, self.running.cpus)

    @property
    def connection(self) -> Connection:
        """For protocols that are not commands, files or forwards."""
        return self._connection

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed:
        """See `Connection.run`."""
        return self._do(lambda: self._connection.run(argv, stdin=stdin, timeout_s=timeout_s, check=check))

    def work(self, argv: Sequence[str], units: Sequence[str] = ()) -> Completed:
        """See `vm.host_work.work`."""
        return work(self, argv, units)

    def start(self, argv: Sequence[str]) -> LineProcess:
        """See `Connection.start`."""
        return self._do(lambda: self._connection.start(argv))

    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        """See `Connection.write_files`."""
        self._do(lambda: self._connection.write_files(folder, files))

    def read_file(self, path: str, limit_bytes: int) -> bytes:
        """See `Connection.read_file`."""
        return self._do(lambda: self._connection.read_file(path, limit_bytes))

    def brought(self, file: Path) -> str | None:
        """A shell command that writes this file's content (unpacked), if the machine was born with it."""
        if self.parcel is None or self.parcel.file != file:
            return None
        return f"head -c {self.parcel.content_bytes} {DEVICE}"

    def forward(self, port: int) -> tuple[str, int]:
        """A port of 127.0.0.1 that QEMU forwards to the guest's 10.0.2.15; no sshd takes part.

        It stays as long as the machine. What listens on the guest's loopback alone is not reached.
        """
        with self._forwards_lock, self._explained(), monitor(boot.qmp_socket(self._sockets)) as talk:
            known = talk.forwards()
            if port not in known:
                refused = talk.human(f"hostfwd_add {NETWORK} tcp:127.0.0.1:0-:{port}")
                known = talk.forwards()
                if port not in known:
                    raise MonitorFailed(f"forwarding port {port}: {refused.strip() or 'refused'}")
            return "127.0.0.1", known[port]

    def _require_health(self) -> None:
        # Both clocks are read around one command, so its own duration is allowed for.
        before = time.time()
        done = self._connection.run(["sh", "-c", HEALTH], timeout_s=120, check=False)
        lines = done.stdout.split()
        if done.exit_code != 0 or lines[1:] != ["sound"]:
            raise HostUnavailable("the lab host answers, but its Docker does not run", "lab reset --host")
        behind, ahead = before - float(lines[0]), float(lines[0]) - time.time()
        if max(behind, ahead) > LARGEST_SKEW_S:
            boot.set_clock(self._sockets, self.running.accel)

    def _do(self, action: Callable[[], Result]) -> Result:
        with self._explained():
            return action()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """A lost connection is a symptom: say what happened to the machine, when that can be seen."""
        try:
            yield
        except (HostUnavailable, MonitorFailed, AgentFailed) as error:
            self._require_machine()
            if isinstance(error, HostUnavailable):
                raise
            raise HostUnavailable(f"the lab host's QEMU refused: {error}", "lab reset --host") from error

    def _require_machine(self) -> None:
        serial_log = self._folder / "serial.log"
        boot.require_sound(self.running.process, serial_log, self._folder / "qemu.log")
        try:
            with monitor(boot.qmp_socket(self._sockets)) as talk:
                status = talk.status()
        except MonitorFailed as error:
            # It may have been ended this very moment.
            boot.require_sound(self.running.process, serial_log, self._folder / "qemu.log")
            message = f"the lab host's QEMU hangs ({error}){serial.tail(serial_log)}"
            raise HostUnavailable(message, "lab reset --host") from error
        if status == "io-error":
            raise HostUnavailable("the lab host stands still: this machine's disk is full", "lab gc")
        if status != "running":
            raise HostUnavailable(f"the lab host stands still (QEMU says {status})", "lab reset --host")
