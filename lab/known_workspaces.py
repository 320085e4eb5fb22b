"""Where this person has started exercises, so that somebody who stands elsewhere is told."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import platformdirs

from lab.atomic_file import write_atomically
from lab.failures import APP

SCHEMA = 1
MOST = 20


def remember(root: Path) -> None:
    """Note this workspace as the one used last. A note that cannot be kept is no reason to stop."""
    known = [str(root), *(str(one) for one in known_workspaces() if one != root)]
    document = {"schema": SCHEMA, "workspaces": known[:MOST]}
    with contextlib.suppress(OSError):
        write_atomically(_file(), (json.dumps(document, indent=1) + "\n").encode())


def started_elsewhere(slug: str, root: Path) -> Path | None:
    """Another workspace that holds this exercise, the one used last; None when none is known."""
    return next((one for one in known_workspaces() if one != root and (one / slug).is_dir()), None)


def known_workspaces() -> list[Path]:
    """The last used first. A file that cannot be read is no reason to stop: it only helps to find them."""
    try:
        return [Path(one) for one in json.loads(_file().read_text(encoding="utf-8"))["workspaces"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _file() -> Path:
    return platformdirs.user_state_path(APP) / "workspaces.json"
