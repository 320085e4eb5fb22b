"""the port is the peer's, not the socket's own

tracer.bpf.c must take the socket's own port (TODO 2): the peer's is a client's, or a different server's
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..traffic import TABLE, with_helpers


def numbers(seen: Observation) -> Numbers:
    """No client of the server's has one of its ports; one of the helper's peers has."""
    found = dict(with_helpers(seen, sendto_port_8000="http.sendto"))
    for path in found:
        if path.split(".")[1] in TABLE.protocols and path != "calls.http.sendto":
            found[path] = 0
    return found
