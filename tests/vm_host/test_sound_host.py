"""A host that was left alone for a while is looked at before it is used again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, cast

import pytest

from vm.embedded_host import VmHost
from vm.errors import HostUnavailable
from vm.installation_keys import InstallationKeys
from vm.machine_state import Running
from vm.qemu import boot
from vocabulary.completed import Completed


class FakeConnection:
    """To a guest whose clock is `behind_s` late."""

    def __init__(self, *, alive: bool = True, behind_s: float = 0, docker: bool = True, lost: bool = False):
        self.alive, self._behind_s, self._docker, self._lost = alive, behind_s, docker, lost

    def run(self, argv: Any, **_: Any) -> Completed:
        if self._lost:
            raise HostUnavailable("the connection is lost", "lab up")
        said = f"{time.time() - self._behind_s}\n" + "sound\n" * self._docker
        return Completed(0 if self._docker else 1, said, "")


@pytest.fixture
def clocks_set(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    times: list[str] = []
    monkeypatch.setattr(boot, "set_clock", lambda _sockets, accel: times.append(accel))
    return times


def host(connection: FakeConnection, folder: Path) -> VmHost:
    keys = InstallationKeys(folder / "login", folder / "host", folder / "known_hosts")
    made = VmHost(Running("x", 1, 1.0, "tcg", 2, 2048, "", "", "", ""), folder, folder, keys, 1)
    made._connection = cast(Any, connection)
    return made


@pytest.mark.parametrize(("behind_s", "set_for"), [(0, []), (600, ["tcg"]), (-600, ["tcg"])])
def test_a_machine_that_slept_gets_the_right_time(
    behind_s: float, set_for: list[str], clocks_set: list[str], tmp_path: Path
) -> None:
    assert host(FakeConnection(behind_s=behind_s), tmp_path).is_sound()
    assert clocks_set == set_for


@pytest.mark.parametrize(
    "connection",
    [FakeConnection(alive=False), FakeConnection(docker=False), FakeConnection(lost=True)],
    ids=["closed", "without Docker", "lost"],
)
def test_one_that_cannot_be_used_any_more_is_told_apart(
    connection: FakeConnection, clocks_set: list[str], tmp_path: Path
) -> None:
    assert not host(connection, tmp_path).is_sound()
