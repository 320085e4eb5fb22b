"""What this machine's Python can say of an attempt before a lab host is asked: milliseconds instead of a run.

Only what is certain is decided here, and in the form of a run that ended there: the checks judge it, and say
the same as they would after a real one.
"""

from __future__ import annotations

import ast
import os
import platform
import sys
import traceback
import warnings
from collections.abc import Iterator, Mapping

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.observation import BadReport, KernelFacts, Observation, TracerRun
from vocabulary.host_facts import HostFacts

HOST_PYTHON = (3, 13)
"""Of our own lab host, Debian 13. An older Python would take what is new in that one for a mistake."""
MAIN = "tracer.py"
FOLDER = "/run/attempt"
"""Where the files lie in the jail."""
NOT_NEEDED = "this machine (no lab host was needed)"


def read_here(
    exercise: Exercise, attempt: Attempt, seed: int, python: tuple[int, int] = sys.version_info[:2]
) -> Observation | None:
    """The run of a tracer that Python cannot read, as the lab host would have shown it.

    None where it can, or where only the lab host can tell.
    """
    said = "" if python < HOST_PYTHON else unreadable(attempt.files)
    if not said:
        return None
    return Observation(
        exercise=exercise.slug,
        seed=seed,
        attempt=attempt.digest,
        host=HostFacts(NOT_NEEDED, platform.release(), "none", os.cpu_count() or 1),
        target=None,
        traffic_ran=False,
        ledger=(),
        recordings=(),
        tracer=TracerRun(ready=False, ended_by="exited", exit_code=1, stderr_tail=said),
        report=BadReport("none"),
        kernel=KernelFacts(),
        sources=attempt.texts(),
    )


def unreadable(files: Mapping[str, bytes]) -> str:
    """What Python prints for the first of these files that it cannot read; empty where it reads them.

    Those are tracer.py and the modules it imports in any case: nobody misses what is not used.
    """
    said = syntax_error(MAIN, files.get(MAIN, b""))
    if said:
        return said
    for line, name in imported(files.get(MAIN, b"")):
        said = syntax_error(f"{name}.py", files.get(f"{name}.py", b""))
        if said:
            at = f'  File "{FOLDER}/{MAIN}", line {line}, in <module>\n'
            return f"Traceback (most recent call last):\n{at}{said}"
    return ""


def syntax_error(name: str, content: bytes) -> str:
    """What Python prints for it; empty where it reads the file, or where it may mean something else."""
    if b"\0" in content or not is_utf8(content):
        return ""  # each Python says something else
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(content, f"{FOLDER}/{name}", "exec", dont_inherit=True)
    except SyntaxError as error:
        if not error.lineno:
            return ""
        # What only the compiler finds has no text, which Python then takes from the file.
        error.text = error.text or "".join(content.decode().split("\n")[error.lineno - 1 : error.lineno])
        return "".join(traceback.format_exception_only(error))
    except (ValueError, MemoryError, RecursionError):
        return ""
    return ""


def is_utf8(content: bytes) -> bool:
    """Whether it is text as Python expects it."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def imported(source: bytes) -> Iterator[tuple[int, str]]:
    """(line, module) that a readable program imports whatever happens, in its order."""
    tree = parsed(source)
    for one in tree.body if tree else ():
        if isinstance(one, ast.Import):
            names = [alias.name for alias in one.names]
        elif isinstance(one, ast.ImportFrom) and not one.level:
            names = [one.module or ""]
        else:
            continue
        yield from ((one.lineno, name) for name in names if name not in sys.stdlib_module_names)


def silent_about_ready(attempt: Attempt) -> str:
    """A warning where nothing in the attempt's Python looks like saying READY; else empty.

    No more than a warning: any line that prints READY will do, whatever makes it.
    """
    trees = [parsed(content) for name, content in attempt.files.items() if name.endswith(".py")]
    if None in trees or any(says_ready(node) for tree in trees if tree for node in ast.walk(tree)):
        return ""
    return f"nothing in {MAIN} says READY: is ready() called after the last attach?"


def says_ready(node: ast.AST) -> bool:
    """Whether this piece of a program may be what says READY."""
    match node:
        case ast.Name(id="ready") | ast.Attribute(attr="ready"):
            return True
        case ast.alias(name="ready", asname=str()):
            return True
        case ast.Constant(value=str(text)):
            return "READY" in text
        case ast.Constant(value=bytes(raw)):
            return b"READY" in raw
    return False


def parsed(source: bytes) -> ast.Module | None:
    """The program; None where this Python cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
