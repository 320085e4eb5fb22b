"""The next jail, started ahead: it waits for one attempt, and no process in it ever sees a second one.

There is one on a host at most. Whose a jail is, a file with its name tells: it lies among the spares, and a
session claims the jail by moving it to its own folder. The jail's folder stays where it is, because the
service manager may not have mounted it yet. A spare that does not fit, or has died, is no error: a jail is
started then.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import socket
from dataclasses import asdict
from pathlib import Path

from ..contract.jail_kind import JailKind
from ..kernel.unit_cgroup import UnitCgroup
from .options import made_for_each
from .waiting import knock, start_jail, unit_of

JAILS = Path("/run/lab/jails")
"""A folder for each, whoever has it."""
SPARES = Path("/run/lab/spares")
"""A file for each that waits; it holds what tells the kind."""
INSTALLED = Path("/opt/lab/digest")
"""Another content: these programs are of another version."""


def claim(kind: JailKind, session: Path) -> tuple[Path, socket.socket] | None:
    """The folder of a spare of this kind, now the session's, and the link to it; None when none waits."""
    for name in _of_kind(kind):
        try:
            (SPARES / name).rename(session / name)
        except OSError:
            continue  # another session was quicker
        try:
            return JAILS / name, knock(JAILS / name)
        except OSError:
            _end(JAILS / name)
    return None


def new_jail(owner: Path, note: str = "") -> Path:
    """The folder for a jail that is not started yet: of a session, or among the spares."""
    name = secrets.token_hex(6)
    owner.mkdir(parents=True, exist_ok=True)
    (owner / name).write_text(note)
    return JAILS / name


def keep_one(kind: JailKind) -> None:
    """Have one of this kind waiting, and no other. Returns while it is still being started."""
    waiting = _of_kind(kind)[:1]
    for spare in SPARES.glob("*"):
        if spare.name in waiting:
            continue
        try:
            spare.unlink()
        except FileNotFoundError:
            continue  # a session has just claimed it
        _end(JAILS / spare.name)
    if not waiting and not made_for_each(kind):
        start_jail(new_jail(SPARES, _digest(kind)), kind)


def end_ownerless(sessions: Path) -> None:
    """End those that neither wait nor belong to a session that still has its folder in `sessions`."""
    for folder in JAILS.glob("*"):
        # In this order: the file moves from the spares to a session, and never back.
        if not (SPARES / folder.name).exists() and not any(sessions.glob(f"*/{folder.name}")):
            _end(folder)


def _end(folder: Path) -> None:
    UnitCgroup(unit_of(folder)).kill()
    shutil.rmtree(folder, ignore_errors=True)


def _of_kind(kind: JailKind) -> list[str]:
    wanted = _digest(kind)
    return [spare.name for spare in SPARES.glob("*") if _text(spare) == wanted]


def _digest(kind: JailKind) -> str:
    return hashlib.sha256(json.dumps([asdict(kind), _text(INSTALLED)]).encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # claimed, or never installed
