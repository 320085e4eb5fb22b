"""A tracer that Python waited for runs as if it had just been started: observed both ways."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.onhost.in_jail import lab_tracer, sitecustomize
from grader.onhost.jail.occupied import OccupiedJail
from grader.onhost.jail.options import COMMAND
from grader.onhost.jail.waiting import DOOR, FILES, knock, let_in

OBSERVE = """
import sys
modules = sorted(name for name in sys.modules if name != "sitecustomize")
import inspect, json, os, signal
streams = [sys.stdin, sys.stdout, sys.stderr]
print(json.dumps(dict(
    argv=sys.argv, orig_argv=sys.orig_argv, name=__name__, file=__file__, path=sys.path, modules=modules,
    names=sorted(globals()), main=sys.modules["__main__"].__file__, loader=str(type(__loader__)),
    cmdline=open("/proc/self/cmdline").read(), cwd=os.getcwd(), environ=dict(os.environ),
    sigint=str(signal.getsignal(signal.SIGINT)), sigchld=str(signal.getsignal(signal.SIGCHLD)),
    fds=sorted(int(fd) for fd in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + fd)),
    streams=[(one.fileno(), one.mode, one.encoding, one.errors, one.line_buffering, one.write_through,
              one.seekable(), str(type(one.buffer))) for one in streams],
    stdin=os.readlink("/proc/self/fd/0"), frames=len(inspect.stack()), traced=str(sys.excepthook),
)))
"""


class Attempt:
    """A folder with an attempt, and the two ways to run it. PYTHONPATH holds what it holds in the jail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / FILES
        self.files.mkdir()
        self.python = folder / "python"
        self.python.mkdir()
        for module in (lab_tracer, sitecustomize):
            shutil.copy(str(module.__file__), self.python)

    def environment(self) -> dict[str, str]:
        return {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(self.python)}

    def plainly(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        """As `python3 -u tracer.py </dev/null` of a shell."""
        (self.files / "tracer.py").write_text(script)
        return subprocess.run(
            ["/bin/sh", "-c", "exec python3 -u tracer.py </dev/null"],
            cwd=self.files,
            env={**self.environment(), **more},
            # Tests may run in the background of a shell, where it is ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def waited_for(
        self, script: str, ahead: str = "", skip_pids: int = 0, **more: str
    ) -> Iterator[OccupiedJail]:
        """As in a jail, whose files come when it waits already."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
            door.bind(str(self.folder / DOOR))
            door.listen(1)
            waits = subprocess.Popen(
                ["/bin/sh", "-c", COMMAND],
                cwd=self.files,
                env={**self.environment(), sitecustomize.DOOR: "3", sitecustomize.AHEAD: ahead},
                stdin=door.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        link = knock(self.folder)
        (self.files / "tracer.py").write_text(script)
        out, err = os.pipe(), os.pipe()
        let_in(link, more, skip_pids, out[1], err[1])
        os.close(out[1])
        os.close(err[1])
        jail = OccupiedJail(self.folder, link, os.fdopen(out[0], "rb"), os.fdopen(err[0], "rb"))
        with waits, jail.stdout, jail.stderr:
            try:
                yield jail
            finally:
                jail.let_go()
            assert waits.stdout is not None
            assert waits.stdout.read() == b""

    def both(
        self, script: str, **how: Any
    ) -> tuple[tuple[str, str, int | None], tuple[str, str, int | None]]:
        """What it printed, what it said on standard error, and its exit code: plainly, and waited for."""
        plain = self.plainly(script, LAB_TARGET_PID="7")
        with self.waited_for(script, LAB_TARGET_PID="7", **how) as jail:
            told = jail.stdout.read().decode(), jail.stderr.read().decode()
            end(jail)
        return (plain.stdout, plain.stderr, plain.returncode), (*told, jail.exit_code)


def end(jail: OccupiedJail) -> None:
    """Let go as the session does: when the tracer's process has ended."""
    pid = jail.tracer_pid()
    assert pid is not None
    with contextlib.suppress(ProcessLookupError):
        select.select([os.pidfd_open(pid)], [], [], 20)
    jail.let_go()
    assert jail.ended_in(20)


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    return Attempt(tmp_path)


def test_it_finds_itself_in_the_same_surroundings(attempt: Attempt) -> None:
    plain, waited = attempt.both(OBSERVE)
    assert json.loads(waited[0]) == json.loads(plain[0])
    assert waited[1:] == plain[1:]


def test_what_was_imported_ahead_is_the_only_difference(attempt: Attempt) -> None:
    plain, waited = attempt.both(OBSERVE, ahead="decimal no_such_module")
    found, usual = json.loads(waited[0]), json.loads(plain[0])
    assert set(found.pop("modules")) - set(usual.pop("modules")) >= {"decimal"}
    assert found == usual


@pytest.mark.parametrize(
    "script",
    [
        "def deeper():\n    raise ValueError('wrong')\n\ndeeper()\n",
        "def x(:\n",
        "raise SystemExit(7)\n",
        "raise SystemExit('why')\n",
        "import atexit\natexit.register(print, 'the end')\n1 / 0\n",
        "import os, sys\nprint('at once')\nos._exit(3)\n",
        "import threading\nthreading.Timer(0.2, print, ['late']).start()\n",
    ],
)
def test_it_ends_the_same_way(attempt: Attempt, script: str) -> None:
    plain, waited = attempt.both(script)
    assert waited == plain


def test_ctrl_c_reaches_it_as_it_reaches_any_python(attempt: Attempt) -> None:
    with attempt.waited_for("import time\nprint('READY')\ntime.sleep(60)\n") as jail:
        assert jail.stdout.readline() == b"READY\n"
        pid = jail.tracer_pid()
        assert pid is not None
        os.kill(pid, signal.SIGINT)
        assert jail.stderr.read().splitlines()[-1] == b"KeyboardInterrupt"
        end(jail)
    assert jail.exit_code == 128 + signal.SIGINT


def test_modules_that_an_attempt_brings_are_its_own_although_others_of_that_name_were_there(
    attempt: Attempt,
) -> None:
    (attempt.files / "decimal.py").write_text("MINE = True\n")
    plain, waited = attempt.both(
        "import decimal, os\nprint(decimal.MINE, len(os.environ))\n", ahead="decimal"
    )
    assert waited == plain


def test_its_process_number_skips_as_many_as_it_is_told(attempt: Attempt) -> None:
    script = "import os\nprint(os.getpid() - os.getppid())\n"
    with attempt.waited_for(script, skip_pids=5) as jail:
        assert int(jail.stdout.read()) > 5


def test_it_ends_when_its_session_is_gone(attempt: Attempt) -> None:
    with attempt.waited_for("import time\nprint('READY')\ntime.sleep(60)\n") as jail:
        assert jail.stdout.readline() == b"READY\n"
        jail.let_go()
        assert jail.ended_in(20)
        assert jail.exit_code is None
        pid = jail.tracer_pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)  # in the jail the kernel does it


def test_children_that_lost_their_parent_do_not_stay(attempt: Attempt) -> None:
    script = "import os\nos.write(1, b'parent ' if os.fork() else b'child ')\n"
    with attempt.waited_for(script) as jail:
        assert sorted(jail.stdout.read().split()) == [b"child", b"parent"]
        end(jail)
    assert jail.exit_code == 0
