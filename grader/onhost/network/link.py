"""A network of its own for one tracer: one end of a veth pair in it, the other in a namespace of the lab's.

The lab's end is not in the host's namespace: with CAP_NET_ADMIN a tracer reaches the namespace of its
interface's other end (by its netlink number), and there it must find nothing but that end.
"""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

from ..contract.tracer_facts import Attachment, LinkFacts
from ..jail.options import Means
from . import namespaces
from .packet_listener import PacketListener

INTERFACE, FAR = "lab0", "far0"


class TracerLink:
    """Made before the tracer; `remove` must follow. `name` is unique on the host."""

    def __init__(self, name: str) -> None:
        self._near, self._far = f"{namespaces.PREFIX}{name}", f"{namespaces.PREFIX}{name}-far"
        self._refused = 0
        try:
            for namespace in (self._near, self._far):
                namespaces.make(namespace)
            pair = ("type", "veth", "peer", "name", FAR, "netns", self._far)
            namespaces.ip("-n", self._near, "link", "add", INTERFACE, *pair)
            for namespace, end in ((self._near, INTERFACE), (self._far, FAR)):
                namespaces.ip("-n", namespace, "link", "set", end, "up", "arp", "off")
            self._listener = namespaces.inside(self._near, lambda: PacketListener(INTERFACE))
            self._sender = namespaces.inside(self._far, _sender)
        except BaseException:
            self._remove_namespaces()
            raise

    def means(self) -> Means:
        """For the jail: this network instead of none, and the right to change it."""
        return Means(
            capabilities=("CAP_NET_ADMIN",),
            # In place of PrivateNetwork, which would make an empty one.
            properties={"PrivateNetwork": "", "NetworkNamespacePath": str(namespaces.FOLDER / self._near)},
            environment={"LAB_INTERFACE": INTERFACE},
        )

    def send(self, frame: bytes) -> None:
        """One frame to the tracer's end. Refused frames are counted: only the tracer can be the reason."""
        try:
            self._sender.send(frame)
        except OSError:
            self._refused += 1

    def arrived(self) -> int:
        """Frames that came through XDP so far."""
        counts, _ = self._listener.read()
        return sum(count.packets for count in counts.values())

    def look(self) -> tuple[LinkFacts, tuple[Attachment, ...]]:
        """What is seen of the interface from here, and the XDP programs in this network."""
        links = json.loads(namespaces.ip("-n", self._near, "-j", "-s", "-d", "link", "show") or "[]")
        own: dict[str, Any] = next((one for one in links if one.get("ifname") == INTERFACE), {})
        arrived, lost = self._listener.read()
        facts = LinkFacts(
            interface=INTERFACE,
            up="UP" in own.get("flags", ()),
            refused=self._refused,
            received=int(own.get("stats64", {}).get("rx", {}).get("packets", 0)),
            arrived=arrived,
            lost=lost,
        )
        attachments = tuple(
            Attachment(program_id=number, kind="xdp", where=str(link["ifname"]))
            for link in links
            for number in xdp_programs(link)
        )
        return facts, attachments

    def remove(self) -> None:
        """The interface goes with its namespaces, and what was attached to it too."""
        self._listener.close()
        self._sender.close()
        self._remove_namespaces()

    def _remove_namespaces(self) -> None:
        for namespace in (self._near, self._far):
            with contextlib.suppress(OSError):
                namespaces.remove(namespace)


def xdp_programs(link: dict[str, Any]) -> list[int]:
    """Ids of the XDP programs on a link, as `ip -j -d link show` tells them."""
    xdp = link.get("xdp") or {}
    shown = [xdp, *xdp.get("attached", ())]
    ids = (one["prog"]["id"] for one in shown if "prog" in one)
    return list(dict.fromkeys(int(number) for number in ids))


def _sender() -> socket.socket:
    # Protocol 0: it only sends.
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((FAR, 0))
    return sock
