"""Who asks the recorder waits as long as it gets on, and hears in plain words when it does not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.onhost.contract.plain_data import to_plain
from grader.onhost.contract.recorder_orders import Recorder, RecorderIsOn, RecorderOn
from grader.onhost.recorder.client import RecorderClient
from grader.onhost.recorder.questions import Reply
from grader.onhost.recorder.service import RecorderDown, RecorderService
from grader.onhost.recorder.silence import SILENCE_S

ANSWER = json.dumps(to_plain(Reply("1", to_plain(RecorderIsOn(("open",)))))).encode() + b"\n"
ON = RecorderOn(Recorder(syscalls=()))


class FakeService(RecorderService):
    """systemd and the journal, as a test says."""

    def __init__(self, state: str = "active", lines: tuple[str, ...] = (), cpu_s: float = 0) -> None:
        self.state, self.lines, self.cpu_s = state, list(lines), cpu_s
        super().__init__(lambda: self.state, lambda: self.lines, lambda: self.cpu_s)


@contextmanager
def recorder(path: Path, serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A socket where one request is taken, and answered as `serve` does."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def once() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as stream:
                stream.readline()
                serve(connection)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        yield str(path)
        thread.join()


def test_a_recorder_that_still_starts_is_waited_for_and_who_waits_is_told(tmp_path: Path) -> None:
    waited = threading.Event()

    def late(connection: socket.socket) -> None:
        waited.wait()
        connection.sendall(ANSWER)

    with recorder(tmp_path / "socket", late) as path:
        client = RecorderClient(path, lambda: FakeService("activating"), look_every_s=0.01)
        assert client.on(ON, waited.set).notes == ("open",)


def _wait_for(event: threading.Event) -> None:
    event.wait()


def test_a_recorder_that_failed_is_named_with_its_own_words_while_one_waits(tmp_path: Path) -> None:
    ended = threading.Event()
    words = ("systemd: Starting", "recorder: there is no clang on this machine", "systemd: exited, status=78")
    with recorder(tmp_path / "socket", lambda _: _wait_for(ended)) as path:
        client = RecorderClient(path, lambda: FakeService("failed", words), look_every_s=0.01)
        with pytest.raises(
            RuntimeError, match=r"does not run: there is no clang on this machine .*journalctl"
        ):
            client.on(ON, lambda: pytest.fail("it waited on"))
        ended.set()


def test_a_connection_that_ends_without_an_answer_is_explained_too(tmp_path: Path) -> None:
    with recorder(tmp_path / "socket", lambda _: None) as path:
        client = RecorderClient(path, lambda: FakeService("failed", ("out of memory",)))
        with pytest.raises(RuntimeError, match=r"does not run: .*end of its log: out of memory"):
            client.on(ON)


def test_a_recorder_that_is_not_there_at_all_is_explained(tmp_path: Path) -> None:
    client = RecorderClient(str(tmp_path / "nothing"), FakeService)
    with pytest.raises(RuntimeError, match=r"does not run: it left no word; .*journalctl"):
        client.on(ON)


def test_while_it_starts_the_service_itself_watches_over_the_time() -> None:
    service = FakeService("activating")
    service.look(0)
    service.look(10 * SILENCE_S)


def test_a_running_recorder_that_uses_cpu_time_is_waited_for_and_one_that_uses_none_is_named() -> None:
    service = FakeService("active")
    for minute in range(10):
        service.cpu_s += 1
        service.look(60 * minute)
    service.look(60 * 9 + SILENCE_S - 1)
    with pytest.raises(RecorderDown, match="has used no CPU time for 60 s"):
        service.look(60 * 9 + SILENCE_S)
