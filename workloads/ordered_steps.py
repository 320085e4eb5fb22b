"""Steps that are carried out on the lab host: passed on as orders, the answers are the ledger's entries."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from grader.onhost.contract.order import Order
from grader.onhost.contract.plain_data import PlainDataError, to_plain
from grader.traffic import LedgerEntry, OrderChannel, Step
from workloads.errors import WorkloadError

TIMEOUT_S = 180.0
"""For a whole order; an emulated host starts some ten programs a second."""


def by_kind(*orders: type[Order[Any]]) -> Mapping[str, type[Order[Any]]]:
    """Each order under its name: the kind of the steps that stand for it."""
    return {order.name: order for order in orders}


def carry_out(order: type[Order[Any]], step: Step, who: str, channel: OrderChannel) -> LedgerEntry:
    """Have this order carried out with the step's params as its fields.

    The entry's detail is what was asked for and answered. Raises WorkloadError for params that are none.
    """
    try:
        asked = order.of({"timeout_s": TIMEOUT_S, **step.params})
    except PlainDataError as error:
        raise WorkloadError(str(error)) from None
    started_ns = time.monotonic_ns()
    answer = channel.order(asked)
    ended_ns = time.monotonic_ns()
    params = {key: value for key, value in step.params.items() if key != "timeout_s"}
    detail = {**params, **to_plain(answer)}
    return LedgerEntry(step.kind, who, ok=True, started_ns=started_ns, ended_ns=ended_ns, detail=detail)
