"""Addresses of ssh hosts, pinned host keys, and the grader's protocol over ssh."""

from __future__ import annotations

import base64
from pathlib import Path

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from grader.host import Host
from vm.connection import Connection
from vm.errors import HostSetupError, HostUnavailable
from vm.host_keys import PinnedKeys
from vm.ssh_host import SshAddress, SshHost


def as_grader_host(host: SshHost) -> Host:
    """For the type checker: the grader's protocol is kept without importing it in `vm`."""
    return host


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ("ssh://machine", SshAddress("machine")),
        ("ssh://root@machine", SshAddress("machine", "root")),
        ("ssh://root@10.0.0.7:2222", SshAddress("10.0.0.7", "root", 2222)),
        ("ssh://root@[fe80::1]:22/", SshAddress("fe80::1", "root", 22)),
    ],
)
def test_an_ssh_address_is_taken_apart(spec: str, address: SshAddress) -> None:
    assert SshAddress.parse(spec) == address
    assert as_grader_host(SshHost(address)) is not None


@pytest.mark.parametrize(
    "spec", ["", "machine", "ssh://", "ssh://@m", "ssh://m:0", "ssh://m:70000", "ssh://m:x", "ssh://a b/c"]
)
def test_what_is_no_ssh_address_is_refused_with_an_example(spec: str) -> None:
    with pytest.raises(HostSetupError, match="is no ssh address") as refused:
        SshAddress.parse(spec)
    assert refused.value.hint == "lab up --host ssh://root@machine:22"


def test_the_hint_of_a_lost_connection_is_the_users_own_ssh_command() -> None:
    assert SshHost(SshAddress("m", "root", 2222)).hint == "ssh -p 2222 root@m true"


def public_key() -> paramiko.PKey:
    made = Ed25519PrivateKey.generate().public_key()
    text = made.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    return paramiko.PKey.from_type_string(
        "ssh-ed25519", paramiko.Message(_decoded(text.split()[1])).asbytes()
    )


def _decoded(text: str) -> bytes:
    return base64.b64decode(text)


def test_a_pinned_key_is_accepted_on_any_port_and_another_key_on_none(tmp_path: Path) -> None:
    ours, other = public_key(), public_key()
    known = tmp_path / "known_hosts"
    known.write_text(f"# comment\n\nlab {ours.get_name()} {ours.get_base64()}\n")
    with paramiko.SSHClient() as client:
        PinnedKeys(known).missing_host_key(client, "[127.0.0.1]:4711", ours)
        with pytest.raises(paramiko.SSHException, match="another machine answers there"):
            PinnedKeys(known).missing_host_key(client, "[127.0.0.1]:4711", other)


def test_a_connection_that_was_never_opened_says_that_the_host_is_not_there() -> None:
    with pytest.raises(HostUnavailable) as lost:
        Connection("127.0.0.1", 1, "root", hint="lab up").run(["true"])
    assert lost.value.hint == "lab up"
