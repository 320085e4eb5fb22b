"""Strict parsing of what a tracer printed.

A report document is a line that is one JSON object. The last one printed after SIGINT is the report; the last
one before, when none came after. Anything else a tracer prints is allowed and means nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from grader.observation import BadReport, Report

LIMIT_BYTES = 16 * 1024 * 1024
EXCERPT_CHARS = 200
INTEGER_LIMIT = 2**64
"""A counter in the kernel has at most 64 bits; anything above was not counted."""


class _Refused(Exception):
    """This JSON is no report. `reason` is a BadReport reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(after_sigint: bytes, before_sigint: bytes = b"") -> Report | BadReport:
    """The report in a tracer's standard output, split at the moment SIGINT was sent.

    Reasons of a BadReport: `none`, `not_json`, `not_an_object`, `not_finite`, `too_large` (16 MiB),
    `not_utf8`, `number_too_large` (more than 64 bits), `duplicate_key`, `too_deep`.
    """
    if len(after_sigint) + len(before_sigint) > LIMIT_BYTES:
        return BadReport("too_large", excerpt(after_sigint[:EXCERPT_CHARS] or before_sigint[:EXCERPT_CHARS]))
    later = list(_documents(after_sigint))
    earlier = list(_documents(before_sigint))
    for results in (later, earlier):
        if results:
            chosen = _choose(results)
            if isinstance(chosen, Report):
                return Report(chosen.document, chosen.bytes, len(later) + len(earlier))
            return chosen
    return _nothing(after_sigint + b"\n" + before_sigint)


def _choose(results: list[Report | BadReport]) -> Report | BadReport:
    """The last document. A line in braces that is no JSON is only talk, unless there is nothing better."""
    for result in reversed(results):
        if isinstance(result, Report) or result.reason != "not_json":
            return result
    return results[-1]


def _documents(output: bytes) -> Iterator[Report | BadReport]:
    for raw in output.split(b"\n"):
        line = raw.strip()
        if line.startswith(b"{"):
            yield parse_document(line)


def parse_document(line: bytes) -> Report | BadReport:
    """One line as a report document."""
    if len(line) > LIMIT_BYTES:
        return BadReport("too_large", excerpt(line[:EXCERPT_CHARS]))
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return BadReport("not_utf8", excerpt(line))
    try:
        document = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_real,
            object_pairs_hook=_object,
        )
    except _Refused as refused:
        return BadReport(refused.reason, excerpt(line))
    except RecursionError:
        return BadReport("too_deep", excerpt(line))
    except ValueError:
        return BadReport("not_json", excerpt(line))
    if not isinstance(document, dict):
        return BadReport("not_an_object", excerpt(line))
    return Report(document, bytes=len(line))


def _nothing(output: bytes) -> BadReport:
    """No line looked like a document: say what there was instead."""
    lines = [line.strip() for line in output.split(b"\n") if line.strip()]
    for line in reversed(lines):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            return BadReport("not_utf8", excerpt(line))
        if text.startswith("["):
            return BadReport("not_an_object", excerpt(line))
    return BadReport("none", excerpt(lines[-1]) if lines else "")


def excerpt(raw: bytes) -> str:
    """At most 200 characters that are safe to show in a terminal."""
    text = raw[: EXCERPT_CHARS * 4].decode("utf-8", errors="replace")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)[
        :EXCERPT_CHARS
    ]


def _refuse_constant(name: str) -> Any:
    raise _Refused("not_finite")


def _integer(digits: str) -> int:
    # The length first: Python refuses to convert more than 4,300 digits, and need not try.
    if len(digits) > 24:
        raise _Refused("number_too_large")
    number = int(digits)
    if not -(INTEGER_LIMIT // 2) <= number < INTEGER_LIMIT:
        raise _Refused("number_too_large")
    return number


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Refused("not_finite")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise _Refused("duplicate_key")
    return document
