"""On what a server makes its calls, from a recorded run that notes descriptors: real counts for each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from grader.checks.call_table.by_kind import OTHER
from grader.observation import Observation, RecordedCall
from grader.truth.calls import calls, ledger

NAMES = {
    "http": "HTTP",
    "grpc": "gRPC",
    "unix": "unix socket",
    "eventfd": "eventfd",
    "pipe": "pipe",
    OTHER: "something else",
}


@dataclass(frozen=True)
class Protocol:
    """What was sent over one protocol."""

    name: str
    """As people write it."""
    port: int
    requests: int
    connections: int
    """0 when the ledger does not tell."""


@dataclass(frozen=True)
class KindRow:
    """One system call on one kind of descriptor."""

    kind: str
    """In words."""
    syscall: str
    calls: int
    with_data: int
    per_request: float | None
    """Calls that moved data, for a request of the socket's protocol; None on what no protocol owns."""


@dataclass(frozen=True)
class DescriptorMap:
    """The whole table."""

    protocols: tuple[Protocol, ...]
    rows: tuple[KindRow, ...]


def descriptor_map(seen: Observation, ports: Mapping[str, int]) -> DescriptorMap:
    """Of the target's server process. `ports`: name of a protocol, as in the ledger -> the server's port."""
    target = seen.target
    assert target is not None, "a map needs an exercise with a container"
    sent = {
        name: Protocol(
            NAMES.get(name, name),
            port,
            len(ledger(seen, name, target.name, ok=True)),
            len(ledger(seen, f"{name}_close", target.name)),
        )
        for name, port in ports.items()
    }
    protocol_at = {port: name for name, port in ports.items()}
    mine = [call for call in calls(seen).inside if call.pid == target.main_pid]
    all_calls = Counter((place(call, protocol_at), call.syscall) for call in mine)
    data = Counter((place(call, protocol_at), call.syscall) for call in mine if call.ret > 0)
    order = list(NAMES)
    return DescriptorMap(
        tuple(sent.values()),
        tuple(
            KindRow(
                NAMES[kind],
                syscall,
                number,
                data[kind, syscall],
                data[kind, syscall] / sent[kind].requests if kind in sent else None,
            )
            for (kind, syscall), number in sorted(
                all_calls.items(), key=lambda one: (order.index(one[0][0]), one[0][1])
            )
        ),
    )


def place(call: RecordedCall, protocol_at: Mapping[int, str]) -> str:
    """A protocol, or a kind of descriptor."""
    kind = protocol_at.get(call.port, OTHER) if call.fd_kind == "inet" else call.fd_kind
    return kind if kind in NAMES else OTHER
