"""The ssh keys of this installation: one to log in with, one the virtual machine shows. Made once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock


@dataclass(frozen=True)
class InstallationKeys:
    """Paths of private keys and of the known_hosts file that pins the machine's."""

    login: Path
    host: Path
    known_hosts: Path

    def in_guest(self) -> dict[str, bytes]:
        """Path below the guest's root -> content, of the keys that a machine of this installation has."""
        return {
            "root/.ssh/authorized_keys": self.login_public(),
            "etc/ssh/ssh_host_ed25519_key": self.host.read_bytes(),
            "etc/ssh/ssh_host_ed25519_key.pub": self.host.with_suffix(".pub").read_bytes(),
        }

    def login_public(self) -> bytes:
        """The line for authorized_keys."""
        return self.login.with_suffix(".pub").read_bytes()


def installation_keys(folder: Path) -> InstallationKeys:
    """The keys in `folder`, made when they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = InstallationKeys(folder / "login", folder / "host", folder / "known_hosts")
    with FileLock(folder / ".lock"):
        if not keys.login.exists():
            _make(keys.login)
        if not keys.host.exists():
            _make(keys.host)
        public = keys.host.with_suffix(".pub").read_text().split()
        keys.known_hosts.write_text(f"lab {public[0]} {public[1]}\n")
    return keys


def _make(path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    path.with_suffix(".pub").write_bytes(public + b" ebpf-lab\n")
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            )
        )
    # Last, and in one step: a private key that exists always has its public half.
    temporary.replace(path)
