"""the peer's port counts as much as the socket's own

tracer.bpf.c must take the socket's own port alone (TODO 2): the peer's is a client's, or a different server's
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..traffic import with_helpers


def numbers(seen: Observation) -> Numbers:
    """The helper's calls on such a descriptor are in a row where they do not belong."""
    return with_helpers(seen, sendto_port_8000="http.sendto")
