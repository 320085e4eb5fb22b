"""only EAGAIN (-11) is treated as an error, and all other errors as data"""

from grader.checks.call_table.table import WITH_DATA
from grader.mistakes.filters import the_container
from grader.mistakes.results import not_zero_or_eagain

from ..checks import TABLE
from ..traffic import SHORT

numbers = TABLE.counting(WITH_DATA, the_container, not_zero_or_eagain, rows=SHORT)
