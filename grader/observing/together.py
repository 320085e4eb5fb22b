"""Several waits at the same time, without making Ctrl-C wait for them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

Result = TypeVar("Result")


def together(jobs: Sequence[Callable[[], Result]], name: str = "lab") -> list[Result]:
    """Each job in a thread of its own; their results in the jobs' order. The first error of any is raised.

    The threads are daemons: after Ctrl-C or an error nobody waits for what the others still do.
    """
    done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()

    def work(number: int, job: Callable[[], Result]) -> None:
        try:
            done.put((number, job(), None))
        except BaseException as error:
            done.put((number, None, error))

    for number, job in enumerate(jobs):
        threading.Thread(target=work, args=(number, job), name=f"{name}-{number}", daemon=True).start()
    results: dict[int, Result] = {}
    for _ in jobs:
        number, result, error = done.get()
        if error is not None:
            raise error
        results[number] = result  # type: ignore[assignment]  # a job that ended well has a result
    return [results[number] for number in range(len(jobs))]
