"""only calls that moved data are counted

check where tracer.bpf.c adds to `calls`: the condition (TODO 3) belongs to `with_data` alone
"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.mistakes.results import with_data

from ..traffic import TABLE

numbers = TABLE.counting(CALLS, the_container, with_data)
