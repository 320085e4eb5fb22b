"""What exercise 3's README states, and the ways to read it wrongly."""

from __future__ import annotations

from functools import partial

from tests.exercises.condition import Condition, Stated

from .planned_runs import SLUG, SYSCALLS, planned, recorded
from .tracers import (
    by_call,
    changed,
    connections,
    data,
    data_is,
    divided,
    filtered,
    helper,
    kind_is,
    own,
    requests,
    server_of,
    tracer,
    with_helpers,
    without_call,
    without_kind,
)

STATED = Stated(
    SLUG,
    {"recorded": recorded, **{f"seed {seed}": partial(planned, seed) for seed in range(2)}},
    tracer(),
    (
        Condition(
            "filtered to the container with everything in it",
            {
                "the whole machine": tracer(keep=lambda call: True),
                "the server's process": filtered(lambda seen, call: call.pid == server_of(seen)),
                "the server's main thread": filtered(lambda seen, call: call.tid == server_of(seen)),
                "the server's name": tracer(keep=lambda call: call.comm == "tritonserver"),
                "its own group": filtered(lambda seen, call: call.in_target and call.pid != helper(seen)),
                "whatever has its ports": tracer(
                    keep=lambda call: call.in_target or own(call) in ("http", "grpc")
                ),
            },
        ),
        Condition(
            "Exact counts of the eight calls for each kind",
            {
                "calls that fail are none": tracer(counted=lambda call: call.ret >= 0),
                "an end is no call": tracer(counted=lambda call: call.ret != 0),
                "only data counts": tracer(counted=data),
                "without EAGAIN": tracer(counted=lambda call: call.ret != -11),
                **{f"without {name}": without_call(name) for name in SYSCALLS},
                **{
                    f"without {kind}": without_kind(kind)
                    for kind in ("http", "grpc", "unix", "pipe", "eventfd")
                },
            },
        ),
        Condition(
            "A connection to a client? A pipe? An alarm bell between two threads? The number does not say.",
            {
                "readv and writev are HTTP": by_call("http", "readv", "writev"),
                "recvmsg and sendmsg are gRPC": by_call("grpc", "recvmsg", "sendmsg"),
                "recvmsg is gRPC": by_call("grpc", "recvmsg"),
                "sendmsg is gRPC": by_call("grpc", "sendmsg"),
                "recvfrom and sendto are a socket pair": by_call("unix", "recvfrom", "sendto"),
                "write is an eventfd": by_call("eventfd", "write"),
                "read is a pipe": by_call("pipe", "read"),
                "any anonymous file is an eventfd": with_helpers("read_epoll_refused", "eventfd.read"),
            },
        ),
        Condition(
            "An internet socket's own port is 8000 for HTTP and 8001 for gRPC.",
            {
                "any port is HTTP": kind_is(lambda call: "http" if call.fd_kind == "inet" else call.fd_kind),
                "both are HTTP": kind_is(lambda call: "http" if own(call) in ("http", "grpc") else own(call)),
                "8001, or else HTTP": kind_is(
                    lambda call: own(call) if call.port == 8001 or call.fd_kind != "inet" else "http"
                ),
                "8000, or else gRPC": kind_is(
                    lambda call: own(call) if call.port == 8000 or call.fd_kind != "inet" else "grpc"
                ),
                "the other way round": kind_is(
                    lambda call: {"http": "grpc", "grpc": "http"}.get(own(call), own(call))
                ),
                "either side's port": with_helpers("sendto_port_8000", "http.sendto"),
                "IPv6 is gRPC": with_helpers("sendto_ipv6", "grpc.sendto"),
            },
        ),
        Condition(
            "A call's result is the number of bytes. A negative number is an error, often `-11` (`EAGAIN`:"
            " nothing there yet). 0 from a connection means that the other side has closed it.",
            {
                "anything but 0": data_is(lambda call: call.ret != 0),
                "anything from 0": data_is(lambda call: call.ret >= 0),
                "every result": data_is(lambda call: True),
                "anything but 0 and EAGAIN": data_is(lambda call: call.ret not in (0, -11)),
                "anything but EAGAIN": data_is(lambda call: call.ret != -11),
                "more than one byte": data_is(lambda call: call.ret > 1),
                "a write always moves data": data_is(
                    lambda call: call.ret > 0 or call.syscall.startswith(("write", "send"))
                ),
                "0 ends connections only": data_is(
                    lambda call: call.ret > 0 or (call.ret == 0 and call.fd_kind != "inet")
                ),
                "only connections move data": data_is(lambda call: call.ret > 0 and call.fd_kind == "inet"),
            },
        ),
        Condition(
            "A connection is not a request: clients keep it open and send many.",
            {"connections": requests(lambda seen, told: connections(seen))},
        ),
        Condition(
            "On an HTTP connection one call returns data exactly once for each request.",
            {
                "every readv": requests(lambda seen, told: told["calls"]["http"]["readv"]),
                "wake-ups": requests(lambda seen, told: told["with_data"]["unix"]["recvfrom"]),
                "eventfds": requests(lambda seen, told: told["with_data"]["eventfd"]["write"]),
                "both protocols": requests(
                    lambda seen, told: told["requests"]["http"] + told["calls"]["grpc"]["sendmsg"]
                ),
            },
        ),
        Condition(
            "No number of calls is the number of requests. Say so: report `None`.",
            {
                "recvmsg": requests(lambda seen, told: told["with_data"]["grpc"]["recvmsg"], "grpc"),
                "sendmsg": requests(lambda seen, told: told["calls"]["grpc"]["sendmsg"], "grpc"),
                "none": requests(lambda seen, told: 0, "grpc"),
            },
        ),
        Condition(
            "Two decimals are enough. Keep the fraction: it is the ends of connections.",
            {
                "rounded": changed(
                    lambda seen, told: {
                        "per_request": {call: round(one) for call, one in told["per_request"].items()}
                    }
                ),
                "only calls with data": changed(
                    lambda seen, told: divided(seen, told, "with_data", told["requests"]["http"])
                ),
                "by connections": changed(lambda seen, told: divided(seen, told, "calls", connections(seen))),
            },
        ),
    ),
)
