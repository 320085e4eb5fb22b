"""What the gate noted in the kernel, in words."""

from __future__ import annotations

import pytest

from grader.onhost.recorder.gate import refusals, words
from grader.onhost.recorder.noted_refusal import KIND, Beyond, NotedRefusal
from grader.onhost.recorder.questions import Refusal


def test_noted_refusals_are_told_with_the_tracers_service() -> None:
    noted = (
        NotedRefusal(unit=b"lab-tracer-1.service", what=109),
        NotedRefusal(unit=b"x", what=Beyond.TOO_LONG),
    )
    assert refusals(b"".join(bytes(one) for one in noted)) == (
        Refusal("lab-tracer-1.service", "bpf_send_signal"),
        Refusal("x", "more than 4,080 instructions"),
    )


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (36, "bpf_probe_write_user"),
        (7, "helper number 7"),
        (KIND + 29, "a program of the kind security hook"),
        (KIND + 3, "a program of the kind number 3"),
        (Beyond.UNREADABLE, "instructions that cannot be read"),
        (Beyond.KERNEL_FUNCTION, "a function of the kernel that is no helper"),
    ],
)
def test_every_number_of_the_gate_has_words(what: int, said: str) -> None:
    assert words(what) == said
