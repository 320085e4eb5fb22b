"""Leaving a session removes everything, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from grader.onhost import session
from grader.onhost.driver.spare_processes import SpareProcesses
from grader.onhost.network.link import TracerLink
from grader.onhost.tracer import orders
from grader.onhost.tracer.jailed_tracer import JailedTracer


class StuckLink:
    """A tracer's network that cannot be removed."""

    def remove(self) -> None:
        raise OSError("namespace is busy")


class EndedTracer:
    """A tracer of which nothing is left."""

    def begin_kill(self) -> None: ...

    def kill(self) -> None: ...


def test_what_cannot_be_removed_keeps_nothing_else_from_going(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "FOLDERS", tmp_path)
    with pytest.raises(OSError, match="busy"), session.Session(cast(SpareProcesses, None)) as opened:
        means: Any = opened._means
        means.links["t0"] = cast(TracerLink, StuckLink())
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_never_had_a_tracer_leaves_the_probes_of_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `lab watch` keeps one waiting while `lab check` in another terminal loads its tracer.
    asked: list[object] = []

    def remove_probes(before: object, wait_s: float) -> list[str]:
        asked.append(before)
        return []

    monkeypatch.setattr(session, "FOLDERS", tmp_path)
    monkeypatch.setattr(orders, "remove_probes", remove_probes)
    with session.Session(cast(SpareProcesses, None)):
        pass
    assert asked == []
    with session.Session(cast(SpareProcesses, None)) as opened:
        tracers: Any = opened._tracers
        tracers._tracers["t0"] = cast(JailedTracer, EndedTracer())
    assert len(asked) == 1
