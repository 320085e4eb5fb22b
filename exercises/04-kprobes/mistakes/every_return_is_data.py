"""every return is counted as data, errors and ends of connections too"""

from grader.checks.call_table.table import WITH_DATA
from grader.mistakes.filters import the_container
from grader.mistakes.results import anything

from ..checks import TABLE
from ..traffic import SHORT

numbers = TABLE.counting(WITH_DATA, the_container, anything, rows=SHORT)
