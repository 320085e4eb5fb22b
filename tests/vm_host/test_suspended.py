"""Which machines are gone on with, and what is kept of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vm import suspended
from vm.command import CommandFailed
from vm.errors import GuestPanicked, HostUnavailable, Stalled
from vm.machine_state import Running
from vm.qemu import boot
from vm.qemu.template import PAIR, load_template
from vocabulary.completed import Completed

RUNNING = Running("x", 1, 1.0, "tcg", 2, 2048, "image", "6.12", "", "unfinished")


@pytest.mark.parametrize(
    ("error", "first_time", "again"),
    [
        (KeyboardInterrupt(), True, True),
        (SystemExit(143), True, True),
        (Stalled("it hangs"), True, False),
        (CommandFailed(["x"], Completed(1, "", "")), True, False),
        (GuestPanicked("panic"), False, False),
        (HostUnavailable("lost"), False, False),
    ],
)
def test_an_interrupted_machine_is_kept_and_one_that_failed_is_tried_once_more(
    error: BaseException, first_time: bool, again: bool
) -> None:
    assert suspended.is_worth_keeping(error, gone_on_with=False) == first_time
    assert suspended.is_worth_keeping(error, gone_on_with=True) == again


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    (folder / "work").mkdir(parents=True)
    for name in PAIR:
        (folder / "work" / name).write_text(name)
    (folder / "work" / "parcel.raw").write_text("what it was born with")
    return folder


def keep(templates: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    # QEMU's part of it: tests/vm does that with a real one.
    monkeypatch.setattr(boot, "capture", lambda _process, _sockets, state: state.write_text("state"))
    return suspended.keep(RUNNING, templates, templates / "work", templates, "key")


def test_a_kept_machine_is_used_once(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keep(templates, monkeypatch)
    for again in (True, False):
        assert suspended.is_kept(templates, "key") is again
        work = templates / f"work-{again}"
        work.mkdir()
        assert suspended.taken(templates, "key", work) is again
        assert sorted(path.name for path in work.iterdir()) == (sorted(PAIR) if again else [])
    assert not list(templates.glob("*.begun-*"))


def test_a_kept_machine_is_no_template_and_is_for_this_start_of_the_computer(
    templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keep(templates, monkeypatch)
    assert load_template(templates, "key") is None
    boot_id = tmp_path / "boot_id"
    boot_id.write_text("another-one\n")
    monkeypatch.setattr(suspended, "BOOT_ID", boot_id)
    assert not suspended.taken(templates, "key", tmp_path)
    # It takes gigabytes, and nobody could use it any more.
    assert not list(templates.glob("*.begun-*"))
