"""Tells a person how long something still takes while it goes on, and learns from how long it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lab.built_in_pace import BUILT_IN
from lab.pace import Journey, about, known_left_s
from lab.pace_file import PaceFile

Progress = Callable[[str], None]

LOOK_EVERY_S = 5.0
AGAIN_S = 60.0
SILENCE_S = 180.0
"""After so long even the same words are said again."""
WORTH_TELLING_S = 20.0


class Wait:
    """Passes lines of progress on, with what is left among them. Lines may come from several threads."""

    def __init__(
        self,
        left_s: dict[str, float],
        until: str,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`until`: what is waited for, as a sentence (`the lab host is up`)."""
        self.left_s = left_s
        self._until, self._progress, self._clock = until, progress, clock
        self._journey = Journey(left_s)
        self._lock = threading.Lock()
        self._words, self._said_s = "", 0.0

    def __call__(self, line: str) -> None:
        """A line of progress."""
        with self._lock:
            self._progress(line)
            self._journey.passes(line, self._clock())
        if not self._words:
            self.look()

    def look(self) -> None:
        """Say what is left when it is time to."""
        with self._lock:
            now_s = self._clock()
            left_s = self._journey.left_s(now_s)
            if left_s is None or (left_s < WORTH_TELLING_S and not self._words):
                return
            words, silence_s = self._in_words(left_s), now_s - self._said_s
            if self._words and silence_s < (AGAIN_S if words != self._words else SILENCE_S):
                return
            self._words, self._said_s = words, now_s
            self._progress(f"    {words}")

    def _in_words(self, left_s: float) -> str:
        if not left_s:
            return "this takes longer than expected, and goes on"
        return f"{about(left_s)} left until {self._until}"

    def learned(self) -> dict[str, float]:
        """Now that it has ended: from each milestone to here."""
        return self._journey.learned(self._clock())


@contextmanager
def waiting(name: str, until: str, progress: Progress, file: PaceFile | None = None) -> Iterator[Progress]:
    """To be told all lines of progress of one wait; what ends well is remembered under `name`."""
    file = file or PaceFile.of_user()
    wait = Wait(expected_left_s(name, file), until, progress)
    ended = threading.Event()

    def look_now_and_then() -> None:
        while not ended.wait(LOOK_EVERY_S):
            wait.look()

    looking = threading.Thread(target=look_now_and_then, name="lab-waiting", daemon=True)
    looking.start()
    try:
        yield wait
    finally:
        ended.set()
        looking.join()
    if learned := wait.learned():
        file.learn(name, learned)


def expected_left_s(name: str, file: PaceFile | None = None) -> dict[str, float]:
    """What is known of a wait before it begins: milestone -> seconds from it to the end."""
    return known_left_s(BUILT_IN.get(name, {}), (file or PaceFile.of_user()).learned(name))
