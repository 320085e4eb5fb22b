"""A packet socket that sees the frames of one interface after XDP, so none that a program dropped."""

from __future__ import annotations

import errno
import socket
import struct
import threading

from ..contract.tracer_facts import FrameCount
from .frames import kind_of

SOL_PACKET, PACKET_STATISTICS, PACKET_AUXDATA = 263, 6, 8
SO_RCVBUFFORCE = 33
ETH_P_ALL = 3
OUTGOING = 4
ROOM_BYTES = 128 * 1024 * 1024
VLAN_VALID = 1 << 4
AUXDATA = struct.Struct("=IIIHHHH")
"""struct tpacket_auxdata: status, length, caught, where MAC and network headers begin, VLAN tag and type."""


class PacketListener:
    """Make it inside the namespace; nothing is lost before it is read, up to its room."""

    def __init__(self, interface: str) -> None:
        self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM_BYTES)
        self._sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self._sock.bind((interface, ETH_P_ALL))
        self._sock.setblocking(False)
        self._lock = threading.Lock()
        self._packets: dict[str, int] = {}
        self._bytes: dict[str, int] = {}
        self._lost = 0

    def close(self) -> None:
        """Hear no more."""
        self._sock.close()

    def read(self) -> tuple[dict[str, FrameCount], int]:
        """Frames by kind since it was made, and how many found no room."""
        with self._lock:
            while (frame := self._next()) is not None:
                kind = kind_of(frame)
                self._packets[kind] = self._packets.get(kind, 0) + 1
                self._bytes[kind] = self._bytes.get(kind, 0) + len(frame)
            # Reading the statistics sets them back to 0.
            _, lost = struct.unpack("=II", self._sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
            self._lost += lost
            counts = {kind: FrameCount(number, self._bytes[kind]) for kind, number in self._packets.items()}
            return counts, self._lost

    def _next(self) -> bytes | None:
        while True:
            try:
                frame, extra, _, sender = self._sock.recvmsg(65536, 256)
            except BlockingIOError:
                return None
            except OSError as error:
                if error.errno == errno.ENETDOWN:  # said once when the interface goes down
                    continue
                raise
            if sender[2] != OUTGOING:
                return _with_tag(frame, extra)


def _with_tag(frame: bytes, extra: list[tuple[int, int, bytes]]) -> bytes:
    """The frame as it came: the kernel takes a VLAN tag out before the socket sees it."""
    for level, kind, data in extra:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA) and len(data) >= AUXDATA.size:
            status, _, _, _, _, tag, protocol = AUXDATA.unpack_from(data)
            if status & VLAN_VALID:
                return frame[:12] + struct.pack("!HH", protocol, tag) + frame[12:]
    return frame
