"""Steps that do not need each other, run beside each other; the first that fails ends the others."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

from filelock import FileLock

LOOK_EVERY_S = 0.2
END_S = 75.0
"""Steps ask `require_wanted` every second or two, and a program that is ended may tidy up for a minute."""

_unwanted: contextvars.ContextVar[threading.Event | None] = contextvars.ContextVar("unwanted", default=None)


class Unwanted(Exception):
    """A step beside this one has failed or was interrupted, so this one ends."""


def require_wanted() -> None:
    """Raise Unwanted in a step whose result nobody waits for any more; steps that wait ask this."""
    unwanted = _unwanted.get()
    if unwanted is not None and unwanted.is_set():
        raise Unwanted


@contextlib.contextmanager
def in_turn(lock: FileLock) -> Iterator[None]:
    """Hold `lock`; while another process has it, a step whose result nobody waits for any more ends."""
    while True:
        with contextlib.suppress(TimeoutError):
            lock.acquire(timeout=LOOK_EVERY_S)
            break
        require_wanted()
    try:
        yield
    finally:
        lock.release()


def side_by_side(*steps: Callable[[], Any]) -> list[Any]:
    """Run all to their ends; their results, in the same order. Raises what the first one to fail raised.

    Ctrl-C, which only reaches the main thread, ends all of them.
    """
    unwanted = threading.Event()
    results: list[Any] = [None] * len(steps)
    failures: list[BaseException] = []

    def run(at: int) -> None:
        _unwanted.set(unwanted)
        try:
            results[at] = steps[at]()
        except Unwanted:
            pass
        except BaseException as error:
            failures.append(error)
            unwanted.set()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, at), daemon=True)
        for at in range(len(steps))
    ]
    with contextlib.ExitStack() as ended:
        for thread in threads:
            ended.callback(thread.join, END_S)
            thread.start()
        ended.callback(unwanted.set)
        while any(thread.is_alive() for thread in threads) and not failures:
            # In slices: a thread that waits for another one without a limit does not see Ctrl-C.
            next((thread for thread in threads if thread.is_alive()), threads[0]).join(LOOK_EVERY_S)
            require_wanted()
    if failures:
        raise failures[0]
    return results
