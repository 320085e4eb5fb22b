from __future__ import annotations

import struct

import pytest

from workloads.triton.grpc_messages import encode, fields, is_right_for
from workloads.triton.lanes import WorkRequest


def test_a_request_names_the_model_and_carries_its_tensors() -> None:
    message = list(fields(encode(WorkRequest(sleep_ms=10, spin_ms=3))))
    tensors = [dict(fields(value)) for number, value in message if number == 5 and isinstance(value, bytes)]
    assert message[0] == (1, b"work")
    assert tensors == [
        {1: b"SLEEP_MS", 2: b"FP32", 3: b"\x01"},
        {1: b"SPIN_MS", 2: b"FP32", 3: b"\x01"},
    ]
    assert [value for number, value in message if number == 7] == [
        struct.pack("<f", 10),
        struct.pack("<f", 3),
    ]


def test_a_recorded_request_has_the_bytes_that_triton_took() -> None:
    expected = "0a04776f726b2a130a08534c4545505f4d53120446503332" + "1a01013a0400000000"
    assert encode(WorkRequest()).hex() == expected


def response(*raw: bytes) -> bytes:
    return b"\x0a\x04work\x12\x011" + b"".join(b"\x32" + bytes([len(one)]) + one for one in raw)


def test_an_answer_is_right_with_one_tensor_that_holds_the_sum() -> None:
    request = WorkRequest(sleep_ms=25, spin_ms=0.1)
    assert is_right_for(request, response(struct.pack("<f", 25.1)))
    assert not is_right_for(request, response(struct.pack("<f", 25.2)))
    assert not is_right_for(request, response())
    assert not is_right_for(request, response(b"", b""))
    assert not is_right_for(request, response(b"\0" * 8))


@pytest.mark.parametrize("junk", [b"\xff" * 20, b"\x0a\x50short", b"\x0b", b"\x0a", b"\x0d\x01"])
def test_junk_is_a_wrong_answer_and_no_crash(junk: bytes) -> None:
    assert not is_right_for(WorkRequest(), junk)
    with pytest.raises(ValueError, match=r"message|wire type"):
        list(fields(junk))


def test_numbers_and_fixed_fields_are_read_over() -> None:
    message = b"\x08\x96\x01" + b"\x11" + b"\1" * 8 + b"\x1d" + b"\2" * 4
    assert list(fields(message)) == [(1, 150), (2, b"\1" * 8), (3, b"\2" * 4)]
