"""Processes for the driver: real ones."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from grader.onhost.contract.disturbed import Disturbed
from grader.onhost.driver.spare_processes import SpareProcesses


def echo(params: Mapping[str, Any], sock: socket.socket) -> None:
    sock.send(json.dumps({"said": params["say"]}).encode())


def wait_for_signal(_params: Mapping[str, Any], sock: socket.socket) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    sock.send(b"{}")
    signal.sigwait({signal.SIGUSR1})
    sock.send(b'{"woken": true}')


ROLES = {"echo": echo, "wait_for_signal": wait_for_signal}


def test_a_process_plays_its_role_and_is_woken() -> None:
    with SpareProcesses(ROLES) as processes:
        with processes.start("echo", {"say": 7}) as process:
            assert process.hear(60) == {"said": 7}
        with processes.start("wait_for_signal", {}) as process:
            process.hear(60)
            process.wake(signal.SIGUSR1)
            assert process.hear(60) == {"woken": True}


def test_a_number_that_another_process_has_by_now_is_left_alone() -> None:
    """Numbers are used again, and the session lives for a while after a role was played."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        with SpareProcesses(ROLES) as processes:
            with processes.start("echo", {"say": 1}) as process:
                process.hear(60)
            process.pid = bystander.pid
        assert bystander.poll() is None
        bystander.communicate()
        assert bystander.returncode in (0, 1)


def test_waking_a_process_that_has_ended_is_told() -> None:
    with SpareProcesses(ROLES) as processes, processes.start("echo", {"say": 1}) as process:
        process.hear(60)
        with pytest.raises(Disturbed):
            process.hear(60)
        with pytest.raises(Disturbed):
            while True:
                process.wake(0)
