"""Any machine with root over ssh as a lab host: `ssh://user@machine[:port]`."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from vm.connection import Connection
from vm.errors import HostSetupError
from vm.holder import held
from vm.machine_facts import ask_facts
from vm.provision import provision
from vocabulary.host_facts import HostFacts

SPEC = re.compile(
    r"ssh://(?:(?P<user>[^@/:]+)@)?(?P<machine>\[[0-9A-Fa-f:.]+\]|[^@/:\[\]]+)(?::(?P<port>\d+))?/?"
)


@dataclass(frozen=True)
class SshAddress:
    """What stands in `ssh://user@machine[:port]`; None: ~/.ssh/config or ssh's defaults decide."""

    machine: str
    user: str | None = None
    port: int | None = None

    @staticmethod
    def parse(spec: str) -> SshAddress:
        """Raises HostSetupError when `spec` is no such address."""
        found = SPEC.fullmatch(spec)
        if found is None or not 0 < int(found["port"] or 22) < 65536:
            raise HostSetupError(f"{spec} is no ssh address", "lab up --host ssh://root@machine:22")
        port = int(found["port"]) if found["port"] else None
        return SshAddress(found["machine"].strip("[]"), found["user"], port)

    def command(self, remote: str) -> str:
        """The ssh command that a person would type to run `remote` there."""
        login = f"{self.user}@{self.machine}" if self.user else self.machine
        return f"ssh {f'-p {self.port} ' if self.port else ''}{login} {remote}"


class SshHost(Connection):
    """A connection to such a machine that runs everything as root. Satisfies `grader.host.Host`."""

    def __init__(self, address: SshAddress) -> None:
        # The hint is how the user finds out: their own ssh asks about unknown machines and keys, we do not.
        super().__init__(address.machine, address.port, address.user, hint=address.command("true"))
        self.ssh_address = address

    def __enter__(self) -> Self:
        """Connect and become root. Raises HostUnavailable, or HostSetupError when root is not to be had."""
        super().__enter__()
        try:
            self._become_root()
        except BaseException:
            self.close()
            raise
        return self

    @functools.cached_property
    def facts(self) -> HostFacts:
        """Asked once."""
        return ask_facts(self, "ssh")

    def _become_root(self) -> None:
        user, uid = self.run(["sh", "-c", "id -un; id -u"]).stdout.split()
        if uid == "0":
            return
        if self.run(["sudo", "-n", "true"], check=False).exit_code != 0:
            raise HostSetupError(
                f"{user} is not root on {self.address} and has no sudo without a password there",
                f"lab up --host ssh://root@{self.address}",
            )
        self.use_sudo()


@contextlib.contextmanager
def open_ssh_host(spec: str, verb: str, progress: Callable[[str], None]) -> Iterator[SshHost]:
    """The machine behind `spec`, held for one verb, with what is missing installed. Raises HostError."""
    with SshHost(SshAddress.parse(spec)) as host, held(host, verb):
        provision(host, progress)
        yield host
