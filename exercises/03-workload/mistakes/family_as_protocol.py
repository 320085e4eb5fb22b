"""every socket of the family INET6 is counted as gRPC, whatever its port

check kind_of() in tracer.py (TODO 4): what names the protocol is the socket's own port
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..traffic import with_helpers


def numbers(seen: Observation) -> Numbers:
    """The helper's calls on such a descriptor are in a row where they do not belong."""
    return with_helpers(seen, sendto_ipv6="grpc.sendto")
