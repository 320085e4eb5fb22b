"""The two streams: the answer on standard output, the talk on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

# rich leaves colour and spinners out by itself when the stream is no terminal or NO_COLOR is set.
answer = Console(highlight=False, soft_wrap=True)
talk = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One line of progress on standard error."""
    talk.print(text, markup=False)


def is_plain(console: Console = answer) -> bool:
    """Whether bars have no place here: no terminal, a dumb one, NO_COLOR, or an encoding without blocks."""
    unfit = console.is_dumb_terminal or console.no_color or not console.encoding.startswith("utf")
    return unfit or not console.is_terminal


def verdict_width() -> int:
    """Columns for a verdict: the terminal's, as far as lines stay readable; a file gets whole sentences."""
    return min(answer.width, 110) if answer.is_terminal else 110


def print_json(text: str) -> None:
    """JSON on standard output, untouched."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Print a stage as it starts and as it ends, with the seconds it took."""
    began = time.monotonic()
    say(f"== {name}: started")
    try:
        yield
    except BaseException:
        say(f"== {name}: stopped after {time.monotonic() - began:.1f} s")
        raise
    say(f"== {name}: ended after {time.monotonic() - began:.1f} s")
