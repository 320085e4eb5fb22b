# expect: loaded limit_tasks
# alone: it would disturb whoever shares its run
"""A fork bomb."""

import os
import time

while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
