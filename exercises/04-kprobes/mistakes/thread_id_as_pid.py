"""a thread id is compared with a process id, so that only the main thread fits

check in_target() in tracer.bpf.c (TODO 1): a container is a cgroup, and has many threads
"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import main_thread

from ..checks import TABLE
from ..traffic import SHORT

# Without epoll_wait, which daemons call too: nobody but servers makes the others.
numbers = TABLE.counting(CALLS, main_thread, rows=SHORT)
LIKELIER_THAN = {"namespaced_pid": "pid and tid are easily swapped; process id 1 has to be looked up"}
