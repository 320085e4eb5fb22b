"""A model whose work the request asks for: sleep SLEEP_MS, then compute for SPIN_MS (milliseconds)."""

import time
from typing import Any

import numpy  # type: ignore[import-not-found]  # both are in the container, not here
import triton_python_backend_utils as triton  # type: ignore[import-not-found]


def milliseconds(request: Any, name: str) -> float:
    """The input's number, 0 when the request does not carry it."""
    tensor = triton.get_input_tensor_by_name(request, name)
    return 0.0 if tensor is None else float(tensor.as_numpy()[0])


def spin(ms: float) -> None:
    """Keep one CPU busy for `ms` of this thread's own CPU time."""
    until_s = time.thread_time() + ms / 1000
    while time.thread_time() < until_s:
        pass


class TritonPythonModel:
    """Triton's Python backend finds a model by this name."""

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answer each request with the sum of its two numbers, once that work is done."""
        return [self.answer(request) for request in requests]

    def answer(self, request: Any) -> Any:
        sleep_ms, spin_ms = milliseconds(request, "SLEEP_MS"), milliseconds(request, "SPIN_MS")
        if sleep_ms > 0:
            time.sleep(sleep_ms / 1000)
        if spin_ms > 0:
            spin(spin_ms)
        done = numpy.array([sleep_ms + spin_ms], dtype=numpy.float32)
        return triton.InferenceResponse([triton.Tensor("DONE", done)])
