"""the filter asks for the task's own cgroup, and misses the cgroups below the container's"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import own_cgroup

from ..checks import TABLE

numbers = TABLE.counting(CALLS, own_cgroup)
