"""calls that failed are not counted

a call that fails is a call: what does tracer.bpf.c do at the exit before it adds to `calls`?
"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.mistakes.results import not_negative

from ..traffic import TABLE

numbers = TABLE.counting(CALLS, the_container, not_negative)
