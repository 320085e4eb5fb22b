"""the filter lets only the server's process through, and the container has more"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import main_process

from ..checks import TABLE

numbers = TABLE.counting(CALLS, main_process)
