"""This machine as the lab host, when its kernel can."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Self

from vm.command import CommandFailed, CommandTimedOut, RawCompleted, ended_by_limit
from vm.errors import HostError, HostSetupError
from vm.file_transfer import tar_of, unpack_command
from vm.holder import held
from vm.host_probe import HostState, probe
from vm.host_work import work
from vm.line_process import LineProcess
from vm.machine_facts import ask_facts
from vm.pipe_channel import PipeChannel
from vocabulary.completed import Completed
from vocabulary.host_facts import HostFacts


class LocalHost:
    """Commands run here, as root (directly or through `sudo -n`). Satisfies `grader.host.Host`."""

    def __init__(self) -> None:
        self._prefix: tuple[str, ...] = () if os.geteuid() == 0 else ("sudo", "-n", "--")

    def __enter__(self) -> Self:
        """Raises HostSetupError when this user cannot become root without being asked."""
        if self._prefix and self.run(["true"], check=False).exit_code != 0:
            raise HostSetupError(
                "this machine as lab host needs root, and sudo asks for a password", "sudo -v"
            )
        return self

    def __exit__(self, *exc: object) -> None:
        pass  # nothing is kept open

    @functools.cached_property
    def facts(self) -> HostFacts:
        """Asked once."""
        return ask_facts(self, "local")

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed:
        """Run a command to its end. Raises CommandFailed (with `check`) or CommandTimedOut."""
        done = self._raw(argv, stdin, timeout_s).decoded()
        if check and done.exit_code != 0:
            raise CommandFailed(argv, done)
        return done

    def work(self, argv: Sequence[str], units: Sequence[str] = ()) -> Completed:
        """See `vm.host_work.work`."""
        return work(self, argv, units)

    def start(self, argv: Sequence[str]) -> LineProcess:
        """Start a program that is spoken to in lines; leaving its context closes its input and waits."""
        return LineProcess(PipeChannel([*self._prefix, *argv]))

    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Create `folder` if needed and write `files` (relative path -> content) below it, mode 0644."""
        self.run(unpack_command(folder), stdin=tar_of(files))

    def read_file(self, path: str, limit_bytes: int) -> bytes:
        """At most `limit_bytes` of a file. Raises CommandFailed when it cannot be read."""
        argv = ["head", "-c", str(limit_bytes), "--", path]
        done = self._raw(argv, b"", 60)
        if done.exit_code != 0:
            raise CommandFailed(argv, done.decoded())
        return done.stdout

    def forward(self, port: int) -> tuple[str, int]:
        """The port itself: it is on this machine."""
        return "127.0.0.1", port

    def _raw(self, argv: Sequence[str], stdin: bytes, timeout_s: float) -> RawCompleted:
        # The limit is `timeout`'s, inside sudo: what root started, this user could not end.
        limited = [*self._prefix, "timeout", "-k", "5", f"{timeout_s:g}", *argv]
        began = time.monotonic()
        try:
            done = subprocess.run(limited, input=stdin, capture_output=True, check=False)
        except OSError as error:
            raise HostError(f"{limited[0]} cannot be started: {error.strerror}", "lab doctor") from error
        if ended_by_limit(done.returncode, time.monotonic() - began, timeout_s):
            raise CommandTimedOut(argv, timeout_s)
        exit_code = done.returncode if done.returncode >= 0 else 128 - done.returncode
        return RawCompleted(exit_code, done.stdout, done.stderr)


def unfit(state: HostState) -> list[str]:
    """What this machine lacks to be a lab host, in words; empty when it is one."""
    wanted = [
        (state.system == "Linux", f"Linux (this is {state.system or 'unknown'})"),
        (state.kprobes, "a kernel with kprobes"),
        (state.btf, "a kernel with BTF"),
        (state.cgroup2, "control groups version 2"),
        (state.running_systemd, "systemd as the first process"),
        (state.headers, f"headers of the kernel {state.release}"),
        (state.bcc, "BCC for Python (python3-bpfcc)"),
        (state.bpftool, "bpftool"),
        (state.clang, "the compiler clang"),
        (state.docker, "a running Docker"),
        (state.bus, "a running message bus (dbus)"),
        (state.recorder_user, "the user lab-recorder"),
    ]
    return [words for there, words in wanted if not there]


@contextlib.contextmanager
def open_local_host(verb: str, progress: Callable[[str], None]) -> Iterator[LocalHost]:
    """This machine, held for one verb. Raises HostSetupError that names everything it lacks."""
    with LocalHost() as host:
        missing = unfit(probe(host))
        if missing:
            lacks = ", ".join(missing)
            raise HostSetupError(f"this machine cannot be the lab host, it lacks {lacks}", "lab up --host vm")
        with held(host, verb):
            yield host
