"""Whether the numbers were counted in the kernel, or from the lines that programs print."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from grader.checks.own_maps import used_maps
from grader.checks.own_tracing import beside_tracer
from grader.found import Found, failed, passed, why
from grader.observation import MapFacts, Observation
from grader.place import kprobe
from grader.report.fields import report_fields

from .traffic import truth

EXECVE = kprobe("execve")
BUFFER_FILES = ("trace", "trace_pipe", "trace_pipe_raw")
BUFFER_READERS = ("trace_print", "trace_fields", "trace_readline", "trace_open")
"""BCC's."""


def counted(seen: Observation) -> Found:
    """Whether names of callers can have come through a map of its program on execve."""
    used = used_maps(seen, [one for one in seen.kernel.attachments if EXECVE.is_at(one)])
    known = report_fields(seen).counts("counts").keys() & truth(seen).keys()
    reading = reads_trace_buffer(seen)
    roomy = [one for one in seen.kernel.maps if has_room(one, len(truth(seen)), reading)]
    # Who reads printed lines may have counted those: a map with fewer keys than the report has callers is
    # not where they were counted. Without that it may have been emptied, and added up in Python.
    enough = not reading or any(one.entries is None or one.entries >= len(known) for one in roomy)
    if enough and any(one.id in used for one in roomy):
        return passed("your program on execve uses a map")
    # Without a map, most names of this run can only come from what the programs printed; one may be chance.
    return failed(why("trace_pipe_counted" if 2 * len(known) > len(truth(seen)) else "no_map"))


def has_room(one: MapFacts, callers: int, reading: bool) -> bool:
    """Whether names of so many callers can have come through this map.

    In an array with an entry for each they can, but nobody sees whether they did: of a tracer that reads
    printed lines as well it proves nothing.
    """
    if one.kind not in ("array", "percpu_array"):
        return True
    return not reading and one.max_entries >= callers


def reads_trace_buffer(seen: Observation) -> bool:
    """Whether the tracer reads what programs printed. That lines were printed says nothing: TODO 2 asks
    for one.
    """
    return seen.kernel.reads_trace_pipe or any(map(reads_buffer_in, beside_tracer(seen)))


def reads_buffer_in(source: str) -> bool:
    """Whether this Python file names the trace buffer's files, or BCC's functions that read them.

    The pipe can be seen open in the kernel; a look at `trace`, which is not taken away by reading, cannot.
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return False
    texts = [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    called = [one.attr for one in nodes if isinstance(one, ast.Attribute)]
    return any(PurePosixPath(text).name in BUFFER_FILES for text in texts) or any(
        name in BUFFER_READERS for name in called
    )
