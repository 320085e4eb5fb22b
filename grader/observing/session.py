"""The lab side of the session on the lab host: orders out, answers back, from any number of threads."""

from __future__ import annotations

import itertools
import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from grader.exercise import Recorder
from grader.host import Host, Process
from grader.target import Target
from grader.trouble import Kind, Trouble

COMMAND = ("env", "PYTHONPATH=/opt/lab", "python3", "-P", "-m", "onhost.session")

SLACK_S = 20.0
"""An order learns its own limit; ours, later one is for a host that says nothing any more."""

OnLine = Callable[[str, str], None]
"""Called with a tracer's name and a line it printed, for tracers started with `stream`."""


OpenSession = Callable[[OnLine], AbstractContextManager["Session"]]
"""`open_session` of a certain host, or what stands for it."""


class OrderFailed(Exception):
    """The lab host could not carry out an order. Our fault, unless `disturbed`."""

    def __init__(self, message: str, kind: Kind = Kind.PASSING, *, disturbed: bool = False) -> None:
        super().__init__(message)
        self.trouble = Trouble(message, kind)
        self.disturbed = disturbed
        """A process of ours ended in the middle of its work."""


class Session:
    """An `OrderChannel`. Made by `open_session`."""

    def __init__(self, process: Process, on_line: OnLine) -> None:
        self._process = process
        self.on_line = on_line
        self._numbers = itertools.count(1)
        self._send_lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[dict[str, Any] | BaseException]] = {}
        self._lost: BaseException | None = None
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, name="lab-session", daemon=True)
        self._reader.start()

    def order(self, name: str, timeout_s: float = 60.0, **params: Any) -> dict[str, Any]:
        """Have one order carried out and return its answer.

        Raises OrderFailed when the host says no, or nothing within `timeout_s` (neither an answer nor that it
        still works on it); the host's own error when the machine is lost.
        """
        number = next(self._numbers)
        answers: queue.SimpleQueue[dict[str, Any] | BaseException] = queue.SimpleQueue()
        self._waiting[number] = answers
        try:
            if self._lost is not None:
                raise self._lost
            with self._send_lock:
                self._process.send_line(
                    json.dumps({**params, "timeout_s": timeout_s, "id": number, "order": name})
                )
            while True:
                answer = answers.get(timeout=timeout_s + SLACK_S)
                if isinstance(answer, BaseException) or not answer.get("working"):
                    break
        except queue.Empty:
            raise OrderFailed(f"no answer to {name} within {timeout_s:g} s", Kind.BUSY) from None
        finally:
            del self._waiting[number]
        if isinstance(answer, BaseException):
            raise answer
        if not answer.get("ok"):
            raise OrderFailed(
                f"{name}: {answer.get('error', 'refused')}",
                Kind(answer.get("kind", Kind.PASSING)),
                disturbed=bool(answer.get("disturbed")),
            )
        return answer

    def close(self) -> None:
        """Stop listening. The reader ends by itself with the process, which is ended by who started it."""
        self._closing.set()

    def _read(self) -> None:
        """Hand every line to who waits for it, until the end."""
        try:
            while not self._closing.is_set():
                try:
                    line = self._process.read_line(1.0)
                except TimeoutError:
                    continue
                if line is None:
                    said = self._process.stderr_text.strip()[-500:]
                    raise OrderFailed(f"the session on the lab host ended{': ' + said if said else ''}")
                self._dispatch(line)
        except BaseException as error:
            self._lost = error
            for answers in list(self._waiting.values()):
                answers.put(error)

    def _dispatch(self, line: str) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            return  # a login shell's greeting
        if message.get("event") == "tracer_line":
            self.on_line(message["tracer"], message["line"])
        elif (answers := self._waiting.get(message.get("id", 0))) is not None:
            answers.put(message)


@contextmanager
def open_session(host: Host, on_line: OnLine = lambda _tracer, _line: None) -> Iterator[Session]:
    """A session on a host where `host_files.install` has been. Leaving it removes all it has there."""
    with host.start(COMMAND) as process:
        session = Session(process, on_line)
        try:
            yield session
        finally:
            session.close()


def recorder_on(session: Session, wish: Recorder, target: Target | None) -> dict[str, Any]:
    """Both recorders record what `wish` names, from now on.

    -> {notes: what this host cannot keep tracers from doing, functions: symbol -> offset in the target's
    binary}. Raises OrderFailed.
    """
    return session.order(
        "recorder_on",
        syscalls=list(wish.syscalls),
        whole_host=wish.whole_host,
        tasks=wish.tasks,
        fds=wish.fds,
        cgroup_id=target.cgroup_id if target else 0,
        cgroup_level=target.cgroup_level if target else 0,
        cgroup_path=target.cgroup_path if target else "",
        functions=list(wish.functions),
        binary=target.binary_path if target else "",
    )
