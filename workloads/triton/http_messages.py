"""Inference requests and answers of Triton's HTTP protocol, as bytes."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from workloads.triton.lanes import WorkRequest

PATH = "/v2/models/work/infer"
LARGEST_HEAD_BYTES = 65_536


class BadAnswer(Exception):
    """What came back is not a complete HTTP answer."""


@dataclass(frozen=True)
class HttpAnswer:
    """One whole answer."""

    status: int
    body: bytes
    bytes: int
    """Head and body together."""

    def is_right_for(self, request: WorkRequest) -> bool:
        """Whether it is 200 and the model's sum is the one asked for."""
        if self.status != 200:
            return False
        try:
            (value,) = json.loads(self.body)["outputs"][0]["data"]
        except (ValueError, KeyError, IndexError, TypeError):
            return False
        # The model computes with 32-bit numbers.
        return isinstance(value, (int, float)) and math.isclose(value, request.work_ms, rel_tol=1e-5)


def encode(request: WorkRequest, host: str) -> bytes:
    """Head and body in one piece: two writes would wait for a delayed acknowledgement."""
    inputs = [_tensor("SLEEP_MS", request.sleep_ms)]
    if request.spin_ms:
        inputs.append(_tensor("SPIN_MS", request.spin_ms))
    body = json.dumps({"inputs": inputs}, separators=(",", ":")).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _tensor(name: str, value: float) -> dict[str, object]:
    return {"name": name, "shape": [1], "datatype": "FP32", "data": [value]}


def split_head(received: bytes) -> tuple[int, int, int] | None:
    """(status, bytes of the head, bytes of the body) once the head is complete, None before.

    Raises BadAnswer when it is no head of an answer with a known length.
    """
    head, end, _ = received.partition(b"\r\n\r\n")
    if not end:
        if len(received) > LARGEST_HEAD_BYTES:
            raise BadAnswer("the answer's head does not end")
        return None
    first, *fields = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if not words[0].startswith("HTTP/1.") or len(words) < 2 or not words[1].isdigit():
        raise BadAnswer(f"not an HTTP answer: {first[:80]!r}")
    for field in fields:
        name, _, value = field.partition(":")
        if name.strip().lower() == "content-length" and value.strip().isdigit():
            return int(words[1]), len(head) + len(end), int(value)
    raise BadAnswer("the answer does not say how long it is")
