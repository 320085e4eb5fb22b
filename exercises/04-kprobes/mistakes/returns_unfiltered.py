"""only the entry is filtered, and every return with data on the whole machine is counted"""

from grader.checks.call_table.table import WITH_DATA
from grader.mistakes.filters import everybody
from grader.mistakes.results import with_data

from ..checks import TABLE

# Only the two servers call these.
numbers = TABLE.counting(WITH_DATA, everybody, with_data, rows=("readv", "writev"))
