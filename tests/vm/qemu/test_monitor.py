"""Talking to QEMU's monitor: one that is written here."""

from __future__ import annotations

import gc
import json
import socket
import threading
import warnings
from pathlib import Path

import pytest

from vm.qemu.monitor import MonitorFailed, monitor

GREETING = {
    "QMP": {"version": {"qemu": {"major": 7, "minor": 2, "micro": 0}, "package": ""}, "capabilities": []}
}


def serve_once(path: Path) -> threading.Thread:
    """Answers every command of one client with an empty `return`, and `query-status` with `running`."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(1)

    def serve() -> None:
        with listening:
            client, _ = listening.accept()
        with client:
            client.sendall(json.dumps(GREETING).encode() + b"\n")
            while told := client.recv(65536):
                request = json.loads(told)  # the next command waits for this one's answer
                answer = {"status": "running"} if request["execute"] == "query-status" else {}
                client.sendall(json.dumps({"return": answer, "id": request.get("id")}).encode() + b"\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


def test_a_conversation_in_any_thread_leaves_nothing_open(tmp_path: Path) -> None:
    said: list[str] = []

    def ask() -> None:
        with monitor(tmp_path / "qmp") as talk:
            said.append(talk.status())

    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always")
        server = serve_once(tmp_path / "qmp")
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join()
        server.join(10)
        gc.collect()
    assert said == ["running"]
    assert not server.is_alive(), "the connection was not closed"
    assert [str(one.message) for one in left if issubclass(one.category, ResourceWarning)] == []


def test_a_machine_without_monitor_is_said(tmp_path: Path) -> None:
    with pytest.raises(MonitorFailed, match="QEMU does not answer"), monitor(tmp_path / "qmp", connect_s=0.1):
        pass
