"""Patience follows progress: what moves goes on past any limit, what does nothing is ended and named."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vm.errors import HostUnavailable, Stalled
from vm.programs import run_program
from vm.progress_watch import STALL_S, Sign, Watch, cpu_of_process, signs_of_program
from vm.qemu import boot
from vm.qemu.command import Launch, Size
from vm.qemu.monitor import Monitor, MonitorFailed
from vm.qemu.process import Identity, identity_of

HOURS_S = 7200.0
"""Longer than any limit there ever was."""


class FakeClock:
    """Goes on by `step_s` whenever it is asked."""

    def __init__(self, step_s: float) -> None:
        self.now_s, self.step_s = 0.0, step_s

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


def test_a_step_that_moves_a_little_is_waited_for_however_long_it_takes() -> None:
    clock, moved = FakeClock(STALL_S / 2), iter(range(1000))
    watch = Watch([Sign(lambda: float(next(moved)))], clock=clock)
    assert all(watch.moving() for _ in range(500))
    assert clock.now_s > HOURS_S


def test_a_step_that_moves_less_than_what_counts_is_not_waited_for() -> None:
    clock, idle = FakeClock(1.0), iter(range(1000))
    watch = Watch([Sign(lambda: next(idle) * 0.02, least=3.0)], clock=clock)
    moving = [watch.moving() for _ in range(80)]
    assert moving[0]
    assert not moving[-1]


def test_a_program_that_prints_is_waited_for() -> None:
    lines: list[str] = []
    clock = FakeClock(HOURS_S)
    run_program(["sh", "-c", "for i in 1 2 3; do echo $i; done"], "counting", lines.append, clock=clock)
    assert lines == ["1", "2", "3"]
    assert clock.now_s > HOURS_S


def test_a_silent_program_that_does_nothing_is_ended_and_named() -> None:
    script = "import os, time; print('at the door', os.getpid(), flush=True); time.sleep(600)"
    said: list[str] = []
    later = FakeClock(STALL_S)
    with pytest.raises(Stalled) as caught:
        run_program(
            [sys.executable, "-c", script],
            "opening it",
            said.append,
            hint="lab doctor --door",
            # It has all the time it wants until it has said where it is.
            clock=lambda: later() if said else 0.0,
            look_every_s=0.05,
        )
    assert caught.value.message.startswith(f"opening it hangs: {sys.executable} did nothing for 60 s")
    assert "it said last:\n  at the door" in caught.value.message
    assert caught.value.hint == "lab doctor --door"
    with pytest.raises(ProcessLookupError):
        os.kill(int(said[0].split()[-1]), 0)


def test_what_a_silent_program_and_its_children_write_counts() -> None:
    argv = ["sh", "-c", "head -c 200000 /dev/zero; read end"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        written = signs_of_program(process.pid)[1]
        while written.read() < 200_000 and process.poll() is None:
            pass
        assert written.read() >= 200_000
        process.kill()


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[tuple[Identity, Launch]]:
    """A process in QEMU's place that does nothing, and the launch it belongs to."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "fake-qemu"])
    paths: dict[str, Any] = dict.fromkeys(("kernel", "initrd", "disk", "parcel", "sockets"), tmp_path)
    launch = Launch("x", Size(), **paths, serial=tmp_path / "serial.log", memory_file=None)
    try:
        yield identity_of(process.pid, "fake-qemu"), launch
    finally:
        process.kill()
        process.wait()


def test_a_guest_whose_console_says_something_is_waited_for(guest: tuple[Identity, Launch]) -> None:
    process, launch = guest
    clock = FakeClock(STALL_S / 4)
    words = iter([*(f"starting unit {n}\n" for n in range(500)), "lab: ready\n"])

    def sleep(_seconds: float) -> None:
        with launch.serial.open("a") as console:
            console.write(next(words))

    boot.wait_for_boot(process, launch, launch.serial, clock=clock, sleep=sleep)
    assert clock.now_s > HOURS_S


def test_a_guest_that_does_nothing_is_ended_and_named(guest: tuple[Identity, Launch]) -> None:
    process, launch = guest
    launch.serial.write_text("waiting for a disk\n")
    with pytest.raises(HostUnavailable, match=r"does nothing any more(.|\n)*waiting for a disk"):
        boot.wait_for_boot(process, launch, launch.serial, clock=FakeClock(10.0), sleep=lambda _s: None)


class FakeMonitor(Monitor):
    """A QEMU whose migration goes on byte by byte, or stands still."""

    def __init__(self, answers: Iterator[dict[str, Any]]) -> None:
        self.answers = answers

    def ask(self, command: str, /, **arguments: Any) -> Any:
        return next(self.answers)


def active(transferred: int) -> dict[str, Any]:
    return {"status": "active", "ram": {"transferred": transferred}}


def test_a_migration_that_moves_bytes_is_waited_for_and_one_that_does_not_is_named() -> None:
    slow = [*(active(n) for n in range(500)), {"status": "completed"}]
    clock = FakeClock(20.0)
    FakeMonitor(iter(slow)).wait_for_migration(clock)
    assert clock.now_s > HOURS_S
    with pytest.raises(MonitorFailed, match=r"migration \(active\) moved no byte for 30 s"):
        FakeMonitor(iter([active(7)] * 500)).wait_for_migration(FakeClock(20.0))


def test_the_cpu_time_of_a_process_counts() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        sign = cpu_of_process(process.pid)
        before = sign.read()
        while sign.read() <= before and process.poll() is None:
            pass
        after = sign.read()
        process.kill()
    assert after > before
