"""The verdict as the public JSON, and back."""

from __future__ import annotations

import json
from typing import Any

from grader.onhost.contract.plain_data import from_plain, to_plain
from grader.verdict import SCHEMA, Verdict


def to_document(verdict: Verdict) -> dict[str, Any]:
    """`schema, exercise, outcome, checks[...], cost[...], host{...}, seed, timings{...}, attempt,
    observation, trust`, in this order.
    """
    plain: dict[str, Any] = to_plain(verdict)
    return {"schema": plain.pop("schema"), **plain}


def dumps(verdict: Verdict) -> str:
    """One JSON document, indented, ending in a newline. Holds no NaN or Infinity."""
    return json.dumps(finite(to_document(verdict)), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def loads(text: str) -> Verdict:
    """The verdict in this JSON. Raises ValueError (a PlainDataError names the path)."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f"no verdict of schema {SCHEMA}")
    return from_plain(Verdict, document, "verdict")


def finite(value: Any) -> Any:
    """The same value, NaN and Infinity as texts: JSON has no such numbers, and a check may show what it was
    given.
    """
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [finite(inner) for inner in value]
    return value
