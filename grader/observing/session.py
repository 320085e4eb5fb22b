"""The lab side of the session on the lab host: orders out, answers back, from any number of threads."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from grader.host import Host, Process
from grader.onhost.contract.messages import Asked, Done, Failed, TracerLine, Working, from_line, to_line
from grader.onhost.contract.order import Order
from grader.onhost.contract.plain_data import PlainDataError
from grader.onhost.contract.recorder_orders import RecordedTarget, Recorder, RecorderIsOn, RecorderOn
from grader.target import Target
from grader.trouble import Kind, Trouble

COMMAND = ("env", "PYTHONPATH=/opt/lab", "python3", "-P", "-m", "onhost.session")

SLACK_S = 20.0
"""An order learns its own limit; ours, later one is for a host that says nothing any more."""

A = TypeVar("A")

AboutOrder = Working | Done | Failed
"""What the host says about an order."""

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
        self._waiting: dict[int, queue.SimpleQueue[AboutOrder | BaseException]] = {}
        self._lost: BaseException | None = None
        self._closing = threading.Event()
        self._reader = threading.Thread(target=self._read, name="lab-session", daemon=True)
        self._reader.start()

    def order(self, order: Order[A]) -> A:
        """Have one order carried out and return its answer.

        Raises OrderFailed when the host says no, or nothing within the order's `timeout_s` (neither an answer
        nor that it still works on it); the host's own error when the machine is lost.
        """
        number = next(self._numbers)
        messages: queue.SimpleQueue[AboutOrder | BaseException] = queue.SimpleQueue()
        self._waiting[number] = messages
        try:
            if self._lost is not None:
                raise self._lost
            with self._send_lock:
                self._process.send_line(to_line(Asked(number, order.name, order.params())))
            said: AboutOrder | BaseException = Working(number)
            while isinstance(said, Working):
                said = messages.get(timeout=order.timeout_s + SLACK_S)
        except queue.Empty:
            raise OrderFailed(f"no answer to {order.name} within {order.timeout_s:g} s", Kind.BUSY) from None
        finally:
            del self._waiting[number]
        if isinstance(said, BaseException):
            raise said
        if isinstance(said, Failed):
            why = f"{order.name}: {said.error or 'refused'}"
            raise OrderFailed(why, said.kind, disturbed=said.disturbed)
        try:
            return order.answered(said.answer)
        except PlainDataError as error:
            raise OrderFailed(f"{order.name}: {error}", Kind.BROKEN) from None

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
            for messages in list(self._waiting.values()):
                messages.put(error)

    def _dispatch(self, line: str) -> None:
        try:
            message = from_line(line)
        except ValueError:
            return  # a login shell's greeting
        if isinstance(message, TracerLine):
            self.on_line(message.tracer, message.line)
        elif not isinstance(message, Asked) and (waiting := self._waiting.get(message.id)) is not None:
            waiting.put(message)


@contextmanager
def open_session(host: Host, on_line: OnLine = lambda _tracer, _line: None) -> Iterator[Session]:
    """A session on a host where `host_files.install` has been. Leaving it removes all it has there."""
    with host.start(COMMAND) as process:
        session = Session(process, on_line)
        try:
            yield session
        finally:
            session.close()


def recorder_on(session: Session, recorder: Recorder, target: Target | None) -> RecorderIsOn:
    """Both recorders record what an exercise wants, from now on. Raises OrderFailed."""
    if target is None:
        return session.order(RecorderOn(recorder))
    whose = RecordedTarget(target.cgroup_id, target.cgroup_level, target.cgroup_path, target.binary_path)
    return session.order(RecorderOn(recorder, whose))
