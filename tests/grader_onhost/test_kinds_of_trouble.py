"""What fails on the host is told with its kind: broken, too late, disturbed, or nothing when nobody knows."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from grader.onhost import recorder, session
from grader.onhost.broken import Broken
from grader.onhost.disturbed import Disturbed
from grader.onhost.recorder_client import RecorderClient
from grader.onhost.spare_processes import SpareProcesses

BROKEN, BUSY = {"kind": "broken"}, {"kind": "busy"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Broken("/server has no function handle"), BROKEN),
        (KeyError("frames"), BROKEN),
        (TimeoutError("the driver's process did not get there in time"), BUSY),
        (Disturbed("a process ended"), {"disturbed": True}),
        (RuntimeError("bpftool was ended by signal 9"), {}),
        (OSError("no such process"), {}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_order_that_fails_is_answered_with_what_kind_of_failure_it_was(
    error: Exception, told: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []

    def fail(_request: dict[str, Any]) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(session, "FOLDERS", tmp_path)
    with session.Session(cast(SpareProcesses, None)) as opened:
        monkeypatch.setitem(opened._orders, "quiet", fail)
        monkeypatch.setattr(opened, "say", said.append)
        opened.carry_out({"id": 1, "order": "quiet"})
    (answer,) = said
    assert str(error.args[0]) in answer.pop("error")
    assert answer == {"id": 1, "ok": False, **told}


class Programs:
    """The recorder's programs, of which one cannot be attached."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def on(self, request: Mapping[str, Any]) -> None:
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
    monkeypatch.setattr(recorder, "_peer_uid", lambda _connection: 0)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()

        def serve_one() -> None:
            connection, _ = listener.accept()
            with connection:
                recorder._serve(connection, cast(Any, Programs(error)), cast(Any, Gate()))

        thread = threading.Thread(target=serve_one, daemon=True)
        thread.start()
        with pytest.raises(RuntimeError, match=f"the recorder refused: {error}") as refused:
            RecorderClient(str(tmp_path / "socket")).on(functions=["handle"])
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
