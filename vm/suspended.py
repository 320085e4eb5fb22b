"""A machine whose preparation was interrupted: stopped as it stands, and gone on with at the next start.

Its memory goes on as well, so nothing of the preparation is done twice. Kept only until this computer is
booted again: its files are not written through to the disk, because Ctrl-C must not take long.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from vm.errors import HostUnavailable
from vm.machine_state import Running
from vm.qemu import boot
from vm.qemu.agent import AgentFailed
from vm.qemu.monitor import MonitorFailed
from vm.qemu.template import PAIR, discard, finish_template, load_template

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
MARK = ".begun-"
"""In the name of a kept machine's folder, which lies among the templates."""
LOST = (HostUnavailable, MonitorFailed, AgentFailed)


def is_worth_keeping(error: BaseException, *, gone_on_with: bool) -> bool:
    """A machine that is lost is not, and one that was gone on with and failed again is not either."""
    interrupted = not isinstance(error, Exception)
    return interrupted or not (gone_on_with or isinstance(error, LOST))


def keep(running: Running, sockets: Path, work: Path, templates: Path, key: str) -> bool:
    """Stop the machine and keep it for the next start with this key; whether this QEMU could."""
    with contextlib.suppress(MonitorFailed, OSError):
        boot.capture(running.process, sockets, work / "state")
        for left in templates.glob(f"{key}{MARK}*"):
            discard(left)
        finish_template(work, templates, _name(key), running.image, durable=False)
        return True
    return False


def is_kept(templates: Path, key: str) -> bool:
    """Whether there is a machine to go on with."""
    return load_template(templates, _name(key)) is not None


def taken(templates: Path, key: str, work: Path) -> bool:
    """Move the kept machine into `work`, where it goes on; False when there is none. It is used once."""
    for left in templates.glob(f"*{MARK}*"):
        # From before this computer was booted: nobody can use it any more.
        if not left.name.endswith(_boot()):
            discard(left)
    kept = load_template(templates, _name(key))
    if kept is None:
        return False
    for name in PAIR:
        (kept.folder / name).rename(work / name)
    discard(kept.folder)
    return True


def _name(key: str) -> str:
    return f"{key}{MARK}{_boot()}"


def _boot() -> str:
    with contextlib.suppress(OSError):
        return BOOT_ID.read_text().strip()[:8]
    return "unknown"
