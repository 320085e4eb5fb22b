"""Reading a kernel ring buffer that nobody consumed while it was filled."""

from __future__ import annotations

import mmap
import struct

PAGE = mmap.PAGESIZE


class RingBuffer:
    """One BPF ring buffer, mapped once. Its layout is the kernel's (kernel/bpf/ringbuf.c):

    a page with the consumer's position, a page with the producer's, then the data, mapped twice in a row so
    that any run of bytes up to `size` is in one piece.
    """

    def __init__(self, map_fd: int, size: int) -> None:
        self._size = size
        self._consumer = mmap.mmap(map_fd, PAGE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        self._producer = mmap.mmap(map_fd, PAGE + 2 * size, mmap.MAP_SHARED, mmap.PROT_READ, offset=PAGE)

    def take(self) -> bytes:
        """Everything in it, 8-byte headers included, and empty it."""
        consumed, produced = self._positions()
        start = PAGE + consumed % self._size
        content = self._producer[start : start + produced - consumed]
        self._consumer[:8] = struct.pack("=Q", produced)
        return content

    def empty(self) -> None:
        """Forget what is in it."""
        self._consumer[:8] = struct.pack("=Q", self._positions()[1])

    def _positions(self) -> tuple[int, int]:
        (consumed,) = struct.unpack_from("=Q", self._consumer, 0)
        (produced,) = struct.unpack_from("=Q", self._producer, 0)
        return consumed, produced
