"""One tracer from its start to its end, in plain processes instead of a jail."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.onhost.contract.jail_kind import JailKind
from grader.onhost.contract.tracer_orders import Readiness, ReadyLimits
from grader.onhost.in_jail import sitecustomize
from grader.onhost.jail import occupied, options, spare, waiting
from grader.onhost.jail.entrance import enter
from grader.onhost.kernel.unit_cgroup import UnitCgroup
from grader.onhost.tracer.jailed_tracer import JailedTracer
from tests.grader_onhost import fake_systemd

SOON = ReadyLimits(asleep_s=1, cpu_s=1000, times=10, most_s=1000)
Start = Callable[[str], JailedTracer]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts this script as a tracer."""
    programs, cgroups = tmp_path / "bin", tmp_path / "cgroups"
    programs.mkdir()
    run = programs / "systemd-run"
    run.write_text(f'#!/bin/sh\nexec {sys.executable} {fake_systemd.__file__} {cgroups} "$@"\n')
    run.chmod(0o755)
    (programs / "python3").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setattr(waiting, "systemd_version", lambda: options.PRIVATE_PIDS_SINCE)
    monkeypatch.setattr(occupied, "UnitCgroup", lambda unit: UnitCgroup(unit, cgroups))
    (tmp_path / "session").mkdir()
    monkeypatch.setattr(spare, "SPARES", tmp_path / "spares")
    monkeypatch.setattr(spare, "JAILS", tmp_path / "jails")
    in_jail = {**options.base_environment(), "PYTHONPATH": str(Path(sitecustomize.__file__).parent)}
    monkeypatch.setattr(options, "base_environment", lambda: in_jail)
    started: list[JailedTracer] = []

    def begin(script: str) -> JailedTracer:
        jail_of_it = enter(tmp_path / "session", JailKind(), {"tracer.py": script.encode()}, {})
        started.append(JailedTracer(jail_of_it))
        return started[-1]

    yield begin
    for tracer in started:
        tracer.kill()


def never_asked() -> float:
    raise AssertionError("the yardstick was asked")


def until_ready(tracer: JailedTracer, limits: ReadyLimits = SOON) -> Readiness:
    return tracer.until_ready(limits, never_asked)


def test_a_tracer_that_is_ready_ends_on_sigint(start: Start) -> None:
    tracer = start(
        "import time\n"
        "try:\n    print('READY', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    pass\n"
    )
    assert until_ready(tracer).ready
    stopped = tracer.stop(30).run
    assert (stopped.ready, stopped.ended_by, stopped.exit_code) == (True, "sigint", 0)


def test_a_tracer_that_was_given_up_cannot_be_ready_any_more(start: Start) -> None:
    """Its READY may come while the others of its run are waited for: it is not there for the traffic."""
    tracer = start(
        "import signal, time\n"
        "signal.signal(signal.SIGUSR1, lambda *_: print('READY', flush=True))\n"  # at the very last moment
        "while True:\n    time.sleep(0.1)\n"
    )
    assert until_ready(tracer).ended_by == "not_ready"
    deadline = time.monotonic() + 30
    while not tracer.wait_ready(0.1) and time.monotonic() < deadline:
        pass
    assert tracer.wait_ready(0), "this shows nothing unless READY came"
    stopped = tracer.stop(30).run
    assert (stopped.ready, stopped.ended_by, stopped.ready_ns) == (False, "not_ready", 0)


def test_a_tracer_that_is_given_up_is_ended_there_and_then(start: Start) -> None:
    tracer = start("import time\ntime.sleep(600)\n")
    assert until_ready(tracer).ended_by == "not_ready"
    deadline = time.monotonic() + 30
    while tracer.host_pids() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert tracer.host_pids() == []


def test_a_tracer_that_cannot_be_told_slow_from_hanging_is_late(start: Start) -> None:
    tracer = start("while True:\n    pass\n")
    at_once = ReadyLimits(asleep_s=1000, cpu_s=1000, times=10, most_s=0.5)
    assert until_ready(tracer, at_once).ended_by == "late"
    assert tracer.stop(30).run.ended_by == "late"


def test_where_the_host_starts_no_jail_the_session_knows_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "Failed to start transient service unit: Unit name is not valid."
    liar = start(f"import sys\nprint({said!r}, file=sys.stderr)\nsys.exit(1)\n")
    until_ready(liar)
    assert liar.stop(30).run.refusal == ""
    monkeypatch.setenv(fake_systemd.FAILS, said)
    refused = start("print('READY')\n")
    until_ready(refused)
    assert refused.stop(30).run.refusal == said


def test_a_spare_that_is_only_being_started_can_be_claimed_and_no_second_tracer_gets_it(start: Start) -> None:
    spare.keep_one(JailKind())
    (waits,) = spare.SPARES.iterdir()
    first, second = (start("import time\nprint('READY', flush=True)\ntime.sleep(60)\n") for _ in range(2))
    assert (waits.name in first.unit, waits.name in second.unit) == (True, False)
    assert [until_ready(one).ready for one in (first, second)] == [True, True]
    assert list(spare.SPARES.iterdir()) == []
