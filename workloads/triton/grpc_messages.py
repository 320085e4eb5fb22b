"""The two protobuf messages of Triton's GRPCInferenceService/ModelInfer that we need, written by hand.

Field numbers are those of the KServe v2 protocol (`grpc_service.proto`), which Triton implements. A generated
stub would pull in protobuf for two messages.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from workloads.triton.lanes import WorkRequest

METHOD = "/inference.GRPCInferenceService/ModelInfer"

MODEL_NAME, INPUTS, RAW_INPUTS = 1, 5, 7
TENSOR_NAME, TENSOR_DATATYPE, TENSOR_SHAPE = 1, 2, 3
RAW_OUTPUTS = 6

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def encode(request: WorkRequest) -> bytes:
    """A ModelInferRequest for the model `work`."""
    values = [("SLEEP_MS", request.sleep_ms)]
    if request.spin_ms:
        values.append(("SPIN_MS", request.spin_ms))
    inputs = b"".join(_field(INPUTS, _tensor(name)) for name, _ in values)
    raw = b"".join(_field(RAW_INPUTS, struct.pack("<f", value)) for _, value in values)
    return _field(MODEL_NAME, b"work") + inputs + raw


def is_right_for(request: WorkRequest, answer: bytes) -> bool:
    """Whether a ModelInferResponse carries the model's sum."""
    try:
        outputs = [value for number, value in fields(answer) if number == RAW_OUTPUTS]
    except ValueError:
        return False
    if len(outputs) != 1 or not isinstance(outputs[0], bytes) or len(outputs[0]) != 4:
        return False
    (value,) = struct.unpack("<f", outputs[0])
    return math.isclose(value, request.work_ms, rel_tol=1e-5)


def fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """(field number, value) of one message, in order. Raises ValueError where it is not protobuf."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _read_varint(message, at)
            yield number, value
            continue
        if wire == BYTES:
            length, at = _read_varint(message, at)
        elif wire in (FIXED64, FIXED32):
            length = 8 if wire == FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire} is not known")
        if at + length > len(message):
            raise ValueError("the message ends within a field")
        yield number, message[at : at + length]
        at += length


def _tensor(name: str) -> bytes:
    shape = _field(TENSOR_SHAPE, _varint(1))
    return _field(TENSOR_NAME, name.encode()) + _field(TENSOR_DATATYPE, b"FP32") + shape


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("the message ends within a number")
