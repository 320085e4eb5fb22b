"""Carries a `LineProcess` over the pipes of a child of this process."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Sequence

from vm.errors import HostError

CHUNK_BYTES = 64 * 1024


class PipeChannel:
    """A program on this machine. Raises HostError when it cannot be started."""

    def __init__(self, argv: Sequence[str]) -> None:
        try:
            # A session of its own: Ctrl-C is ours to pass on, by closing its input.
            self._child = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise HostError(f"{argv[0]} cannot be started: {error.strerror}", "lab doctor") from error

    def send(self, data: bytes) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(data)
            self._child.stdin.flush()
        except (OSError, ValueError) as error:
            raise HostError("a program on the lab host ended before it was told to") from error

    def close_stdin(self) -> None:
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):
            self._child.stdin.close()

    def stdout_lines(self) -> Iterator[bytes]:
        assert self._child.stdout is not None
        return iter(self._child.stdout)

    def stderr_chunks(self) -> Iterator[bytes]:
        assert self._child.stderr is not None
        while chunk := os.read(self._child.stderr.fileno(), CHUNK_BYTES):
            yield chunk

    def check_end(self) -> None:
        """There is no connection that could be lost."""

    def wait(self, timeout_s: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout_s)

    def close(self) -> None:
        """End it where closing its input did not. The pipes are left to their readers, who see the end."""
        if self._child.poll() is None:
            self._child.terminate()
            self.wait(5)
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()

    def release(self) -> None:
        """Close what is left of the pipes, after the readers have ended."""
        for pipe in (self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()
