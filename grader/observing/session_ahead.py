"""The session of the next run, opened while nobody waits for it. Each still serves one run."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from grader.host import Host
from grader.observing.session import OnLine, Session, open_session


class SessionAhead:
    """Of one host. A context manager: leaving it ends the session that waits."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._waiting: Session | None = None
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> SessionAhead:
        return self

    def __exit__(self, *exc: object) -> None:
        self._undo.close()

    @contextlib.contextmanager
    def open(self, on_line: OnLine) -> Iterator[Session]:
        """As `open_session` of this host; when this run's has ended, the next one is opened."""
        session, self._waiting = self._waiting, None
        with self._undo.pop_all() as ending:
            if session is None:
                session = ending.enter_context(open_session(self._host))
            session.on_line = on_line
            yield session
        self._waiting = self._undo.enter_context(open_session(self._host))
