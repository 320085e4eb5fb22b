"""an error, a negative number, is counted as data

check the condition before `with_data` in tracer.bpf.c (TODO 3): on which side of 0 is an error?
"""

from grader.checks.call_table.table import WITH_DATA
from grader.mistakes.filters import the_container
from grader.mistakes.results import not_zero

from ..traffic import TABLE

numbers = TABLE.counting(WITH_DATA, the_container, not_zero)
