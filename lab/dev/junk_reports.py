"""Reports that no tracer should get away with, made from a right one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from grader.observation import BadReport, Observation, Report
from grader.report import parse as report

PLAIN: dict[str, bytes] = {
    "empty": b"",
    "not json": b"{counts: 3}\n",
    "a list": b"[1, 2, 3]\n",
    "an empty object": b"{}\n",
    "NaN": b'{"counts": NaN}\n',
    "Infinity": b'{"counts": -Infinity}\n',
    "deep": b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n",
    "not utf-8": b'{"a": "\xff\xfe"}\n',
}

NUMBERS: dict[str, Callable[[int | float], int | float]] = {
    "every number -1": lambda _number: -1,
    "every number 0": lambda _number: 0,
    "every number 2^63": lambda _number: 2**63,
    "every number doubled": lambda number: number * 2,
    "every number x 1000": lambda number: number * 1000,
}


def junk(right: Observation, seed: int) -> Iterator[tuple[str, Observation]]:
    """A passing observation with its report replaced, many times; each must fail with a cause."""
    noise = random.Random(seed).randbytes(4096)
    for name, printed in {**PLAIN, "random bytes": noise, "random bytes in braces": b"{" + noise}.items():
        yield name, replace(right, report=report.parse(printed))
    if isinstance(right.report, BadReport):
        return
    for name, change in NUMBERS.items():
        document = changed(right.report.document, change)
        yield name, replace(right, report=Report(document, right.report.bytes))


def changed(value: Any, change: Callable[[int | float], int | float]) -> Any:
    """A document with every number in it changed; texts, truth values and shapes stay."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return change(value)
    if isinstance(value, dict):
        return {key: changed(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [changed(item, change) for item in value]
    return value
