"""`lab watch` keeps its lab host between two saves, and meets whatever became of it meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from grader.host import Host
from lab import kept_host
from lab.kept_host import KeptHost
from lab.settings import Settings
from vm.errors import HostError, HostInUse, HostUnavailable
from vm.machine_state import in_use


@dataclass
class FakeHost:
    """A connected lab host."""

    sound: bool = True
    closed: bool = False
    cannot_be_closed: bool = False

    def is_sound(self) -> bool:
        return self.sound

    def __enter__(self) -> FakeHost:
        return self

    def __exit__(self, *exc: object) -> None:
        self.closed = True
        if self.cannot_be_closed:
            raise HostUnavailable("the connection is lost", "lab up")


@dataclass
class FakeMachine:
    """Other verbs hold it for the first `busy` tries."""

    busy: list[str] = field(default_factory=list)
    held: bool = False
    hosts: list[FakeHost] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def use(self, verb: str) -> Iterator[None]:
        if self.busy:
            raise HostInUse(f"the lab host is in use by {self.busy.pop(0)}", "ps -fp 1")
        self.held = True
        yield
        self.held = False

    def start(self, *_: Any) -> FakeHost:
        self.hosts.append(FakeHost())
        return self.hosts[-1]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    made = FakeMachine()
    monkeypatch.setattr(kept_host, "load_settings", Settings)
    monkeypatch.setattr(kept_host, "embedded_machine", lambda: made)
    monkeypatch.setattr(kept_host, "start_embedded", made.start)
    monkeypatch.setattr(kept_host, "LOOK_EVERY_S", 0.0)
    return made


def watch(machine: FakeMachine) -> KeptHost:
    return KeptHost("watch", machine.said.append)


def check(kept: KeptHost, machine: FakeMachine) -> Host:
    with kept.used() as (host, _):
        assert machine.held
    assert not machine.held
    return host


def test_the_host_stays_from_one_check_to_the_next_and_goes_at_the_end(machine: FakeMachine) -> None:
    with watch(machine) as kept:
        assert check(kept, machine) is check(kept, machine)
        assert not machine.hosts[0].closed
    assert [host.closed for host in machine.hosts] == [True]


@pytest.mark.parametrize("cannot_be_closed", [False, True])
def test_a_host_that_is_not_sound_any_more_is_left_and_started_again(
    machine: FakeMachine, cannot_be_closed: bool
) -> None:
    with watch(machine) as kept:
        first = check(kept, machine)
        machine.hosts[0].sound, machine.hosts[0].cannot_be_closed = False, cannot_be_closed
        assert check(kept, machine) is not first
        assert [host.closed for host in machine.hosts] == [True, False]


def test_while_another_verb_holds_the_host_it_waits_and_says_once_for_whom(machine: FakeMachine) -> None:
    with watch(machine) as kept:
        check(kept, machine)
        machine.busy = ["lab check (process 7)", "lab check (process 7)", "lab reset (process 8)"]
        check(kept, machine)
    assert machine.said == [
        "the lab host is in use by lab check (process 7), waiting for it",
        "the lab host is in use by lab reset (process 8), waiting for it",
    ]
    assert len(machine.hosts) == 1


def test_it_waits_for_another_machine_too(machine: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[HostError | None] = [HostInUse("the lab host is in use: ann runs `lab check 4`"), None]
    there: Any = FakeHost()

    @contextlib.contextmanager
    def used_once(_verb: str, _progress: Any) -> Iterator[tuple[Any, Any]]:
        if (error := tries.pop(0)) is not None:
            raise error
        yield there, None

    monkeypatch.setattr(kept_host, "load_settings", lambda: Settings("ssh://root@there"))
    monkeypatch.setattr(kept_host, "used_once", used_once)
    with watch(machine) as kept, kept.used() as (host, _):
        assert host is there
    assert machine.said == ["the lab host is in use: ann runs `lab check 4`, waiting for it"]


def test_what_goes_wrong_in_a_check_is_not_waited_for(machine: FakeMachine) -> None:
    with watch(machine) as kept, pytest.raises(HostInUse, match="in the check"), kept.used():
        raise HostInUse("in the check")
    assert machine.said == []


def test_two_verbs_on_one_machine_are_told_apart_from_other_errors(tmp_path: Any) -> None:
    with in_use(tmp_path, "check"), pytest.raises(HostInUse, match=r"lab check \(process \d+\)"):
        in_use(tmp_path, "watch").__enter__()
