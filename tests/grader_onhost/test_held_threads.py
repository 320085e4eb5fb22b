"""Threads that are held while connections are made: each connection goes to another one."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.onhost.contract.driver_orders import HoldThreads
from grader.onhost.driver import held_threads
from tests.grader_onhost.first_idle_server import THREADS

SERVER = Path(__file__).with_name("first_idle_server.py")


@contextlib.contextmanager
def server() -> Iterator[tuple[subprocess.Popen[str], tuple[str, int]]]:
    process = subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, ("127.0.0.1", int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def taken_by(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def all_wait(pid: int) -> bool:
    return len(held_threads.waiting_threads(pid)) == THREADS


@pytest.fixture(autouse=True)
def may_trace() -> None:
    with server() as (process, _):
        try:
            with held_threads.held(process.pid):
                pass
        except PermissionError:
            pytest.skip("this machine lets nobody trace another process")


def test_without_holding_one_thread_gets_all_connections_that_come_one_by_one() -> None:
    with server() as (process, address), contextlib.ExitStack() as opened:
        got = []
        for _ in range(THREADS):
            while not all_wait(process.pid):
                time.sleep(0.01)
            opened.enter_context(socket.create_connection(address))
            got.append(taken_by(process))
    assert got == [0] * THREADS


def test_while_threads_are_held_each_connection_goes_to_another() -> None:
    with server() as (process, address), contextlib.ExitStack() as opened:
        while not all_wait(process.pid):
            time.sleep(0.01)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        opened.enter_context(ours)
        opened.enter_context(theirs)
        params = HoldThreads(process.pid, THREADS).params()
        # Tracing belongs to the thread that began it, so all of it is done in one.
        holding = threading.Thread(target=held_threads.play, args=(params, theirs))
        holding.start()
        assert json.loads(ours.recv(1000)) == {"threads": THREADS}
        for _ in range(THREADS):
            opened.enter_context(socket.create_connection(address))
        assert json.loads(ours.recv(1000)) == {"accepted": THREADS}
        holding.join()
        assert sorted(taken_by(process) for _ in range(THREADS)) == list(range(THREADS))


def test_who_accepts_connections_is_not_held() -> None:
    with server() as (process, _):
        while not all_wait(process.pid):
            time.sleep(0.01)
        assert process.pid not in held_threads.waiting_threads(process.pid)


@pytest.mark.parametrize("reaped", [True, False])
def test_a_thread_that_ends_before_it_is_held_is_left_out(
    monkeypatch: pytest.MonkeyPatch, reaped: bool
) -> None:
    with server() as (process, _), subprocess.Popen(["/bin/true"], stdout=subprocess.PIPE) as gone:
        while not all_wait(process.pid):
            time.sleep(0.01)
        found = held_threads.waiting_threads(process.pid)
        assert gone.stdout is not None
        assert gone.stdout.read() == b""  # it has ended
        if reaped:
            gone.wait()
        else:
            os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)
        monkeypatch.setattr(held_threads, "waiting_threads", lambda _pid: [gone.pid, *found])
        with held_threads.held(process.pid) as threads:
            assert threads == THREADS


def test_threads_go_on_when_too_few_connections_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_threads, "PATIENCE_S", 0.0)
    with server() as (process, address):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs, pytest.raises(TimeoutError, match="accepted 0 of 2 connections"):
            held_threads.play(HoldThreads(process.pid, 2).params(), theirs)
        with socket.create_connection(address):
            assert taken_by(process) == 0
