"""One attendee at a time on a lab host."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest

from vm.errors import HostError
from vm.holder import held
from vm.local_host import LocalHost

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a local host runs everything as root")


def test_a_second_holder_is_told_who_has_the_host_and_what_for(tmp_path: Path) -> None:
    folder = str(tmp_path)
    with LocalHost() as host, held(host, "check 4", folder), pytest.raises(HostError) as refused:
        held(host, "run 2", folder).__enter__()
    assert getpass.getuser() in refused.value.message
    assert "runs `lab check 4`" in refused.value.message
    assert refused.value.hint == "lab up --host vm"


def test_a_host_that_was_let_go_can_be_held_again(tmp_path: Path) -> None:
    with LocalHost() as host:
        for _ in range(2):
            with held(host, "check", str(tmp_path)):
                assert (tmp_path / "holder.json").exists()
            assert not (tmp_path / "holder.json").exists()


def test_a_file_that_a_crash_left_behind_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "holder.json").write_text('{"who": "somebody", "verb": "check"}\n')
    with LocalHost() as host, held(host, "check", str(tmp_path)):
        assert getpass.getuser() in (tmp_path / "holder.json").read_text()
