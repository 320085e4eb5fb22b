"""What tests on a lab host share: the host itself and a session on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from grader.host import Host, HostToPrepare
from grader.observing import host_files
from grader.observing.session import Session, open_session
from lab import hosts
from tests.on_lab_host.jailed_scripts import Tracers


@pytest.fixture(scope="session")
def lab_host() -> Iterator[HostToPrepare]:
    """The lab host of whoever runs the tests, with this checkout's programs on it."""
    with hosts.open_host("dev test", lambda line: print(line, file=sys.stderr)) as host:
        host_files.install(host)
        yield host


@pytest.fixture
def session(lab_host: Host) -> Iterator[Session]:
    with open_session(lab_host) as opened:
        yield opened


@pytest.fixture
def tracers(lab_host: Host, session: Session) -> Tracers:
    return Tracers(lab_host, session)
