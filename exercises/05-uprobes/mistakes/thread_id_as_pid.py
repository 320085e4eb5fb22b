"""a thread id is compared with a process id, so that only the main thread fits

check in_target() in tracer.bpf.c (TODO 1): a container is a cgroup, and has many threads
"""

from __future__ import annotations

from grader.mistakes.filters import main_thread

from ..streams import let_through

numbers = let_through(main_thread)
LIKELIER_THAN = {"namespaced_pid": "pid and tid are easily swapped; process id 1 has to be looked up"}
