"""The lab side of the session: what it makes of the host's messages."""

from __future__ import annotations

import json
import queue
from typing import Any

from grader.observing.session import Session


class Process:
    """A host that says what a test gives it, each time with the order's number."""

    stderr_text = ""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._messages = messages
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def send_line(self, line: str) -> None:
        for message in self._messages:
            self._lines.put(json.dumps({"id": json.loads(line)["id"], **message}))

    def read_line(self, timeout_s: float) -> str | None:
        try:
            return self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError from None


def test_that_the_host_still_works_on_an_order_is_no_answer_to_it() -> None:
    session = Session(
        Process({"working": True}, {"working": True}, {"ok": True, "seconds": 3}), lambda *_: None
    )
    try:
        assert session.order("recorder_on")["seconds"] == 3
    finally:
        session.close()
