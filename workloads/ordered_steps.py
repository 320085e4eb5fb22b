"""Steps that are carried out on the lab host: passed on as orders, the answers are the ledger's entries."""

from __future__ import annotations

import time

from grader.traffic import LedgerEntry, OrderChannel, Step

TIMEOUT_S = 180.0
"""For a whole order; an emulated host starts some ten programs a second."""


def carry_out(step: Step, who: str, orders: OrderChannel) -> LedgerEntry:
    """Have the order named like the step's kind carried out; `timeout_s` in the params is the limit."""
    params = dict(step.params)
    timeout_s = float(params.pop("timeout_s", TIMEOUT_S))
    started_ns = time.monotonic_ns()
    answer = orders.order(step.kind, timeout_s=timeout_s, **params)
    ended_ns = time.monotonic_ns()
    told = {key: value for key, value in answer.items() if key not in ("id", "ok")}
    return LedgerEntry(
        kind=step.kind,
        who=who,
        ok=bool(answer.get("ok", True)),
        started_ns=started_ns,
        ended_ns=ended_ns,
        detail={**params, **told},
    )
