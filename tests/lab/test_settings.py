"""What `lab up` remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.settings import Settings, checked_host, load_settings, save_settings, settings_path
from vocabulary.errors import Unusable


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_nothing_remembered_means_the_embedded_host() -> None:
    assert load_settings() == Settings(host="vm")


def test_what_was_saved_is_there_again() -> None:
    save_settings(Settings("ssh://root@machine:2222"))
    assert load_settings() == Settings("ssh://root@machine:2222")


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_damaged_file_is_named_with_the_command_that_helps(content: str) -> None:
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(content)
    with pytest.raises(Unusable) as caught:
        load_settings()
    assert caught.value.hint == f"rm {settings_path()}"


@pytest.mark.parametrize("spec", ["vm", "local", "ssh://root@machine", "ssh://root@machine:2222"])
def test_a_host_is_vm_local_or_ssh(spec: str) -> None:
    assert checked_host(spec) == spec


@pytest.mark.parametrize("spec", ["", "ssh://", "docker", "root@machine", "http://machine"])
def test_another_host_is_refused_with_what_is_right(spec: str) -> None:
    with pytest.raises(Unusable, match="vm, local or ssh://"):
        checked_host(spec)
