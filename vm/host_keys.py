"""Which machine is at the other end: host keys that are pinned, or the ones the user's ssh knows."""

from __future__ import annotations

from pathlib import Path

import paramiko


class PinnedKeys(paramiko.MissingHostKeyPolicy):
    """Accepts exactly the keys in one known_hosts file, whatever name or port stands beside them.

    Our virtual machine gets another port at every start, and its key is made by this installation.
    """

    def __init__(self, known_hosts: Path) -> None:
        lines = [line.split() for line in known_hosts.read_text().splitlines()]
        self._keys = {(words[1], words[2]) for words in lines if len(words) >= 3 and words[0][0] not in "#@"}

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Called for every key, because no other known host is loaded. Raises for a key we did not make."""
        if (key.get_name(), key.get_base64()) not in self._keys:
            raise paramiko.SSHException("another machine answers there than the one we made")


def trust(client: paramiko.SSHClient, known_hosts: Path | None) -> None:
    """Pin `known_hosts` when given; otherwise trust what the user's own ssh trusts, and nothing new."""
    if known_hosts is not None:
        client.set_missing_host_key_policy(PinnedKeys(known_hosts))
        return
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
