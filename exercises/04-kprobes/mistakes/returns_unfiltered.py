"""the filter holds at the entry alone, and every return on the machine that has data is counted"""

from grader.checks.call_table.table import WITH_DATA
from grader.mistakes.filters import everybody
from grader.mistakes.results import with_data

from ..checks import TABLE

# Only the two servers call these.
numbers = TABLE.counting(WITH_DATA, everybody, with_data, rows=("readv", "writev"))
