"""Which descriptors are the same open file: a child process inherits its parent's."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

KCMP = {"x86_64": 312, "aarch64": 272}
KCMP_FILE = 0

_libc = ctypes.CDLL(None, use_errno=True)


def distinct(descriptors: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """One for each open file among these, which hold `pid` and `fd`; none for what is closed by now."""
    seen: list[tuple[int, int]] = []
    for descriptor in descriptors:
        one = int(descriptor["pid"]), int(descriptor["fd"])
        if _same(one, one) and not any(_same(one, other) for other in seen):
            seen.append(one)
            yield descriptor


def _same(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether both (process, descriptor) are open, and the same."""
    # As words of the machine's size, as the kernel takes them.
    words = [ctypes.c_long(word) for word in (one[0], other[0], KCMP_FILE, one[1], other[1])]
    return int(_libc.syscall(ctypes.c_long(KCMP[platform.machine()]), *words)) == 0
