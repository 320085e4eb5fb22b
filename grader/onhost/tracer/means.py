"""What tracers get beside the usual because their exercise needs it, and what the kernel knows of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..contract.tracer_facts import Attachment, LinkFacts
from ..jail.options import Means
from ..jail.pins import Pin, Pins
from ..kernel.facts import Unheld
from ..network import namespaces
from ..network.link import TracerLink


class TracerMeans:
    """Of one session: links and pins by the tracer's name. A context manager: leaving it removes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.links: dict[str, TracerLink] = {}
        self._pins: dict[str, Pins] = {}

    def __enter__(self) -> TracerMeans:
        return self

    def __exit__(self, *exc: object) -> None:
        for link in self.links.values():
            link.remove()
        for pins in self._pins.values():
            pins.remove()

    def make(self, tracer: str, needs: Sequence[str]) -> list[Means]:
        """What must be made for these needs, made."""
        made = []
        if "network" in needs:
            self.links[tracer] = TracerLink(f"{self._folder.name}-{tracer}")
            made.append(self.links[tracer].means())
        if "pins" in needs:
            self._pins[tracer] = Pins(self._folder / f"{tracer}.pins")
            made.append(self._pins[tracer].means())
        return made

    def objects(self, tracer: str) -> Unheld:
        """What no process of the tracer need hold."""
        link, attachments = self._looked_at(tracer)
        pinned = self._pinned(tracer)
        programs = [one.program_id for one in attachments] + [pin.program_id for pin in pinned]
        return Unheld(
            programs=frozenset(number for number in programs if number),
            maps=frozenset(pin.map_id for pin in pinned if pin.map_id),
            attachments=attachments,
            link=link,
        )

    def left(self, tracer: str) -> list[str]:
        """What is attached or pinned after the tracer's end, in words."""
        _, attachments = self._looked_at(tracer)
        return [f"XDP program on {one.where}" for one in attachments] + [
            f"pin {pin.path}" for pin in self._pinned(tracer)
        ]

    def _looked_at(self, tracer: str) -> tuple[LinkFacts | None, tuple[Attachment, ...]]:
        return self.links[tracer].look() if tracer in self.links else (None, ())

    def _pinned(self, tracer: str) -> list[Pin]:
        return self._pins[tracer].listed() if tracer in self._pins else []

    def arrived(self) -> int:
        """Frames that came through to any tracer's network so far: no more of them means quiet."""
        return sum(link.arrived() for link in self.links.values())


def remove_stale(alive: Callable[[str], bool]) -> None:
    """Take away the networks of sessions that were killed; `alive` tells of a session by its number."""
    if namespaces.FOLDER.is_dir():
        for path in namespaces.FOLDER.glob(f"{namespaces.PREFIX}*"):
            if not alive(path.name.removeprefix(namespaces.PREFIX).split("-")[0]):
                namespaces.remove(path.name)
