"""How an attempt gets into a jail: into the one that was started ahead, or else into one started for it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..contract.jail_kind import JailKind
from . import spare
from .occupied import OccupiedJail
from .options import Means
from .waiting import FILES, knock, let_in, start_jail


def enter(
    session: Path,
    kind: JailKind,
    files: Mapping[str, bytes],
    environment: Mapping[str, str],
    *,
    skip_pids: int = 0,
    means: Sequence[Means] = (),
) -> OccupiedJail:
    """Have `files`, one of them tracer.py, run in a jail of the session with this folder. Returns at once.

    `means` is what was made for the needs of its kind.
    """
    for one in means:
        environment = {**environment, **one.environment}
    with contextlib.ExitStack() as undo:
        stdout, stderr = _pipe(undo), _pipe(undo)
        folder, link = _jail(session, kind, means, stderr[1])
        undo.enter_context(link)
        for path, content in files.items():
            file = folder / FILES / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        let_in(link, environment, skip_pids, stdout[1], stderr[1])
        undo.pop_all()
    for _, writing in (stdout, stderr):
        os.close(writing)
    return OccupiedJail(folder, link, os.fdopen(stdout[0], "rb"), os.fdopen(stderr[0], "rb"))


def _jail(session: Path, kind: JailKind, means: Sequence[Means], errors: int) -> tuple[Path, socket.socket]:
    """Of a jail that waits, or will when it is up: its folder, and the link."""
    claimed = spare.claim(kind, session)
    if claimed is not None:
        return claimed
    folder = spare.new_jail(session)
    start_jail(folder, kind, means, errors)
    return folder, knock(folder)


def _pipe(undo: contextlib.ExitStack) -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        undo.callback(os.close, end)
    return ends
