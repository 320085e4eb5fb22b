"""Sends Triton's traffic: requests from the lab side, everything else as orders to the host."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import grpc  # type: ignore[import-untyped]

from grader.onhost.contract.driver_orders import (
    HoldThreads,
    ParkThreads,
    ReleaseThreads,
    TargetCalls,
    UnparkThreads,
)
from grader.traffic import LedgerEntry, OrderChannel, Step
from workloads.errors import UnknownStepError, WorkloadError
from workloads.ordered_steps import by_kind, carry_out
from workloads.triton.grpc_lane import GrpcLane, channels
from workloads.triton.http_lane import HttpConnection, HttpLane, OpenConnections
from workloads.triton.lanes import Lane, lanes_of, run_lanes

ORDERED = by_kind(ParkThreads, UnparkThreads, TargetCalls)
KINDS = ("http", "grpc", *ORDERED)


@dataclass(frozen=True)
class Server:
    """One of the two containers as the client sees it."""

    name: str
    addresses: Mapping[str, tuple[str, int]]
    """Protocol -> address on the lab side."""
    main_pid: int = 0
    """The server's process on the host; 0 where nobody needs it."""


class TritonDrive:
    """Satisfies `grader.traffic.Drive`. Leaving the context ends traffic that still runs.

    Kinds: `http` {lanes, who} and `grpc` {lanes, who, channels}, where a lane is a list of requests
    {gap_ms, sleep_ms, spin_ms} and `who` is `target` (the default) or `decoy`; lane i of `grpc` uses channel
    i modulo `channels`, and its requests may have a `cancel_ms` after which the client gives up. With
    `own_threads` each lane of an `http` step is served by a thread of its own, as long as the server has one.
    `park_threads`, `unpark_threads` and `target_calls` go to the host as they are.
    """

    def __init__(self, servers: Mapping[str, Server], orders: OrderChannel) -> None:
        self._servers, self._orders = servers, orders
        self._stopping = threading.Event()
        self._connections = OpenConnections()
        self._channels: list[grpc.Channel] = []

    def __enter__(self) -> TritonDrive:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        self._connections.abort()
        for channel in self._channels:
            channel.close()  # calls in flight end as cancelled; closing twice is harmless

    def run(self, step: Step) -> list[LedgerEntry]:
        """Carry out one step. Raises UnknownStepError, WorkloadError for params that make no sense."""
        if step.kind == "http":
            return self._http(step)
        if step.kind == "grpc":
            return self._grpc(step)
        if step.kind in ORDERED:
            return [carry_out(ORDERED[step.kind], step, self._servers["target"].name, self._orders)]
        raise UnknownStepError(step.kind, KINDS)

    def _server(self, step: Step) -> Server:
        who = str(step.params.get("who", "target"))
        if who not in self._servers:
            raise WorkloadError(f"there is no {who!r} to send to; there are: {', '.join(self._servers)}")
        return self._servers[who]

    def _http(self, step: Step) -> list[LedgerEntry]:
        server, lanes = self._server(step), lanes_of(step.params)
        if any(request.cancel_ms for lane in lanes for request in lane):
            raise WorkloadError(
                "only a gRPC call can be given up: `cancel_ms` makes no sense in an http step"
            )

        with contextlib.ExitStack() as opened:
            apart = self._connect_apart(server, len(lanes)) if step.params.get("own_threads") else ()
            for connection in apart:
                opened.enter_context(connection)

            def send(number: int, lane: Lane) -> list[LedgerEntry]:
                http = HttpLane(number, server.name, server.addresses["http"], self._stopping)
                return http.send(lane, self._connections, apart[number] if apart else None)

            return run_lanes(lanes, send, self._stopping)

    def _connect_apart(self, server: Server, count: int) -> list[HttpConnection]:
        """So many connections, each given to another thread of the server.

        Empty when the server does not take them: each lane then connects by itself, and the run is void.
        """
        with contextlib.ExitStack() as undo:
            self._orders.order(HoldThreads(server.main_pid, count))
            try:
                opened = [undo.enter_context(HttpConnection(server.addresses["http"])) for _ in range(count)]
            except OSError:
                return []
            finally:
                self._orders.order(ReleaseThreads())
            undo.pop_all()
        return opened

    def _grpc(self, step: Step) -> list[LedgerEntry]:
        server, count = self._server(step), int(step.params.get("channels", 1))
        if count < 1:
            raise WorkloadError("a gRPC step needs at least one channel")
        with channels(server.addresses["grpc"], count) as opened:
            self._channels += opened

            def send(number: int, lane: Lane) -> list[LedgerEntry]:
                which = number % count
                return GrpcLane(number, server.name, which, opened[which], self._stopping).send(lane)

            return run_lanes(lanes_of(step.params), send, self._stopping)
