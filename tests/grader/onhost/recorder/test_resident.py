"""The resident recorder and who asks it, with a kernel's memory that is written here."""

from __future__ import annotations

import mmap
import os
import socket
import struct
import threading
from collections.abc import Iterator
from ctypes import sizeof
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.observing.recording import HEADER, decode
from grader.onhost.contract.disturbed import Disturbed
from grader.onhost.contract.record import RING_BYTES, Mechanism, Record, Shared
from grader.onhost.contract.recorder_orders import RecordedTarget, Recorder, RecorderIsOn, RecorderOn
from grader.onhost.contract.syscall_numbers import numbers
from grader.onhost.recorder import programs, resident
from grader.onhost.recorder.client import RecorderClient
from grader.onhost.recorder.gate import Gate
from grader.onhost.recorder.own_programs import OwnPrograms
from grader.onhost.recorder.programs import RecorderPrograms
from grader.onhost.recorder.questions import Refusal

PAGE = mmap.PAGESIZE
ON = RecorderOn(Recorder(("readv",), tasks=True), RecordedTarget(cgroup_id=211, cgroup_level=3))


class FakeKernel:
    """Stands for a `BpfObject`: the maps of the recorders' programs, as far as somebody looks into them."""

    def __init__(self) -> None:
        called = SimpleNamespace(name="function_called", fd=-1)
        self.programs = {"function_called": called}
        self.begun: dict[int, bytes] = {}
        self._fds: dict[str, int] = {}

    def map_fd(self, name: str) -> int:
        if name not in self._fds:
            size = sizeof(Shared) if name == ".bss" else 2 * PAGE + 2 * RING_BYTES
            self._fds[name] = os.memfd_create(name)
            os.ftruncate(self._fds[name], size)
        return self._fds[name]

    def entries(self, fd: int, _key: int, value_bytes: int, _room: int, *, take: bool) -> tuple[bytes, bytes]:
        assert (take, value_bytes) == (True, sizeof(Record))
        return b"", self.begun.pop(fd, b"")

    def note(self, mechanism: Mechanism, record: Record) -> None:
        """As a program does: at the end of what is in the ring buffer."""
        ring = self.map_fd(f"{mechanism.name.lower()}_events")
        (end,) = struct.unpack("=Q", os.pread(ring, 8, PAGE))
        content = HEADER.pack(sizeof(Record), 0) + bytes(record)
        os.pwrite(ring, content, 2 * PAGE + end)
        os.pwrite(ring, struct.pack("=Q", end + len(content)), PAGE)

    @property
    def shared(self) -> Shared:
        return Shared.from_buffer_copy(os.pread(self.map_fd(".bss"), sizeof(Shared), 0))

    def close(self) -> None:
        for fd in self._fds.values():
            os.close(fd)


class FakeGate:
    """Has refused one program."""

    why_open = "no hook"

    def forget(self) -> None: ...

    def refused(self) -> tuple[Refusal, ...]:
        return (Refusal("lab-tracer-1.service", "bpf_send_signal"),)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKernel]:
    fake = FakeKernel()
    monkeypatch.setattr(programs, "entries", fake.entries)
    yield fake
    fake.close()


@pytest.fixture
def client(kernel: FakeKernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecorderClient]:
    """Of a recorder that serves in a thread."""
    monkeypatch.setattr(resident, "_peer_uid", lambda _connection: 0)
    recorder = RecorderPrograms(OwnPrograms(cast(Any, kernel), ""))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                with connection:
                    if not connection.recv(1, socket.MSG_PEEK):
                        return
                    resident._serve(connection, recorder, cast(Gate, FakeGate()))

        thread = threading.Thread(target=serve)
        thread.start()
        yield RecorderClient(str(tmp_path / "socket"))
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(tmp_path / "socket"))
        thread.join()


def call(number: int, **more: int) -> Record:
    return Record(entry_ns=number, exit_ns=number + 4, nr=numbers()["readv"], comm=b"server", **more)


def test_what_is_to_be_noted_stands_in_their_memory(kernel: FakeKernel, client: RecorderClient) -> None:
    assert client.on(ON) == RecorderIsOn(("no hook",))
    settings = kernel.shared.settings
    assert (settings.enabled, settings.cgroup_id, settings.cgroup_level) == (1, 211, 3)
    assert (settings.whole_host, settings.tasks, settings.fds) == (0, 1, 0)
    wanted = [number for number, asked in enumerate(kernel.shared.wanted) if asked]
    assert wanted == [numbers()["readv"]]
    client.off()
    assert kernel.shared.settings.enabled == 0


def test_what_the_programs_noted_comes_to_the_lab_side(
    kernel: FakeKernel, client: RecorderClient, tmp_path: Path
) -> None:
    kernel.note(Mechanism.RAW, call(1))
    client.on(ON)  # forgets what was there
    kernel.note(Mechanism.RAW, call(5, ret=100, in_target=1))
    kernel.note(Mechanism.FENTRY, call(6))
    kernel.begun[kernel.map_fd("fentry_started")] = bytes(call(7))
    file = client.read_into(tmp_path / "recording")
    raw, fentry = decode(Path(file.path).read_bytes(), file.machine)
    assert [(one.entry_ns, one.ret, one.in_target, one.comm) for one in raw.calls] == [
        (5, 100, True, "server")
    ]
    assert [one.entry_ns for one in fentry.calls] == [6, 7]
    assert kernel.shared.settings.enabled == 0


def test_whose_programs_were_refused_is_told_by_the_tracers_service(client: RecorderClient) -> None:
    assert client.refused("lab-tracer-1.service") == ("bpf_send_signal",)
    assert client.refused("lab-tracer-2.service") == ()


def test_a_system_call_that_is_not_known_is_refused_by_name(client: RecorderClient) -> None:
    with pytest.raises(RuntimeError, match="refused: the recorders do not know the system call nosuch"):
        client.on(RecorderOn(Recorder(("nosuch",))))


def test_another_recorder_than_the_one_that_was_switched_on_is_noticed(
    client: RecorderClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.on(ON)
    assert client.moved() == (0, 0)
    monkeypatch.setattr(resident, "INSTANCE", "another")
    with pytest.raises(Disturbed, match="started again during the run"):
        client.moved()
