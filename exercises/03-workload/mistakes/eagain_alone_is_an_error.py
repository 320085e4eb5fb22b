"""only EAGAIN (-11) is treated as an error, and all other errors as data

check the condition before `with_data` in tracer.bpf.c (TODO 3): every negative number is an error
"""

from grader.checks.call_table.table import WITH_DATA
from grader.mistakes.filters import the_container
from grader.mistakes.results import not_zero_or_eagain

from ..traffic import TABLE

numbers = TABLE.counting(WITH_DATA, the_container, not_zero_or_eagain)
