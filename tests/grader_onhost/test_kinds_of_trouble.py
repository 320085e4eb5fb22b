"""What fails on the host is told with its kind: broken, too late, disturbed, or nothing when nobody knows."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from grader.onhost import session
from grader.onhost.contract.broken import Broken
from grader.onhost.contract.disturbed import Disturbed
from grader.onhost.contract.host_orders import Quiet
from grader.onhost.contract.kind_of_failure import Kind
from grader.onhost.contract.messages import Asked, Failed, Message
from grader.onhost.contract.plain_data import PlainDataError
from grader.onhost.contract.recorder_orders import Recorder, RecorderOn
from grader.onhost.driver.spare_processes import SpareProcesses
from grader.onhost.recorder import resident
from grader.onhost.recorder.client import RecorderClient


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Broken("/server has no function handle"), Failed(1, "", kind=Kind.BROKEN)),
        (PlainDataError("quiet.polls is a str, must be a int"), Failed(1, "", kind=Kind.BROKEN)),
        (TimeoutError("the driver's process did not get there in time"), Failed(1, "", kind=Kind.BUSY)),
        (Disturbed("a process ended"), Failed(1, "", disturbed=True)),
        (RuntimeError("bpftool was ended by signal 9"), Failed(1, "")),
        (OSError("no such process"), Failed(1, "")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_order_that_fails_is_answered_with_what_kind_of_failure_it_was(
    error: Exception, told: Failed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Message] = []

    def fail(_order: Any, _working: Any) -> Any:
        raise error

    monkeypatch.setattr(session, "FOLDERS", tmp_path)
    with session.Session(cast(SpareProcesses, None)) as opened:
        monkeypatch.setitem(opened._orders, "quiet", (Quiet, fail))
        monkeypatch.setattr(opened, "say", said.append)
        opened.carry_out(Asked(1, "quiet", {}))
    assert said == [dataclasses.replace(told, error=str(error))]


def test_an_order_that_nobody_knows_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Message] = []
    monkeypatch.setattr(session, "FOLDERS", tmp_path)
    with session.Session(cast(SpareProcesses, None)) as opened:
        monkeypatch.setattr(opened, "say", said.append)
        opened.carry_out(Asked(1, "dance", {}))
    assert said == [Failed(1, "unknown order dance", kind=Kind.BROKEN)]


class Programs:
    """The recorder's programs, of which one cannot be attached."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def on(self, order: RecorderOn) -> None:
        raise self._error


class Gate:
    why_open = ""

    def forget(self) -> None: ...


@pytest.mark.parametrize(
    ("error", "kind"),
    [(ValueError("/server has no function handle"), Broken), (OSError("not now"), RuntimeError)],
    ids=["it is not there", "the kernel refused"],
)
def test_who_asks_the_recorder_hears_whether_it_would_refuse_again(
    error: Exception, kind: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resident, "_peer_uid", lambda _connection: 0)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()

        def serve_one() -> None:
            connection, _ = listener.accept()
            with connection:
                resident._serve(connection, cast(Any, Programs(error)), cast(Any, Gate()))

        thread = threading.Thread(target=serve_one, daemon=True)
        thread.start()
        with pytest.raises(RuntimeError, match=f"the recorder refused: {error}") as refused:
            RecorderClient(str(tmp_path / "socket")).on(RecorderOn(Recorder(())))
        thread.join()
    assert type(refused.value) is kind


def too_late(_params: Mapping[str, Any], _sock: socket.socket) -> None:
    raise TimeoutError("the server accepted 3 of 4 connections")


def no_such_thread(_params: Mapping[str, Any], sock: socket.socket) -> None:
    sock.send(json.dumps({"threads": 1}).encode())
    raise ProcessLookupError("tracing thread 7")


def test_a_process_of_the_drivers_that_ran_out_of_time_says_so() -> None:
    with SpareProcesses({"too_late": too_late, "no_such_thread": no_such_thread}) as processes:
        with processes.start("too_late", {}) as process, pytest.raises(TimeoutError, match="3 of 4"):
            process.hear(60)
        with processes.start("no_such_thread", {}) as process:
            assert process.hear(60) == {"threads": 1}
            with pytest.raises(RuntimeError, match="tracing thread 7") as failed:
                process.hear(60)
    assert type(failed.value) is RuntimeError
