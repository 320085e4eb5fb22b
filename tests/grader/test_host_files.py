"""How the grader's programs get onto a host, on a host that is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from grader.host import HostToPrepare
from grader.observing import host_files
from vm.errors import Stalled
from vocabulary.completed import Completed


class FakeHost:
    """Has a digest file and a recorder, or not; remembers what was worked on and with which services."""

    def __init__(self, digest: str = "", recorder: str = "inactive", hangs: bool = False) -> None:
        self.digest, self.recorder, self.hangs = digest, recorder, hangs
        self.worked: list[tuple[str, ...]] = []

    def run(self, argv: Sequence[str], *, check: bool = True, timeout_s: float = 60.0) -> Completed:
        assert timeout_s <= 60, "only short questions have a limit of time"
        return Completed(0, f"{self.digest}\n{self.recorder}\n", "") if "is-active" in argv[-1] else _DONE

    def work(self, argv: Sequence[str], units: Sequence[str] = ()) -> Completed:
        if self.hangs:
            raise Stalled("it hangs", "lab up")
        self.worked.append((*argv[:2], *units))
        return _DONE

    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        if folder == "/opt/lab" and "digest" in files:
            self.digest = files["digest"].decode()


_DONE = Completed(0, "", "")
RECORDER = "lab-recorder.service"


def install(host: FakeHost) -> bool:
    return host_files.install(cast(HostToPrepare, host))


def test_an_installation_is_waited_for_as_long_as_it_or_the_recorder_works() -> None:
    host = FakeHost()
    assert install(host)
    assert host.worked == [("sh", "-c"), ("sh", "-c", RECORDER)]
    assert host.digest == host_files.digest()


def test_what_is_there_and_runs_is_left_alone() -> None:
    host = FakeHost(host_files.digest(), "active")
    assert not install(host)
    assert host.worked == []


def test_a_recorder_that_does_not_run_is_started_and_waited_for() -> None:
    host = FakeHost(host_files.digest(), "failed")
    assert not install(host)
    assert host.worked == [("sh", "-c", RECORDER)]


def test_an_installation_that_hangs_is_done_again_at_the_next_start() -> None:
    host = FakeHost(hangs=True)
    with pytest.raises(Stalled):
        install(host)
    assert host.digest == ""
