"""The module that attendees' tracers import, run as they run it: in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from grader.onhost.in_jail import lab_tracer

MODULE = Path(str(lab_tracer.__file__))


def python(script: str, **environment: str) -> subprocess.Popen[str]:
    # A copy of the module alone, as on the lab host: the folder around it is a package.
    start = "import importlib.util, sys\n" + LOAD + script
    return subprocess.Popen(
        [sys.executable, "-c", start, str(MODULE)],
        stdout=subprocess.PIPE,
        env={**os.environ, **environment},
        text=True,
    )


LOAD = """
spec = importlib.util.spec_from_file_location("lab_tracer", sys.argv[1])
lab_tracer = importlib.util.module_from_spec(spec)
sys.modules["lab_tracer"] = lab_tracer
spec.loader.exec_module(lab_tracer)
"""


def output(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return said


def test_the_target_comes_from_the_environment() -> None:
    script = "t = lab_tracer.target; print(t.container, t.cgroup_id, t.cgroup_level, t.pid, t.pids, t.binary)"
    variables = {"CONTAINER": "abc", "CGROUP_ID": "4242", "CGROUP_LEVEL": "2", "PID": "7", "PIDS": "7,8"}
    named = {f"LAB_TARGET_{name}": value for name, value in variables.items()}
    said = output(python(script, **named, LAB_TARGET_BINARY="/x/server"))
    assert said == "abc 4242 2 7 (7, 8) /x/server\n"


def test_without_a_target_everything_is_empty() -> None:
    script = "t = lab_tracer.target; print(repr(t.container), t.cgroup_id, t.pids)"
    assert output(python(script)) == "'' 0 ()\n"


def test_it_waits_until_sigint_polls_once_more_and_reports() -> None:
    process = python(
        "polled = []\n"
        "def poll():\n"
        "    polled.append(1)\n"
        "    print('polling', flush=True)\n"
        "lab_tracer.ready()\n"
        "lab_tracer.wait_for_stop(poll=poll, every_s=60)\n"
        "lab_tracer.report({'polled': len(polled)})\n"
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["READY\n", "polling\n"]
    process.send_signal(signal.SIGINT)
    assert output(process).splitlines() == ["polling", json.dumps({"polled": 2})]


def test_a_signal_during_poll_does_not_lose_what_poll_holds() -> None:
    process = python(
        "import os, signal\n"
        "done = []\n"
        "def poll():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    done.append(1)\n"
        "lab_tracer.ready()\n"
        "lab_tracer.wait_for_stop(poll=poll)\n"
        "lab_tracer.report({'done': len(done)})\n"
    )
    assert json.loads(output(process).splitlines()[-1]) == {"done": 2}


def test_who_waits_to_be_stopped_without_ready_says_so() -> None:
    process = python("lab_tracer.wait_for_stop()\n")
    assert process.stdout is not None
    assert process.stdout.readline() == "WAITS WITHOUT READY\n"
    process.send_signal(signal.SIGINT)
    assert output(process) == ""


def test_a_stop_may_come_as_soon_as_it_has_said_so() -> None:
    process = python(
        "import os, signal\n"
        "class StopsAtOnce:\n"
        "    def write(self, text):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    def flush(self):\n"
        "        pass\n"
        "shown, sys.stdout = sys.stdout, StopsAtOnce()\n"
        "lab_tracer.wait_for_stop(every_s=60)\n"
        "print('went on', file=shown)\n"
    )
    assert output(process) == "went on\n"


def test_a_report_without_numbers_json_lacks() -> None:
    script = "try:\n    lab_tracer.report({'x': float('nan')})\nexcept ValueError:\n    print('refused')"
    assert output(python(script)) == "refused\n"
