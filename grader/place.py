"""Where programs are attached, in the words of an exercise."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.observation import Attachment, Observation

SYSCALL_PREFIX = re.compile(r"^(?:__x64_sys_|__arm64_sys_|__se_sys_|__do_sys_|__sys_|sys_)")


@dataclass(frozen=True)
class Place:
    """Where a program is attached: `kprobe` at `readv`."""

    kind: str
    where: str
    also: tuple[str, ...] = ()
    """Other kinds of place that are as good here."""

    def __str__(self) -> str:
        return f"{self.kind} on {self.where}"

    @property
    def is_return(self) -> bool:
        """Whether programs run there when a function returns."""
        return self.kind in ("kretprobe", "uretprobe")

    def is_at(self, attachment: Attachment) -> bool:
        """Whether this attachment is this place. System calls are compared without their CPU's prefix."""
        kinds = (self.kind, *self.also)
        return attachment.kind in kinds and plain_function(attachment.where) == plain_function(self.where)


def kprobe(function: str) -> Place:
    """The entry of a kernel function or, by its bare name, of a system call."""
    return Place("kprobe", function)


def kretprobe(function: str) -> Place:
    """The return of a kernel function or, by its bare name, of a system call."""
    return Place("kretprobe", function)


def plain_function(where: str) -> str:
    """`__x64_sys_readv` -> `readv`: the prefix differs between CPUs."""
    return SYSCALL_PREFIX.sub("", where)


def how_often(seen: Observation, place: Place) -> int:
    """How many attachments there are at this place."""
    return sum(place.is_at(attachment) for attachment in seen.kernel.attachments)


def place_of(attachment: Attachment) -> Place:
    """An attachment in the words of the exercise; in a program's file, with its offset there."""
    if attachment.kind in ("uprobe", "uretprobe"):
        return Place(attachment.kind, f"{attachment.where}+{attachment.offset:#x}")
    if attachment.kind.endswith("tracepoint"):
        return Place(attachment.kind, attachment.where)  # `sys_enter` is a whole name, no prefix
    return Place(attachment.kind, plain_function(attachment.where))
