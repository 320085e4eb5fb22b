"""Numbers and durations as people write them."""

from __future__ import annotations


def number(value: float | None) -> str:
    """A count or a measured number, short; a dash for one that is not there."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def duration(ns: float | None) -> str:
    """A duration as a person reads it: `25.1 ms`; `not reported` for None."""
    if ns is None:
        return "not reported"
    for unit, factor in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if abs(ns) >= factor:
            return f"{ns / factor:.3g} {unit}"
    return f"{ns:.0f} ns"
