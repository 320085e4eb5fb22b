"""The next run's session is open before the run, and serves no other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from grader.observing.session_ahead import SessionAhead
from grader.onhost.contract.host_orders import Hello
from tests.grader_observe.fake_host import FakeHost, FakeProcess, LostError


@dataclass
class CountingHost(FakeHost):
    """Counts the sessions that were started, and those that run."""

    started: int = 0
    running: int = 0

    @contextlib.contextmanager
    def start(self, argv: Sequence[str]) -> Iterator[FakeProcess]:
        self.started += 1
        self.running += 1
        try:
            yield FakeProcess(self)
        finally:
            self.running -= 1


def no_line(_tracer: str, _line: str) -> None:
    pass


def test_the_session_of_the_second_run_is_open_when_the_first_has_ended() -> None:
    host = CountingHost()
    with SessionAhead(host) as sessions:
        with sessions.open(no_line) as first:
            assert (host.started, host.running) == (1, 1)
            first.order(Hello())
        assert (host.started, host.running) == (2, 1)
        with sessions.open(no_line) as second:
            assert second is not first
            assert (host.started, host.running) == (2, 1)
    assert host.running == 0


def test_a_run_that_lost_its_session_leaves_none_and_the_next_gets_a_new_one() -> None:
    host = CountingHost()
    with SessionAhead(host) as sessions:
        with pytest.raises(LostError), sessions.open(no_line):
            raise LostError
        assert host.running == 0
        with sessions.open(no_line) as session:
            session.order(Hello())
    assert (host.started, host.running) == (3, 0)


def test_lines_of_a_tracer_go_to_whoever_opened_the_session_for_the_run() -> None:
    heard: list[str] = []
    with SessionAhead(CountingHost()) as sessions:
        with sessions.open(no_line):
            pass
        with sessions.open(lambda tracer, line: heard.append(f"{tracer} {line}")) as session:
            session.on_line("t0", "{}")
    assert heard == ["t0 {}"]
