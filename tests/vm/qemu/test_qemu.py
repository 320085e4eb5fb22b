"""QEMU's answers, its process, and what is written down about a machine."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vm.errors import GuestPanicked, HostError, HostSetupError, HostUnavailable
from vm.folders import LONGEST_SOCKET_PATH, require_free, socket_folder
from vm.machine_state import Changes, Running, in_use, load_running, save_running
from vm.programs import require_programs, run_program
from vm.qemu import serial
from vm.qemu.accelerator import canary_boots
from vm.qemu.agent import Agent, AgentFailed, agent
from vm.qemu.boot import require_sound
from vm.qemu.monitor import forwards_in
from vm.qemu.process import Identity, identity_of, is_alive, kill, started
from vm.qemu.template import discard, finish_template, load_template

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)", "a-name"]


def running_as(pid: int = 1) -> Running:
    return Running("x", pid, 1.0, "tcg", 2, 2048, "image", "6.12", "key", "digest")


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(SLEEPER)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_forwards_are_read_back_from_what_qemu_prints() -> None:
    printed = (
        "Hub -1 (net0):\n  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\n"
        "  TCP[HOST_FORWARD]  13       127.0.0.1 46247       10.0.2.15    22     0     0\n"
        "  TCP[ESTABLISHED]   15       127.0.0.1 46247       10.0.2.15    22     0     0\n"
        "  TCP[HOST_FORWARD]  14       127.0.0.1 39383               * 8000     0     0\n"
    )
    assert forwards_in(printed) == {22: 46247, 8000: 39383}


def test_a_panic_and_a_missing_disk_are_seen_on_the_console(tmp_path: Path) -> None:
    log = tmp_path / "serial.log"
    assert serial.panic_in(serial.text(log)) is None
    log.write_text("boot\r\n[  1.0] Kernel panic - not syncing: why\r\nlast\r\n")
    assert serial.panic_in(serial.text(log)) == "[  1.0] Kernel panic - not syncing: why"
    assert serial.tail(log, 1) == "\n  last"
    with pytest.raises(GuestPanicked, match="not syncing: why"):
        require_sound(Identity(os.getpid(), 0.0, "x"), log, tmp_path / "qemu.log")


def test_an_ended_qemu_is_named_with_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "qemu.log").write_text("qemu: no such disk\n")
    with pytest.raises(HostUnavailable, match="QEMU has ended: qemu: no such disk"):
        require_sound(Identity(2**22 + 1, 0.0, "x"), tmp_path / "serial.log", tmp_path / "qemu.log")


def test_a_process_is_recognised_by_pid_start_and_name(sleeper: subprocess.Popen[bytes]) -> None:
    identity = identity_of(sleeper.pid, "a-name")
    assert is_alive(identity)
    assert not is_alive(dataclasses.replace(identity, started_at=identity.started_at - 100))
    assert not is_alive(dataclasses.replace(identity, name="another"))


def test_another_process_with_the_same_pid_is_never_killed(sleeper: subprocess.Popen[bytes]) -> None:
    kill(dataclasses.replace(identity_of(sleeper.pid, "a-name"), started_at=1.0))
    assert sleeper.poll() is None
    kill(identity_of(sleeper.pid, "a-name"))
    assert sleeper.wait() == -signal.SIGKILL


def test_an_interrupted_start_leaves_no_process(tmp_path: Path) -> None:
    seen = []
    with pytest.raises(KeyboardInterrupt), started(SLEEPER, "a-name", tmp_path / "log") as identity:
        seen.append(identity)
        raise KeyboardInterrupt
    assert not is_alive(seen[0])


def test_a_started_machine_outlives_the_block_that_started_it(tmp_path: Path) -> None:
    with started(SLEEPER, "a-name", tmp_path / "log") as identity:
        pass
    assert is_alive(identity)
    kill(identity)
    assert not is_alive(identity)


def test_a_missing_qemu_is_named_with_the_command_that_installs_it(tmp_path: Path) -> None:
    with (
        pytest.raises(HostSetupError, match="not installed"),
        started(["qemu-that-is-not-there"], "x", tmp_path / "log"),
    ):
        pass
    with pytest.raises(HostSetupError) as caught:
        require_programs("sh", "a-program-that-is-not-there")
    assert caught.value.hint.endswith("a-program-that-is-not-there")


def test_a_failing_program_shows_its_last_words() -> None:
    with pytest.raises(HostSetupError, match="out of luck"):
        run_program(["sh", "-c", "echo out of luck; exit 3"], "trying")


def test_a_canary_is_heard_and_silence_is_not_waited_for() -> None:
    assert canary_boots(["sh", "-c", "echo noise; echo 'lab: canary'; sleep 600"], 60)
    assert not canary_boots(["sh", "-c", "echo aborted"], 60)
    assert not canary_boots(["sleep", "600"], 0.05)


def test_a_template_is_only_loaded_as_it_was_written(tmp_path: Path) -> None:
    work = tmp_path / "making"
    work.mkdir()
    for name in ("disk.qcow2", "memory", "state"):
        (work / name).write_bytes(b"12345678")
    finish_template(work, tmp_path, "key", "image")
    found = load_template(tmp_path, "key")
    assert found is not None and found.image == "image"
    assert load_template(tmp_path, "other") is None
    (found.memory).write_bytes(b"changed!")
    os.utime(found.memory, ns=(1, 1))
    assert load_template(tmp_path, "key") is None
    discard(found.folder)
    assert list(tmp_path.iterdir()) == []


def test_what_runs_is_written_down_and_read_back(tmp_path: Path) -> None:
    assert load_running(tmp_path) is None
    save_running(tmp_path, running_as())
    assert load_running(tmp_path) == running_as()
    (tmp_path / "running.json").write_text('{"of": "another version"}')
    assert load_running(tmp_path) is None


def test_every_change_is_one_line_with_its_seconds(tmp_path: Path) -> None:
    changes = Changes(tmp_path, "up")
    changes.phase("boot")
    changes.write("cold", "tcg")
    Changes(tmp_path, "down").write("failed", why="no reason")
    first, second = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert (first["change"], first["path"], first["accel"]) == ("up", "cold", "tcg")
    assert set(first["seconds"]) == {"boot", "total"}
    assert second["why"] == "no reason"


def test_a_second_user_of_a_machine_is_told_who_the_first_is(tmp_path: Path) -> None:
    named = pytest.raises(HostError, match=rf"lab check \(process {os.getpid()}\)")
    with in_use(tmp_path, "check"), named as caught, in_use(tmp_path, "run"):
        pass
    assert caught.value.hint.startswith(f"ps -fp {os.getpid()} ")
    with in_use(tmp_path, "run"):
        pass


def test_sockets_have_short_paths_however_deep_the_cache_lies(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    short = socket_folder(deep)
    try:
        assert short == socket_folder(deep) != deep
        assert len(os.fsencode(short / "agent.sock")) <= LONGEST_SOCKET_PATH
        assert short.stat().st_mode & 0o077 == 0
        short.chmod(0o777)
        with pytest.raises(HostSetupError, match="somebody else"):
            socket_folder(deep)
    finally:
        short.rmdir()


def test_a_full_disk_is_named_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(HostSetupError, match="GiB left"):
        require_free(tmp_path, 2**60, "building the image")


def serve_agent(path: Path, answers: list[bytes]) -> threading.Thread:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        with listener, listener.accept()[0] as client, client.makefile("rb") as lines:
            asked = json.loads(lines.readline())
            client.sendall(b"\xffhalf a line of an earlier client\n")
            client.sendall(json.dumps({"return": asked["arguments"]["id"]}).encode() + b"\n")
            for answer in answers:
                lines.readline()
                client.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_the_agent_is_heard_over_what_an_earlier_client_left(tmp_path: Path) -> None:
    refused = b'{"error": {"class": "GenericError", "desc": "hwclock is missing"}}\n'
    thread = serve_agent(tmp_path / "a", [refused, b'{"return": {"ok": 1}}\n', refused])
    with agent(tmp_path / "a", 30) as talk:
        talk.set_clock()
        assert talk.ask("guest-info") == {"ok": 1}
        with pytest.raises(AgentFailed, match="hwclock is missing"):
            talk.ask("guest-exec")
    thread.join()


def test_an_agent_that_goes_away_with_a_question_unread_is_a_failure() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:

        def go_away() -> None:
            theirs.recv(1, socket.MSG_PEEK)
            theirs.close()

        thread = threading.Thread(target=go_away)
        thread.start()
        with pytest.raises(AgentFailed, match="has stopped"):
            Agent(ours, 30).ask("guest-info")
        thread.join()


def test_an_agent_that_goes_away_is_a_failure(tmp_path: Path) -> None:
    thread = serve_agent(tmp_path / "a", [])
    with pytest.raises(AgentFailed, match="has stopped"), agent(tmp_path / "a", 30) as talk:
        talk.ask("guest-info")
    thread.join()
