"""every return is counted as data, errors and ends of connections too

tracer.bpf.c needs a condition before `with_data` (TODO 3): what does args->ret say?
"""

from grader.checks.call_table.table import WITH_DATA
from grader.mistakes.filters import the_container
from grader.mistakes.results import anything

from ..traffic import TABLE

numbers = TABLE.counting(WITH_DATA, the_container, anything)
