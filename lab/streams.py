"""Standard output and error that bear any text and any reader.

The standard library alone, because the launcher uses them before anything is installed.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Any, TextIO

PLAIN = {
    "✓": "+",
    "✗": "x",
    "…": "...",
    "·": "-",
    "\N{EN DASH}": "-",
    "—": "-",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    # No double quotes: the text may be JSON.
    "“": "'",
    "”": "'",
    "→": "->",
    "←": "<-",
    "▶": ">",
    "◀": "<",
    "▲": "^",
    "▼": "v",
    "\N{MULTIPLICATION SIGN}": "x",
    "≤": "<=",
    "≥": ">=",
    "±": "+-",
    "µ": "u",
    "─": "-",
    "│": "|",
    "\ufffd": "?",
    "█": "#",
    "▀": "#",
    "▄": "#",
    **dict.fromkeys("┌┐└┘├┤┬┴┼", "+"),
}
"""What a sign looks like where the terminal's encoding lacks it."""


class _Lasting(io.FileIO):
    """A file that goes on when its reader has gone: what nobody can read is dropped.

    So that `lab check 4 | head -1` ends with the verdict's exit code, and not with one of its own.
    """

    reader_gone = False
    failed = False

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            self.reader_gone = True
        except OSError:
            # Said once; what is still buffered must not say it again, as a traceback at the very end.
            if not self.failed:
                self.failed = True
                raise
        return memoryview(data).nbytes


def make_lasting() -> None:
    """Put such streams in the place of this process's own, once, before anything is printed."""
    codecs.register_error("readable", _readable)
    for number in range(3):
        _keep_taken(number)
    sys.stdout = _lasting(sys.stdout, 1)
    sys.stderr = _lasting(sys.stderr, 2)


def reader_gone() -> bool:
    """Whether whoever read standard output has gone: what would never end by itself ends then."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return isinstance(raw, _Lasting) and raw.reader_gone


def _lasting(stream: TextIO | None, number: int) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Lasting(number, "w", closefd=False)),
        # Without a stream (`>&-`) nobody reads it.
        encoding=stream.encoding if stream else "utf-8",
        errors="readable",
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )


def _keep_taken(number: int) -> None:
    """A closed standard stream's number must not become that of the next file we open."""
    try:
        os.fstat(number)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _readable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign) or _escaped(sign) for sign in text), error.end


def _escaped(sign: str) -> str:
    r"""`\u00e9`: a name stays the one name it is, and JSON stays JSON."""
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
