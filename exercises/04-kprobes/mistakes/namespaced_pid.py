"""the filter asks for process id 1, which the server has only inside its container"""

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import first_process

from ..checks import TABLE
from ..traffic import SHORT

# Without epoll_wait, which daemons call too: nobody but servers makes the others.
numbers = TABLE.counting(CALLS, first_process, rows=SHORT)
