"""calls that returned 0, at the end of a connection, are not counted

a call that returns 0 is a call: what does tracer.bpf.c do at the exit before it adds to `calls`?
"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.mistakes.results import not_zero

from ..traffic import TABLE

numbers = TABLE.counting(CALLS, the_container, not_zero)
