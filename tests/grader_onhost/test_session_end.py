"""Leaving a session removes everything, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from grader.onhost import session
from grader.onhost.spare_processes import SpareProcesses
from grader.onhost.tracer_link import TracerLink


class StuckLink:
    """A tracer's network that cannot be removed."""

    def remove(self) -> None:
        raise OSError("namespace is busy")


def test_what_cannot_be_removed_keeps_nothing_else_from_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "FOLDERS", tmp_path)
    with pytest.raises(OSError, match="busy"), session.Session(cast(SpareProcesses, None)) as opened:
        means: Any = opened._means
        means.links["t0"] = cast(TracerLink, StuckLink())
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []
