"""What was done to a machine that became a lab host, kept on that machine."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from vm.errors import HostSetupError
from vm.machine_facts import Provisionable, Runs

FOLDER = "/var/lib/ebpf-lab"
RECORD = "provisioned.json"


@dataclass(frozen=True)
class Done:
    """What was done to a machine, kept on it in RECORD so that it can be undone."""

    packages: tuple[str, ...] = ()
    """Every package that came with ours, its dependencies too."""
    user: bool = False
    schema: int = 1


def read_record(host: Runs) -> Done:
    """What was done before; nothing when there is no record."""
    done = host.run(["cat", f"{FOLDER}/{RECORD}"], check=False)
    if done.exit_code != 0:
        return Done()
    try:
        kept = json.loads(done.stdout)
        return Done(tuple(map(str, kept["packages"])), bool(kept["user"]))
    except (ValueError, KeyError, TypeError) as error:
        raise HostSetupError(
            f"{FOLDER}/{RECORD} on the machine is damaged", f"rm {FOLDER}/{RECORD}   # there"
        ) from error


def write_record(host: Provisionable, done: Done) -> None:
    """Keep what was done on the machine itself, so any lab side can undo it."""
    host.write_files(FOLDER, {RECORD: json.dumps(asdict(done), indent=1).encode() + b"\n"})
