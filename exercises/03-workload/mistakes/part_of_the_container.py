"""the filter knows only the server's process, or only its own cgroup, and misses a helper in a cgroup below

check in_target() in tracer.bpf.c (TODO 1): a cgroup below the container's belongs to the container too
"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import own_cgroup

from ..traffic import TABLE

numbers = TABLE.counting(CALLS, own_cgroup)
