"""Installing on a lab host whose recorder does not start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from grader.errors import RecorderDidNotStart
from grader.observing import host_files
from vocabulary.completed import Completed

WORDS = "the recorder does not run: there is no clang on this machine (what helps: `apt-get install clang`)"


class Host:
    """Everything works there but for what starts the recorder."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.facts: Any = None

    def run(self, argv: Sequence[str], **_: Any) -> Completed:
        return Completed(0, "", "")

    def work(self, argv: Sequence[str], units: Sequence[str] = ()) -> Completed:
        return Completed(0, f"{WORDS}\n" if argv[-1] == host_files.START else "", "")

    def write_files(self, folder: str, files: Any) -> None:
        self.written += files

    start: Any = None
    read_file: Any = None
    forward: Any = None


def test_a_recorder_that_does_not_start_is_told_in_its_own_words_and_is_not_taken_for_installed() -> None:
    host = Host()
    with pytest.raises(RecorderDidNotStart) as failed:
        host_files.install(host)
    assert (failed.value.message, failed.value.hint) == (
        WORDS,
        "lab shell   # then: journalctl -u lab-recorder -n 50",
    )
    assert "recorder/resident.py" in host.written
    assert "digest" not in host.written
