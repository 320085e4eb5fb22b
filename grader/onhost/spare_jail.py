"""The next jail, started ahead: it waits for one attempt, and no process in it ever sees a second one.

There is one on a host at most. Its folder lies here while it waits; a session claims it by moving the folder
to its own. A spare that does not fit, or has died, is no error: then the attempt's jail is started for it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import socket
from dataclasses import asdict
from pathlib import Path

from .jail import JailKind
from .unit_cgroup import ROOT as UNITS
from .unit_cgroup import UnitCgroup
from .waiting_jail import UNIT_PREFIX, knock, start_jail, unit_of

FOLDER = Path("/run/lab/spares")
INSTALLED = Path("/opt/lab/digest")
"""Another content: these programs are of another version."""
KIND = "kind"


def claim(kind: JailKind, into: Path) -> tuple[Path, socket.socket] | None:
    """Its folder, now below `into`, and the link to it; None when none of this kind waits."""
    for folder in _of_kind(kind):
        mine = into / folder.name
        try:
            folder.rename(mine)
        except OSError:
            continue  # another session was quicker
        try:
            return mine, knock(mine)
        except OSError:
            end(mine)
    return None


def keep_one(kind: JailKind) -> None:
    """Have one of this kind waiting, and no other. Returns while it is still being started."""
    waiting = _of_kind(kind)[:1]
    for folder in FOLDER.glob("*"):
        if folder not in waiting:
            end(folder)
    if not waiting and not kind.made_for_each:
        folder = new_folder(FOLDER)
        start_jail(folder, kind)
        (folder / KIND).write_text(_digest(kind))


def new_folder(below: Path) -> Path:
    """For one jail; not made yet."""
    return below / secrets.token_hex(6)


def end(folder: Path) -> None:
    """End a spare whatever its state is."""
    UnitCgroup(unit_of(folder)).kill()
    shutil.rmtree(folder, ignore_errors=True)


def remove_jails_without_folder(sessions: Path) -> None:
    """Kill those that neither wait nor belong to a session: theirs was killed, and its folder is gone."""
    for service in UNITS.glob(unit_of(Path("*"))):
        # In this order: a spare moves from here to a session, and never back.
        name = service.name.removeprefix(UNIT_PREFIX).removesuffix(".service")
        if not (FOLDER / name).exists() and not any(sessions.glob(f"*/{name}")):
            UnitCgroup(service.name).kill()


def _of_kind(kind: JailKind) -> list[Path]:
    wanted = _digest(kind)
    return [path.parent for path in FOLDER.glob(f"*/{KIND}") if _text(path) == wanted]


def _digest(kind: JailKind) -> str:
    return hashlib.sha256(json.dumps([asdict(kind), _text(INSTALLED)]).encode()).hexdigest()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # claimed, or never installed
