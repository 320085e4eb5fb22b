"""Whether the tracer traces by itself, or has another tracing program do it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.checks.attached import listed
from grader.exercise import Check
from grader.found import Found, failed, passed, why
from grader.observation import Observation
from grader.sentences import said_in

TRACING = ("bpftrace", "strace", "ltrace", "perf", "tcpdump", "ss")
STARTERS = ("run", "Popen", "call", "check_call", "check_output", "getoutput", "system", "popen", "execvp")
"""Names of functions that start a program."""
BPFTRACE_MAP = "AT_"
"""How the names of bpftrace's maps begin: `@counts` is AT_counts in the kernel."""


def run_own_tracing(seen: Observation) -> Found:
    """What its files start, and what only bpftrace makes."""
    found = list(dict.fromkeys(name for text in beside_tracer(seen) for name in started(text)))
    if any(one.name.startswith(BPFTRACE_MAP) for one in seen.kernel.maps):
        found.append("bpftrace")
    if not found:
        return passed("it starts no other tracing program")
    return failed(why("other_tracer", programs=listed(found)), got=found)


own_tracing = Check(
    "own_tracing",
    "your tracer traces by itself, and starts no other tracing program",
    run_own_tracing,
    said_in("own_tracing"),
    gate=True,
    before_traffic=True,
)


def beside_tracer(seen: Observation) -> list[str]:
    """tracer.py and the modules beside it. Folders may hold anything: an older attempt, another exercise."""
    return [text for path, text in seen.sources.items() if path.endswith(".py") and "/" not in path]


def started(source: str) -> Iterator[str]:
    """Tracing programs that this Python file starts: the first word of a command."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return  # a tracer that has complained already
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if getattr(call.func, "attr", getattr(call.func, "id", "")) not in STARTERS:
            continue
        for words in call.args:
            command = words.elts[0] if isinstance(words, (ast.List, ast.Tuple)) and words.elts else words
            if isinstance(command, ast.Constant) and isinstance(command.value, str):
                name = (command.value.split() or [""])[0].rsplit("/", 1)[-1]
                if name in TRACING:
                    yield name
