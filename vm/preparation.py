"""What makes a fresh machine ready before it is saved: told by whoever uses the machine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from vm.embedded_host import VmHost

Stage = Callable[[str], AbstractContextManager[None]]
"""Around each stage, with its name: its seconds are written down. Stages may run beside each other."""


def _needs_nothing(_stage: Stage) -> Path | None:
    return None


@dataclass(frozen=True)
class Preparation:
    """Two parts, of which the first runs beside the building of the image."""

    in_guest: Callable[[VmHost, Stage], None]
    """Called on a machine booted from cold. It may be called again on one where it was interrupted."""
    on_this_side: Callable[[Stage], Path | None] = _needs_nothing
    """Makes what the machine will need; the file that it is to be born with (`VmHost.brought`)."""


NOTHING = Preparation(lambda _host, _stage: None)
