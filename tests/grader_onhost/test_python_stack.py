"""Where a tracer waits is asked of its own Python, as on the lab host."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

from grader.onhost.in_jail import sitecustomize
from grader.onhost.tracer import python_stack
from grader.onhost.tracer.output import TracerOutput

SITECUSTOMIZE = Path(str(sitecustomize.__file__))

STACK = """Stack (most recent call first):
  File "/usr/lib/python3/dist-packages/bcc/__init__.py", line 1586 in trace_readline
  File "/run/attempt/own/reading.py", line 7 in lines
  File "/run/attempt/tracer.py", line 31 in <module>
"""


def test_the_innermost_line_of_the_attendees_own_is_the_place() -> None:
    assert python_stack.own_place(STACK) == "own/reading.py:7"
    assert python_stack.own_place("Stack (most recent call first):\n") == ""


def test_a_program_that_waits_says_where(tmp_path: Path) -> None:
    (tmp_path / "tracer.py").write_text("import sys\nprint('careful', file=sys.stderr)\nsys.stdin.read()\n")
    (tmp_path / "sitecustomize.py").write_bytes(SITECUSTOMIZE.read_bytes())
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-u", str(tmp_path / "tracer.py")],
        stdin=pipe,
        stderr=pipe,
        env={"PYTHONPATH": str(tmp_path)},
    ) as process:
        output = TracerOutput(lambda _line: None, lambda: None)
        reader = threading.Thread(target=output.read_stderr, args=(process.stderr,), daemon=True)
        reader.start()
        while "careful" not in output.stderr_tail():
            pass
        process.send_signal(signal.SIGUSR1)
        stack = output.take_stack(within_s=30)
        process.kill()
        reader.join()
    assert f'File "{tmp_path}/tracer.py", line 3 in <module>' in stack
    # What the tracer said itself stays.
    assert output.stderr_tail() == "careful\n"
