"""A tracer that keeps one start for each process, in the place of one for each thread."""

from __future__ import annotations

from collections import Counter

from grader.checks.call_table.table import CallTable
from grader.observation import Observation
from grader.truth.calls import calls


def by_process(table: CallTable, seen: Observation) -> Counter[str]:
    """Row -> calls whose return found a start: the last one of its process."""
    recorded = calls(seen, *table.syscalls).inside
    begun: dict[int, str] = {}
    found: Counter[str] = Counter()
    moments = [(call.entry_ns, True, call) for call in recorded]
    moments += [(call.exit_ns, False, call) for call in recorded]
    for _, begins, call in sorted(moments, key=lambda moment: moment[:2]):
        if begins:
            begun[call.pid] = table.row(call)
        elif call.pid in begun:
            found[begun.pop(call.pid)] += 1
    rows = set(table.rows())
    return Counter({row: number for row, number in found.items() if row in rows})
