"""a call is counted only when it returned data

`calls` is counted in entered() in tracer.bpf.c, before anybody knows what the call returns
"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.mistakes.results import with_data

from ..checks import TABLE
from ..traffic import SHORT

numbers = TABLE.counting(CALLS, the_container, with_data, rows=SHORT)
