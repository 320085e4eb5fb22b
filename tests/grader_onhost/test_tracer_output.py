"""What is kept of a tracer's output."""

from __future__ import annotations

import io

from grader.onhost.tracer.output import LIMIT_BYTES, LIMIT_LINES, TAIL_BYTES, TracerOutput


class Heard:
    """A TracerOutput that remembers what it told."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.floods = 0
        self.output = TracerOutput(self.lines.append, self._flood)

    def _flood(self) -> None:
        self.floods += 1

    def says(self, text: bytes) -> None:
        self.output.read_stdout(io.BufferedReader(io.BytesIO(text)))


def test_ready_is_a_line_of_its_own() -> None:
    heard = Heard()
    heard.says(b"not READY yet\nREADYISH\n")
    assert not heard.output.ready.is_set()
    heard.says(b"  READY\r\n")
    assert heard.output.ready.is_set() and heard.output.ready_ns > 0


def test_documents_are_told_apart_from_talk_and_by_sigint() -> None:
    heard = Heard()
    heard.says(b'hello\n{"count": 1}\n{"count": 2}\n')
    heard.output.stopping = True
    heard.says(b'bye\n{"count": 3}\n')
    assert (heard.output.documents_before, heard.output.last_before) == (2, b'{"count": 2}')
    assert heard.output.after == [b"bye", b'{"count": 3}']
    assert heard.output.stdout_tail() == "hello\nbye\n"


def test_a_last_line_without_an_end_counts() -> None:
    heard = Heard()
    heard.says(b'READY\n{"count": 211}')
    assert heard.output.last_before == b'{"count": 211}'
    assert heard.lines == [b"READY", b'{"count": 211}']


def test_output_beyond_the_limit_is_dropped_and_told_once() -> None:
    heard = Heard()
    heard.says(b"x" * (LIMIT_BYTES - 10))
    assert heard.floods == 0
    heard.says(b"y" * 100)
    heard.says(b"z" * 100)
    assert heard.floods == 1 and heard.output.exceeded
    assert "z" not in heard.output.stdout_tail()


def test_a_flood_of_short_lines_hits_the_limit_too() -> None:
    heard = Heard()
    heard.says(b"\n" * LIMIT_LINES)
    assert heard.floods == 0
    heard.says(b"\n")
    assert heard.floods == 1 and heard.output.exceeded


def test_of_talk_the_last_64_kib_are_kept() -> None:
    heard = Heard()
    heard.says(b"".join(b"%07d\n" % number for number in range(20_000)))
    assert len(heard.output.stdout_tail()) == TAIL_BYTES
    assert heard.output.stdout_tail().endswith("0019999\n")


def test_standard_error_is_kept_too_and_counts_against_the_limit() -> None:
    heard = Heard()
    heard.output.read_stderr(io.BufferedReader(io.BytesIO(b"e" * (LIMIT_BYTES + 1))))
    assert heard.output.stderr_tail() == "e" * TAIL_BYTES
    assert heard.floods == 1
