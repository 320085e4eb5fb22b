"""What the gate notes in the kernel of a program that it refused: `gate.bpf.c` gets all of it from here."""

from __future__ import annotations

import ctypes
from enum import IntEnum

from ..contract.c_layout import members, numbers
from ..contract.services import TRACER_UNIT_PREFIX

UNIT_BYTES = 48
"""Of a service's name are kept."""
REFUSALS_AT_MOST = 1024
KIND = 1000
"""Plus the kernel's number of a kind of program."""


class Beyond(IntEnum):
    """What may be wrong with a program beside its kind and its helpers."""

    TOO_LONG = 2000
    UNREADABLE = 2001
    KERNEL_FUNCTION = 2002


class NotedRefusal(ctypes.Structure):
    """Whose program it was, and what it wanted: a helper's number, or one of those above."""

    _fields_ = (("unit", ctypes.c_char * UNIT_BYTES), ("what", ctypes.c_uint32))


def _is_tracers(unit: str) -> str:
    """In C, whether a text begins as the names of tracers' services do."""
    return " && ".join(f"{unit}[{at}] == '{sign}'" for at, sign in enumerate(TRACER_UNIT_PREFIX))


DEFINES = {
    "REFUSAL_MEMBERS": members(NotedRefusal),
    **numbers("", Beyond),
    "KIND": str(KIND),
    "REFUSALS_AT_MOST": str(REFUSALS_AT_MOST),
    "UNIT_BYTES": str(UNIT_BYTES),
    "IS_TRACERS(unit)": f"({_is_tracers('unit')})",
}
