"""The lab host of a verb that mostly waits: connection and next session stay, and others may use the host."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

from grader.host import Host
from grader.observing.session import OpenSession, open_session
from grader.observing.session_ahead import SessionAhead
from lab.hosts import Progress, open_host, start_embedded
from lab.settings import load_settings
from vm.embedded_host import VmHost
from vm.errors import HostError, HostInUse
from vm.open_vm import embedded_machine

LOOK_EVERY_S = 1.0

UseHost = Callable[[], AbstractContextManager[tuple[Host, OpenSession]]]
"""Holds the lab host for one check; with it comes what opens the check's sessions."""


@contextlib.contextmanager
def used_once(verb: str, progress: Progress) -> Iterator[tuple[Host, OpenSession]]:
    """The host for a verb that ends afterwards. Raises as `open_host` does."""
    with open_host(verb, progress) as host:
        yield host, partial(open_session, host)


class KeptHost:
    """A context manager: leaving it closes the connection."""

    def __init__(self, verb: str, progress: Progress) -> None:
        self._verb, self._progress = verb, progress
        self._undo = contextlib.ExitStack()
        self._kept: tuple[VmHost, SessionAhead] | None = None

    def __enter__(self) -> KeptHost:
        return self

    def __exit__(self, *exc: object) -> None:
        self._let_go()

    @contextlib.contextmanager
    def used(self) -> Iterator[tuple[Host, OpenSession]]:
        """The host for one of many checks, when no other verb holds it any more.

        Raises as `open_host` does, and may be tried again then.
        """
        with contextlib.ExitStack() as held:
            yield self._when_free(held)

    def _when_free(self, held: contextlib.ExitStack) -> tuple[Host, OpenSession]:
        said = ""
        while True:
            try:
                return held.enter_context(self._used_now())
            except HostInUse as error:
                if error.message != said:
                    self._progress(f"{error.message}, waiting for it")
                said = error.message
                time.sleep(LOOK_EVERY_S)

    @contextlib.contextmanager
    def _used_now(self) -> Iterator[tuple[Host, OpenSession]]:
        if load_settings().host != "vm":
            # Another machine is held from inside, for as long as the connection lives.
            with used_once(self._verb, self._progress) as host_and_sessions:
                yield host_and_sessions
            return
        machine = embedded_machine()
        with machine.use(self._verb):
            if self._kept is None or not self._kept[0].is_sound():
                self._let_go()
                host = self._undo.enter_context(start_embedded(self._progress, machine))
                self._kept = host, self._undo.enter_context(SessionAhead(host))
            yield self._kept[0], self._kept[1].open

    def _let_go(self) -> None:
        """Of a host that may be lost: what cannot be closed there is gone."""
        self._kept = None
        with contextlib.suppress(HostError):
            self._undo.close()
