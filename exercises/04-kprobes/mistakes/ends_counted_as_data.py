"""a return of 0, as at the end of a connection, is counted as data"""

from grader.checks.call_table.table import WITH_DATA
from grader.mistakes.filters import the_container
from grader.mistakes.results import not_negative

from ..checks import TABLE
from ..traffic import SHORT

numbers = TABLE.counting(WITH_DATA, the_container, not_negative, rows=SHORT)
