"""What Python says about the learner's own tracer.py."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.loading.complaint import Complaint, Line, Rule, complain

FRAME = re.compile(r'^  File "([^"]+)", line (\d+)(?:, in .*)?\n(?:    (.*)\n)?', re.MULTILINE)
LAST = re.compile(
    r"^(?:[\w.]+(?:Error|Exception|Interrupt|Exit|Iteration|Warning)|Exception)\b.*$", re.MULTILINE
)
OTHERS_CODE = ("/usr/", "/opt/", "<frozen")

RULES = (
    Rule(r"^(?:SyntaxError|IndentationError|TabError): (.*)", "python_syntax",
         "Python cannot read this line: {0}", "mend the brackets or the indentation there"),
    Rule(r"^(?:ModuleNotFoundError|ImportError): (.*)", "python_import",
         "{0}",
         "the names are `from bcc import BPF` and `from lab_tracer import ready, report, wait_for_stop`"),
    Rule(r"^NameError: name '(\w+)' is not defined", "python_name",
         "there is no {0} here", "mend its spelling, or set it before this line"),
    Rule(r"^PermissionError: (.*)", "not_permitted",
         "the jail does not allow this: {0}",
         "a tracer loads and attaches eBPF programs and reads their maps; packet sockets, other processes and"
         " most files are closed to it"),
    Rule(r"^(\w+Error): (.*)", "python_error", "Python stops here: {1} ({0})",
         "mend this line of your tracer"),
    Rule(r"^(\w+)$", "python_error", "Python stops here: {0}", "mend this line of your tracer"),
    Rule(r"^(?:\w+\.)*(\w+): (.*)", "python_error", "this stops with: {1}", "mend this line of your tracer"),
)  # fmt: skip


def python_complaint(stderr: str, sources: Mapping[str, str]) -> Complaint | None:
    """The last traceback, at the last line in it that is the learner's own."""
    ends = list(LAST.finditer(stderr))
    line = own_line(stderr, sources)
    # A tracer that does not catch SIGINT ends like this, and may: it is no complaint.
    if not ends or line is None or ends[-1][0].startswith("KeyboardInterrupt"):
        return None
    return complain(RULES, ends[-1][0], line)


def own_line(stderr: str, sources: Mapping[str, str]) -> Line | None:
    """The deepest frame of the learner's own code, not of a library."""
    last = None
    for found in FRAME.finditer(stderr):
        path = found[1]
        name = path.rsplit("/", 1)[-1]
        mine = name in sources if sources else not path.startswith(OTHERS_CODE)
        if mine and not path.startswith(OTHERS_CODE):
            last = Line(name, int(found[2]), found[3] or "")
    return last
