"""the filter asks for process id 1, which the server has only inside its container

check in_target() in tracer.bpf.c (TODO 1): a container is a cgroup
"""

from __future__ import annotations

from grader.mistakes.filters import first_process

from ..streams import let_through

numbers = let_through(first_process)
