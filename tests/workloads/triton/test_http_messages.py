from __future__ import annotations

import json

import pytest

from workloads.triton.http_messages import BadAnswer, HttpAnswer, encode, split_head
from workloads.triton.lanes import WorkRequest


def test_a_request_is_one_message_that_says_its_own_length() -> None:
    head, _, body = encode(WorkRequest(sleep_ms=25, spin_ms=2), "lab-target").partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v2/models/work/infer HTTP/1.1\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    values = {tensor["name"]: tensor["data"] for tensor in json.loads(body)["inputs"]}
    assert values == {"SLEEP_MS": [25], "SPIN_MS": [2]}


def test_a_request_without_computing_does_not_mention_it() -> None:
    assert b"SPIN_MS" not in encode(WorkRequest(sleep_ms=25), "x")


def test_a_head_is_understood_only_once_it_is_complete() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n"
    assert all(split_head(answer[:end]) is None for end in range(len(answer)))
    assert split_head(answer + b"more") == (200, len(answer), 12)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"x" * 70_000,
    ],
)
def test_what_is_no_answer_of_known_length_is_refused(head: bytes) -> None:
    with pytest.raises(BadAnswer):
        split_head(head)


def answer(status: int, data: object) -> HttpAnswer:
    body = json.dumps({"outputs": [{"data": data}]}).encode()
    return HttpAnswer(status, body, len(body))


@pytest.mark.parametrize(
    ("came", "right"),
    [
        (answer(200, [60.1]), True),
        (answer(200, [60.099998474]), True),  # 60.1 as a 32-bit number
        (answer(500, [60.1]), False),
        (answer(200, [61]), False),
        (answer(200, []), False),
        (answer(200, ["60.1"]), False),
        (HttpAnswer(200, b"not json", 8), False),
        (HttpAnswer(200, b"[]", 2), False),
        (HttpAnswer(200, b'{"outputs":[{"data":[NaN]}]}', 28), False),
    ],
)
def test_only_200_with_the_sum_that_was_asked_for_is_right(came: HttpAnswer, right: bool) -> None:
    assert came.is_right_for(WorkRequest(sleep_ms=60, spin_ms=0.1)) is right
